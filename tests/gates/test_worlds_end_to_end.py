"""Each gate over real worlds: stand-ins, signed statements, documents; proposal, exit code, label, and the sum as told.

A world is the put-right one with what people say changed. One home and one set of stand-ins serve them all.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import ValidationError

from agent import resources
from agent.domain import ReviewDocument, SignOffDecision
from agent.outputs.markdown import render
from agent.service import signing
from agent.service.assess import assess
from agent.surfaces.commands.assessing import code_of
from agent.surfaces.demo_world import lay_out
from collectors.statement_fields import NotApplicableFields
from tests.acceptance.conftest import SUBJECT, Desk, RunningWorld, desk_over, open_all
from tests.gates import made_worlds as make
from tests.gates.seeds import OWN

PILOT, CHECKLIST, SCORECARD = "pilot-to-prod", "production-readiness", "readiness-scorecard"
CANVAS, DEPLOYMENT = "production-canvas", "deployment-readiness"
GATES = (PILOT, CHECKLIST, SCORECARD, CANVAS, DEPLOYMENT)


@dataclass(frozen=True)
class Place:
    """One home over the running world; its overlay is laid out anew for each world."""

    desk: Desk
    source: Path

    def at(self, gate: str, change: make.Change | None = None, *, unplugged: bool = False) -> ReviewDocument:
        """What the gate makes of this world; unplugged, no source is configured."""
        made = self.desk.home.with_name("made")
        shutil.rmtree(made, ignore_errors=True)
        shutil.copytree(self.source, made)
        if change:
            change(made)
        lay_out(made, self.desk.overlay, self.desk.keys)
        deps = self.desk.deps(*({*self.desk.world.settings} - {"CLEARANCE_CLOCK"} if unplugged else ()))
        document = assess(deps, SUBJECT, gate).document
        deps.engine.dispose()
        return document


@pytest.fixture(scope="module")
def place(put_right_world: RunningWorld, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """With the readiness checklist signed by its five roles, which the canvas asks for."""
    desk = desk_over(put_right_world, tmp_path_factory.mktemp("worlds"))
    as_it_is = Place(desk, resources.folder("config") / "worlds/put-right/overlay")
    document = as_it_is.at(CHECKLIST)
    for needed in document.signers:
        deps = desk.deps(CLEARANCE_KEY=str(desk.keys / f"{needed.people[0]}.pem"))
        who = signing.caller(deps)
        open_all(deps, who, document.review)
        signing.sign(deps, who, document.review, needed.role, SignOffDecision.CLEARED)
    return as_it_is


def told(document: ReviewDocument) -> tuple[str, int, str]:
    """Proposal, exit code and the checklist's own word."""
    return document.proposal.value, code_of(document, OWN.gate(document.gate)), label(document)


def label(document: ReviewDocument) -> str:
    return document.score.label if document.score else ""


def whole(document: ReviewDocument) -> str:
    """The last line of the sum as the report has it: what is done of what, and its share."""
    text = render(document, [])
    table = text[text.index("## The sum") :].split("\n\n")[1]
    _, _, done, share, *_ = table.splitlines()[-1].split("|")
    return f"{done.strip()} = {share.strip()}"


READY = {
    PILOT: ("cleared", 0, ""), CHECKLIST: ("cleared", 0, "DEPLOY"), SCORECARD: ("cleared", 0, "READY"),
    CANVAS: ("cleared", 0, "DEPLOY"), DEPLOYMENT: ("cleared", 0, "READY TO PROCEED"),
}  # fmt: skip


SQUARES = {  # boxes of the readiness checklist that one person answers, each by itself
    "s7": ("tuning_decision", "cost_performance_routing", "several_providers", "benchmarked", "cost_per_interaction"),
    "s2": ("availability", "throughput", "recovery_time", "failover_written", "cost_limits"),
}


def missed(count: int) -> make.Change:
    """So many boxes of the readiness checklist are answered with no."""
    rows = [(part, box) for part, boxes in SQUARES.items() for box in boxes][:count]
    return make.all_of(*(make.no(CHECKLIST, part, box) for part, box in rows))


def of_scorecard(part: str, *boxes: str) -> make.Change:
    return make.no(SCORECARD, part, *boxes)


THREE = of_scorecard("monitoring", "application", "performance_watched", "business_metrics")
EXACTLY_80 = make.all_of(
    THREE, of_scorecard("data", "migration", "data_quality"), of_scorecard("testing", "critical_path"),
    of_scorecard("experience", "accessibility"),
)  # fmt: skip
JUST_ABOVE_80 = make.all_of(
    THREE, make.no(*make.SHARED, "error-tracking"), of_scorecard("data", "migration"),
    of_scorecard("testing", "critical_path"), of_scorecard("infrastructure", "pipeline"),
)  # fmt: skip


def scenarios(passed: int, of: int) -> make.Change:
    """So many scenarios passed, and each of the others is explained."""
    rest = [{"what": f"Scenario {n}", "why": "It is for a later release."} for n in range(of - passed)]
    return make.stated(
        "tests", "tests", "julia.weiss", {"passed": passed, "of": of, "where": "staging", "failed": rest}
    )


