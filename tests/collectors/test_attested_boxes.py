"""Answers to boxes, debt, counts of tests, exemptions: the latest about each counts, and nothing is made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collectors.connections import Connections, Decided, DecisionAccess
from collectors.decisions import DecisionAsk, DecisionFacts, decision
from collectors.evidence import Evidence, Gap, GapReason, resolve
from collectors.statements import AcceptanceFacts, AnswersFacts, DebtFacts, TestsFacts
from tests.collectors.statement_store import NOW, SUBJECT, Store, new_store, said

MAY, JUNE = "2026-05-20T09:00:00-04:00", "2026-06-10T09:00:00-04:00"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path)


def boxes(author: str, made_at: str, gate: str = "g", part: str = "s1", **given: dict[str, Any]):
    return said("answers", author, made_at, {"gate": gate, "part": part, "boxes": given})


def test_each_box_has_its_latest_answer_by_whoever_gave_it(store: Store):
    """Several people answer parts of one square; a later answer to a box takes the earlier one's place."""
    store.sign("one", boxes("ann.lee", MAY, a={"says": "yes"}, b={"says": "yes", "confidence": 90}))
    store.sign("two", boxes("bo.kim", JUNE, a={"says": "no", "note": "It broke"}))
    store.sign("other", boxes("bo.kim", JUNE, gate="another", a={"says": "yes"}))
    facts = store.evidence("answers", gate="g", part="s1").facts

    assert isinstance(facts, AnswersFacts)
    told = {box.item: (box.statement.author.id, box.says.value, box.note and box.note.value) for box in facts.boxes}
    assert told == {"a": ("bo.kim", "no", "It broke"), "b": ("ann.lee", "yes", None)}
    assert [box.confidence and box.confidence.value for box in facts.boxes] == [None, 90]


def test_a_part_that_nobody_answered_is_gone_and_names_its_form(store: Store):
    gap = store.gap("answers", gate="g", part="s1")

    assert gap.reason is GapReason.GONE
    assert "clearance gates form g s1" in gap.next_step


def test_the_latest_list_of_debt_takes_the_place_of_the_one_before(store: Store):
    row = {"what": "Old parser", "kind": "code", "touches": "maintainability", "stands": "strategic", "why": "It goes.",
           "plan": "In autumn.", "until": "2026-09-30"}  # fmt: skip
    store.sign("one", said("debt", "ann.lee", MAY, {"gate": "g", "debts": []}))
    store.sign("two", said("debt", "bo.kim", JUNE, {"gate": "g", "debts": [row]}))
    found = store.evidence("debt", gate="g")

    assert isinstance(found.facts, DebtFacts)
    (debt,) = found.facts.debts
    assert (debt.what.value, debt.stands.value, str(debt.until and debt.until.value)) == (
        "Old parser",
        "strategic",
        "2026-09-30",
    )
    assert resolve(found.body, debt.what.pointer) == "Old parser"
    assert store.gap("debt", gate="another").reason is GapReason.GONE


def test_a_count_of_tests_names_those_that_failed(store: Store):
    failed = [{"what": "Three ledgers", "why": "A later release."}]
    store.sign("one", said("tests", "ann.lee", MAY, {"passed": 4, "of": 5, "where": "the release", "failed": failed}))
    found = store.evidence("tests")

    assert isinstance(found.facts, TestsFacts)
    assert (found.facts.passed.value, found.facts.of.value) == (4, 5)
    assert [resolve(found.body, one.pointer) for one in found.facts.failed] == ["Three ledgers"]


def test_more_passed_than_were_run_is_refused(store: Store):
    store.sign("one", said("tests", "ann.lee", MAY, {"passed": 6, "of": 5, "where": "the release"}))

    assert store.gap("tests").reason is GapReason.MALFORMED


def test_an_exemption_can_be_taken_back(store: Store):
    given = {"gate": "g", "requested_by": "bo.kim"}
    store.sign("one", said("not_applicable", "ann.lee", MAY, {**given, "items": {"3": "It has none", "4": "Nor this"}}))
    store.sign("two", said("not_applicable", "cy.diaz", JUNE, {**given, "applies": [3]}))
    facts = store.evidence("acceptances").facts

    assert isinstance(facts, AcceptanceFacts)
    assert [(row.item, row.reason, row.statement.author.id) for row in facts.not_applicable] == [
        (4, "Nor this", "ann.lee")
    ]


# --- another gate's decision -----------------------------------------------------------------------------------------

ASK = DecisionAsk(subject=SUBJECT, version="1.0", gate="g")


def decided(found: Decided | None) -> Evidence | Gap:
    conn = Connections(clock=lambda: NOW, clearance=DecisionAccess("file:///home", lambda s, v, g: found))
    (answer,) = decision(conn, [ASK])
    assert isinstance(answer, Evidence | Gap)
    return answer


def test_a_decision_is_evidence_of_our_own_registry():
    """And sandbox where the review behind it was."""
    found = decided(Decided("rv-1", "cleared", NOW, sandbox=True, digest="d1"))

    assert isinstance(found, Evidence)
    assert isinstance(found.facts, DecisionFacts)
    assert found.source.sandbox
    assert resolve(found.body, found.facts.decision.pointer) == "cleared"


def test_a_decision_that_lets_nothing_through_holds_until_no_time():
    found = decided(Decided("rv-1", "revoked", None, sandbox=False, digest="d1"))

    assert isinstance(found.facts, DecisionFacts) if isinstance(found, Evidence) else False
    assert isinstance(found, Evidence)
    assert isinstance(found.facts, DecisionFacts)
    assert found.facts.holds_until is None


def test_nothing_signed_is_a_gap_and_so_is_no_registry():
    gone, (none,) = decided(None), decision(Connections(clock=lambda: NOW), [ASK])

    assert isinstance(gone, Gap)
    assert isinstance(none, Gap)
    assert (gone.reason, none.reason) == (GapReason.GONE, GapReason.NOT_CONFIGURED)
    assert "clearance assess ledger-bot --gate g" in gone.next_step
