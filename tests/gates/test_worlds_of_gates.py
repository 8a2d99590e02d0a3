"""Each gate with known right answers: ready, a critical miss, the nearest scores, nothing seen, nothing applying."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent import decide
from agent.domain import ItemResult, Verdict
from agent.gates import Gate, ItemSpec
from agent.policies.all import judgement
from agent.policies.counting import Judgement
from agent.workflow.parts import rolled_up
from tests.builders import item
from tests.gates.seeds import OWN

COUNTING = ("production-readiness", "production-canvas", "readiness-scorecard", "deployment-readiness")
READY = {
    "production-readiness": "DEPLOY",
    "production-canvas": "DEPLOY",
    "readiness-scorecard": "READY",
    "deployment-readiness": "READY TO PROCEED",
}


def world(gate: Gate, verdict: Callable[[ItemSpec], Verdict]) -> list[ItemResult]:
    rows = [
        item(spec.number, verdict(spec)).model_copy(
            update={"category": spec.category, "critical": spec.critical, "parent": spec.parent, "weight": spec.weight}
        )
        for spec in gate.items
    ]
    return list(rolled_up(rows))


def judged(gate: Gate, *missed: str, as_: Verdict = Verdict.NOT_MET) -> Judgement:
    """Everything met but the items of these ids."""
    assert {*missed} <= {spec.id for spec in gate.items}
    return judgement(world(gate, lambda spec: as_ if spec.id in missed else Verdict.MET), (), gate.policy)


def label(found: Judgement) -> str:
    assert found.score
    return found.score.label


@pytest.mark.parametrize("name", COUNTING)
def test_ready_is_cleared_under_the_checklists_own_word(name: str):
    found = judged(OWN.gate(name))

    assert (found.decision, label(found)) == ("cleared", READY[name])


@pytest.mark.parametrize("name", COUNTING)
def test_nothing_seen_is_blocked_for_that_alone(name: str):
    """Exit code 30: no fact stands against it."""
    gate = OWN.gate(name)
    rows = world(gate, lambda spec: Verdict.UNDETERMINED)

    assert decide.proposal(rows, (), gate.policy) == "blocked"
    assert decide.exit_code(rows, (), gate.policy) == 30


@pytest.mark.parametrize("name", COUNTING)
def test_nothing_applying_is_no_full_score(name: str):
    """Neither all of it, nor all that may be left out but for one that is open."""
    gate = OWN.gate(name)
    rows = world(gate, lambda spec: Verdict.NOT_APPLICABLE)

    assert decide.proposal(rows, (), gate.policy) == "blocked"
    left = world(gate, lambda spec: Verdict.NOT_APPLICABLE if spec.may_not_apply else Verdict.MET)
    assert decide.proposal(left, (), gate.policy) == "cleared"


@pytest.mark.parametrize("name", COUNTING)
def test_no_single_item_can_be_missed_where_everything_is_asked(name: str):
    """The scorecard alone has a threshold under 100 %, and it forgives no critical blocker."""
    gate = OWN.gate(name)
    critical = [spec.id for spec in gate.items if spec.critical]
    one = critical or [gate.items[0].id]

    for missed in one:
        for verdict in (Verdict.NOT_MET, Verdict.UNDETERMINED, Verdict.WARNING, Verdict.NOT_APPLICABLE):
            if critical or verdict is not Verdict.NOT_APPLICABLE:
                assert judged(gate, missed, as_=verdict).decision == "blocked", (missed, verdict)


def test_the_nearest_scores_of_the_readiness_checklist():
    """95 count: 94 is under 100 %, 86 is over 90 % and 85 under it; each is DEFER, and says which."""
    gate = OWN.gate("production-readiness")
    some = [spec.id for spec in gate.items if not spec.parent and not spec.critical and spec.id != "governance_written"]
    near, over, under = (judged(gate, *some[:n]) for n in (1, 9, 10))

    assert [one.score.whole.share for one in (near, over, under) if one.score] == ["98.9", "90.5", "89.4"]
    assert {label(one) for one in (near, over, under)} == {"DEFER"}
    assert {one.decision for one in (near, over, under)} == {"blocked"}
    assert near.score
    assert over.score
    assert under.score
    assert near.score.says == over.score.says != under.score.says


def test_a_parent_is_missed_once_however_many_children_are():
    """Five governance documents are one box."""
    gate = OWN.gate("production-readiness")
    one, all_ = judged(gate, "ethics"), judged(gate, "ethics", "procedures", "escalation", "approvals")

    assert one.score
    assert all_.score
    assert one.score.whole.done == all_.score.whole.done == 94


def test_the_nearest_scores_of_the_scorecard():
    """Security and performance forgive nothing: one of five is 80 %, one of four 75 %."""
    gate = OWN.gate("readiness-scorecard")

    security, performance = judged(gate, "security_incidents"), judged(gate, "scalability")
    assert [label(one) for one in (security, performance)] == ["NEEDS WORK", "NEEDS WORK"]
    small = judged(gate, "accessibility", "impact", "pipeline")
    assert (small.decision, label(small)) == ("cleared", "READY")
    assert label(judged(gate, "load_tested")) == "BLOCKED"


def test_the_scorecards_whole_is_more_than_eighty_or_nothing():
    """Just over 80 % passes and just under does not, with no critical blocker and both categories full."""
    gate = OWN.gate("readiness-scorecard")
    over = judged(gate, *MISSED_OVER)
    under = judged(gate, *MISSED_OVER, "disaster")

    assert over.score
    assert under.score
    assert (over.score.whole.share, over.decision) == ("80.5", "cleared")
    assert (under.score.whole.share, under.decision) == ("79", "blocked")


MISSED_OVER = (
    "application",
    "errors",
    "performance_watched",
    "business_metrics",
    "critical_path",
    "acceptance",
    "integration",
)


@pytest.mark.parametrize(
    ("missed", "word"),
    [("roi_positive", "STOP"), ("routing", "DO NOT DEPLOY"), ("square_9", "DO NOT DEPLOY"),
     ("readiness_checklist", "ADDRESS GAPS")],
)  # fmt: skip
def test_the_canvas_names_the_first_stage_that_is_open(missed: str, word: str):
    found = judged(OWN.gate("production-canvas"), missed)

    assert (found.decision, label(found)) == ("blocked", word)