BLOCKED = "blocked"
COUNTED = [
    # one critical miss
    (CHECKLIST, make.no(*make.SHARED, "unified-platform"), (BLOCKED, 20, "DEFER"), "94 of 95 = 98.9 %"),
    (SCORECARD, make.no(*make.SHARED, "vulnerability-scans"), (BLOCKED, 20, "BLOCKED"), "19 of 20 = 95 %"),
    (CANVAS, make.no(CANVAS, "before", "poc_built"), (BLOCKED, 20, "STOP"), "53 of 54 = 98.1 %"),
    (
        DEPLOYMENT,
        make.no(DEPLOYMENT, "approvals", "approved_security"),
        (BLOCKED, 20, "NOT READY"),
        "54 of 55 = 98.1 %",
    ),
    # 90 % from either side: 85.5 of 95 boxes would be the limit; just below 100 % stands above
    (CHECKLIST, missed(9), (BLOCKED, 20, "DEFER"), "86 of 95 = 90.5 %"),
    (CHECKLIST, missed(10), (BLOCKED, 20, "DEFER"), "85 of 95 = 89.4 %"),
    # more than 80 % of the whole: the nearest that people's answers reach are exactly 80 % and 961 of 1200
    (SCORECARD, EXACTLY_80, (BLOCKED, 20, "NEEDS WORK"), "4 of 5 = 80 %"),
    (SCORECARD, JUST_ABOVE_80, ("cleared", 0, "READY"), "961 of 1200 = 80.0 %"),
    # more than 90 % of four questions on performance, and of five on security: all of them, or not enough
    (SCORECARD, of_scorecard("performance", "scalability"), (BLOCKED, 20, "NEEDS WORK"), "19 of 20 = 95 %"),
    (SCORECARD, make.without("quiz-sam", "quiz-sam-marks"), (BLOCKED, 20, "NEEDS WORK"), "14 of 15 = 93.3 %"),
    # each stage of the canvas in its turn; in the first, what the checklist was signed over is gone as well
    (CANVAS, make.no(*make.SHARED, "model-routing"), (BLOCKED, 20, "DO NOT DEPLOY"), "52 of 54 = 96.2 %"),
    (CANVAS, make.no(CANVAS, "squares", "square_9"), (BLOCKED, 20, "DO NOT DEPLOY"), "53 of 54 = 98.1 %"),
    # 75 % of the scenarios, exactly and one short
    (DEPLOYMENT, scenarios(15, 20), ("cleared", 0, "READY TO PROCEED"), "55 of 55 = 100 %"),
    (DEPLOYMENT, scenarios(14, 20), (BLOCKED, 20, "NOT READY"), "54 of 55 = 98.1 %"),
]


def not_scheduled_yet(card: dict[str, dict[str, object]]) -> None:
    card["launch"]["holidays"] = ["2026-07-03"]  # so that launch is more than two business days away


def approved_late(card: dict[str, dict[str, object]]) -> None:
    card["targets_approved"]["on"] = "2026-05-20"


WAIVED = {
    "item": 2, "reason": "The watchers are on leave until launch", "requested_by": "mike.chen",
    "compensating": "The platform team looks every morning", "expires": "2026-07-01T00:00:00-04:00",
}  # fmt: skip
WARNINGS = (
    make.all_of(make.edited("comms-all-hands-digest", scheduled_at=None), make.card(not_scheduled_yet)),
    make.card(approved_late),
    make.all_of(make.without("watch"), make.stated("waiver", "waiver", "priya.shah", WAIVED)),
)
MATRIX = [
    (WARNINGS[:1], ("conditional", 10), [8]),
    (WARNINGS[:2], ("conditional", 10), [1, 8]),
    (WARNINGS, (BLOCKED, 20), [1, 2, 8]),
    ((make.edited("drill", in_flight_at_flip=0),), (BLOCKED, 20), [9]),
]


@pytest.mark.parametrize(("changes", "wanted", "open_items"), MATRIX)
def test_the_matrix_takes_two_warnings_and_no_third(
    place: Place, changes: tuple[make.Change, ...], wanted: tuple[str, int], open_items: list[int]
):
    """And forgives no drill in which nothing was in flight."""
    document = place.at(PILOT, make.all_of(*changes))

    assert told(document)[:2] == wanted
    assert [item.number for item in document.items if item.verdict.value not in ("met", "pending")] == open_items


@pytest.mark.parametrize("gate", GATES)
def test_ready(place: Place, gate: str):
    assert told(place.at(gate)) == READY[gate]


@pytest.mark.parametrize(("gate", "change", "wanted", "total"), COUNTED)
def test_near_its_thresholds_a_gate_says_what_its_checklist_says(
    place: Place, gate: str, change: make.Change, wanted: tuple[str, int, str], total: str
):
    """By word, code, and the sum worked out."""
    document = place.at(gate, change)

    assert (told(document), whole(document)) == (wanted, total)


