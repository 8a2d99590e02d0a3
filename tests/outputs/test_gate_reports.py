"""Each checklist's own report, from its gate's data alone; `CLEARANCE_GOLDEN=write` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.domain import ItemResult, OpenItemRow, Outcome, Remedy, ReviewDocument, Verdict
from agent.gates import Gate, ItemSpec
from agent.layouts import Debt
from agent.outputs import layout
from agent.outputs.html import render as html
from agent.outputs.markdown import render
from agent.policies.all import judgement
from agent.workflow.parts import rolled_up
from tests.builders import at, finding
from tests.drafting import builders
from tests.gates.seeds import OWN

GOLDEN = Path(__file__).parent / "golden"
MISSED = {
    "production-readiness": ("vulnerability_scans", "ethics"),
    "production-canvas": ("routing",),
    "readiness-scorecard": ("load_tested", "accessibility"),
    "deployment-readiness": ("rollback_3",),
}


EVIDENCE = {"test": "a" * 64, "examine": "b" * 64, "interview": "c" * 64}
TYPES = {"a" * 64: "datadog.metric", "b" * 64: "documents.file", "c" * 64: "attestation.answers"}


def result(spec: ItemSpec, verdict: Verdict) -> ItemResult:
    outcome = Outcome.PASS if verdict is Verdict.MET else Outcome.FAIL
    return ItemResult(
        number=spec.number, id=spec.id, title=spec.title, methods=spec.methods, verdict=verdict,
        findings=(finding(outcome),), owner="Mike Chen", remedy=Remedy(who="", how=spec.remediation.how, recheck=""),
        category=spec.category, critical=spec.critical, severity=spec.severity, parent=spec.parent, seed=spec.seed,
        evidence=tuple(EVIDENCE[method] for method in spec.methods),
    )  # fmt: skip


def document(gate: Gate, *missed: str) -> ReviewDocument:
    rows = [result(spec, Verdict.NOT_MET if spec.id in missed else Verdict.MET) for spec in gate.items]
    items = rolled_up(rows)
    found = judgement(items, (), gate.policy)
    told = {
        "gate": gate.id, "gate_title": gate.title, "items": items, "proposal": found.decision, "score": found.score,
        "categories": gate.categories, "layout": gate.report, "files": gate.files, "signers": (), "notes_for": (),
        "evidence": TYPES, "summary": (), "summary_lines": (), "overview": (),
    }  # fmt: skip
    return builders.document([], [], []).model_copy(update=told)


@pytest.mark.parametrize("name", sorted(MISSED))
def test_the_report_reads_as_the_golden_file(name: str):
    text = render(document(OWN.gate(name), *MISSED[name]), [])
    path = GOLDEN / f"{name}.md"
    if os.environ.get("CLEARANCE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")

    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(MISSED))
def test_page_and_text_show_the_same_sections(name: str):
    """And each of the checklist's own lines."""
    review = document(OWN.gate(name), *MISSED[name])
    page, text = html(review, []), render(review, [])

    for section in review.layout:
        assert f"<h2>{section.title}</h2>" in page.replace("&#39;", "'")
        assert f"## {section.title}" in text.replace("\\", "")
    assert page.count("<h2>The sum</h2>") == 1


# --- actions, blockers, debt, and when it may be done ----------------------------------------------------------------


def planned(item: int, due: str) -> OpenItemRow:
    return OpenItemRow(
        item=item, missing="Run the load test", owner="mike.chen", due=at(due), by="Mike Chen", proven=True, digest="d"
    )


def shown(review: ReviewDocument, title: str) -> layout.Block:
    return next(block for block in layout.blocks(review, review.layout) if block.title == title)


def test_an_action_has_the_owner_and_date_that_people_gave():
    """By severity: what is critical comes at once."""
    gate = OWN.gate("readiness-scorecard")
    review = document(gate, "load_tested", "accessibility")
    load = next(item.number for item in gate.items if item.id == "load_tested")
    dated = review.model_copy(update={"planned": (planned(load, "2026-06-20T12:00"),)})

    assert shown(dated, "Actions at once (24 to 48 hours)").rows == (
        (str(load), "Run the load test", "mike.chen", "20 June 2026, 12:00 EDT"),
    )
    ((number, _, owner, until),) = shown(review, "Actions after that (two to four weeks)").rows
    assert (number, owner, until) == ("32", "Mike Chen", layout.NO_DATE)
    assert [row[0] for row in shown(review, "Critical blockers").rows] == [str(load)]


def estimate(review: ReviewDocument) -> str:
    return shown(review, "Estimated time to production").lines[-1]


def test_the_time_to_production_is_worked_out_or_not_told():
    """From owners' dates alone."""
    gate = OWN.gate("readiness-scorecard")
    load = next(item.number for item in gate.items if item.id == "load_tested")
    one, none = document(gate, "load_tested"), document(gate)
    dated = one.model_copy(update={"planned": (planned(load, "2026-06-20T12:00"),)})

    assert estimate(none) == "Nothing is left to do before production."
    assert estimate(one).startswith("It cannot be told yet: 1 of 1 actions")
    assert estimate(dated) == "8 days: the last of 1 actions is due at 20 June 2026, 12:00 EDT."


def test_debt_stands_where_people_put_it():
    debt = Debt(
        what="Old parser",
        touches="code",
        stands="strategic",
        why="It goes.",
        plan="In autumn.",
        by="Ravi Anand",
        digest="d",
    )
    review = document(OWN.gate("readiness-scorecard")).model_copy(update={"debts": (debt,)})

    assert [row[0] for row in shown(review, "Strategic debt, acceptable for launch").rows] == ["Old parser"]
    assert shown(review, "Unacceptable debt").rows == ()
    assert "None." in shown(review, "Unacceptable debt").lines


def test_a_further_file_ticks_only_what_is_met():
    gate = OWN.gate("readiness-scorecard")
    checklist = next(file for file in gate.files if file.name == "deployment-checklist.md")
    text = layout.file(document(gate, "load_tested"), checklist).decode()

    assert (text.count("☑"), text.count("☐")) == (len(gate.items) - 1, 1)