@pytest.mark.parametrize("gate", GATES)
def test_where_nothing_can_be_seen_everything_is_undetermined(place: Place, gate: str):
    """No source is configured and nobody states anything: blocked for that alone, with nothing done in the sum.

    What the canvas asks of our own registry is there, and says no: what five people signed the checklist over is gone.
    """
    document = place.at(gate, make.silent, unplugged=True)

    assert told(document)[:2] == (BLOCKED, 20 if gate == CANVAS else 30)
    seen = {item.id: item.verdict.value for item in document.items if item.verdict.value != "undetermined"}
    assert seen == {PILOT: {"sign_off": "pending"}, CANVAS: {"readiness_checklist": "not_met"}}.get(gate, {})
    assert gate == PILOT or whole(document).startswith("0 of ")


@pytest.mark.parametrize("gate", GATES)
def test_where_everybody_says_that_nothing_applies_that_is_no_yes(place: Place, gate: str):
    """Only what the gate lets people leave out is left out; what the sources answer stays as it is.

    The canvas asks for the checklist's decision as well, and what that was signed over is there no more.
    """
    items = OWN.gate(gate).items
    document = place.at(gate, make.nothing_applies(gate, len(items)))
    left_out = [item.number for item in items if item.may_not_apply]

    assert [item.number for item in document.items if item.verdict.value == "not_applicable"] == left_out
    assert told(document)[:2] == {PILOT: ("cleared", 0), CANVAS: (BLOCKED, 20)}.get(gate, (BLOCKED, 30))
    assert [row.item for row in document.not_applying] == left_out


def approval(by: str, asked: str, *items: int) -> dict[str, object]:
    reasons = {str(number): "This subject has nothing of the kind" for number in items}
    return {"author": by, "fields": {"gate": CHECKLIST, "requested_by": asked, "items": reasons}}


APPROVALS = {  # of boxes on embeddings, memory and versions; of the critical one, and of one that always applies
    "na-good": approval("priya.shah", "mike.chen", 30),
    "na-for-herself": approval("priya.shah", "priya.shah", 31),
    "na-by-a-builder": approval("morteza.moradi", "sam.okafor", 35),
    "na-critical": approval("priya.shah", "mike.chen", 28, 4),
}


def test_what_does_not_apply_needs_a_reason_and_somebody_else_who_approves_it(place: Place):
    """And leaves the sum. Without an approval that counts it stays in it, as something that nobody has shown."""
    boxes = ("embeddings", "memory_store", "knowledge_versions", "sensitive_approvals")
    changes = [
        make.says("not_applicable", CHECKLIST, "s5", *boxes),
        make.says("not_applicable", CHECKLIST, "s1", "growth_strategy"),
    ]
    changes += [make.stated(name, "not_applicable", **one) for name, one in APPROVALS.items()]
    document = place.at(CHECKLIST, make.all_of(*changes))

    stands = {item.number: item.verdict.value for item in document.items if item.verdict.value != "met"}
    assert stands == {
        4: "undetermined",
        30: "not_applicable",
        31: "undetermined",
        35: "undetermined",
        36: "undetermined",
    }
    assert (told(document), whole(document)) == ((BLOCKED, 30, "DEFER"), "90 of 94 = 95.7 %")
    assert [(row.item, row.approved_by) for row in document.not_applying] == [(30, "Priya Shah")]
    with pytest.raises(ValidationError):
        NotApplicableFields.model_validate({"gate": CHECKLIST, "requested_by": "mike.chen", "items": {"30": " "}})


def of_ones_own(source: Path) -> None:
    """A gate of two questions that need not apply, and a sponsor who says that neither does."""
    asked = {"methods": ["interview"], "why_a_person": "Nobody else knows.", "control": "person-says", "category": "a"}
    items = [{"number": n, "id": f"q{n}", "title": "A question", "may_not_apply": True, **asked} for n in (1, 2)]
    gate = {
        "id": "ours", "version": "1", "title": "Ours", "from_stage": "Pilot", "to_stage": "Production", "items": items,
        "categories": [{"id": "a", "title": "All"}],
        "policy": {"name": "all_of", "labels": {"done": {"label": "YES"}, "short": {"label": "NO"}}},
        "signers": [{"role": "lead", "title": "Lead", "one_of": "$card.people.lead", "when": "always"}],
    }  # fmt: skip
    (source / "gates").mkdir()
    make.write(source / "gates/ours.yaml", gate)
    make.nothing_applies("ours", 2)(source)


def test_a_gate_of_which_nothing_applies_is_blocked_by_that(place: Place):
    """All of nothing is no full score."""
    document = place.at("ours", of_ones_own)

    assert {item.verdict.value for item in document.items} == {"not_applicable"}
    assert (document.proposal.value, label(document), whole(document)) == (BLOCKED, "NO", "0 of 0 = nothing applies")
    assert [reason.text for reason in document.reasons] == [
        "No item of this gate is said to apply, so nothing shows that the subject is ready."
    ]
