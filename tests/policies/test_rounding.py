"""Exact limits, shares that are cut off and never rounded up, and words that no sum gives."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain import Decision, ItemResult, Outcome, Verdict
from agent.policies.all import judgement
from agent.policies.specs import (
    AllOfPolicy,
    Label,
    Labels,
    PercentagePolicy,
    Policy,
    Stage,
    StagesPolicy,
    Threshold,
    WeightedCategory,
    WeightedPolicy,
)
from agent.scores import percent
from tests.builders import check
from tests.policies.rows import COUNTING, EVERY, boxes, row
from tests.policies.test_every_policy import CHECKS, gates

tenths = st.integers(1, 1000).map(lambda tenth: Decimal(tenth) / 10)
WORDS = Labels(done=Label(label="YES"), short=Label(label="NO"))


def with_limit(kind: str, limit: Decimal) -> Policy:
    """A policy of one category whose only limit is this one."""
    if kind == "weighted":
        all_ = WeightedCategory(id="a", weight=Decimal(100))
        return WeightedPolicy(name="weighted", needs=Threshold(at_least=limit), labels=WORDS, categories=(all_,))
    if kind == "stages":
        stage = Stage(id="s", title="S", categories=("a",), needs=Threshold(at_least=limit), short=Label(label="NO"))
        return StagesPolicy(name="stages", stages=(stage,), done=Label(label="YES"))
    bands = ({"label": "YES", "at_least": limit}, {"label": "NO", "at_least": 0})
    return PercentagePolicy.model_validate({"name": "percentage", "bands": bands})


@settings(deadline=None)
@given(st.sampled_from(("percentage", "weighted", "stages")), tenths, st.integers(1, 60), st.data())
def test_a_limit_to_a_tenth_is_reached_by_the_exact_share_alone(
    kind: str, limit: Decimal, of: int, data: st.DataObject
):
    """The least number of boxes that reaches it clears, and one less does not, whatever their shares read as."""
    enough = least(limit, of)
    policy = with_limit(kind, limit)

    assert judgement(boxes(enough, of), [], policy).decision is Decision.CLEARED
    fewer = data.draw(st.integers(0, enough - 1))
    assert judgement(boxes(fewer, of), [], policy).decision is Decision.BLOCKED


def least(limit: Decimal, of: int) -> int:
    """The least count whose exact share of `of` is at the limit in percent."""
    return ceil(of * Fraction(limit) / 100)


@settings(deadline=None)
@given(st.fractions(0, 1))
def test_a_share_reads_as_less_than_a_tenth_below_what_it_is_and_never_above(share: Fraction):
    exact, shown = share * 100, Fraction(percent(share))

    assert exact - Fraction(1, 10) < shown <= exact
    assert (percent(share) == "100") == (share == 1)


@settings(deadline=None)
@given(gates(), st.sampled_from(COUNTING))
def test_what_does_not_apply_leaves_what_it_is_counted_of(rows: list[ItemResult], policy: Policy):
    """And nothing else does: what is undetermined, waived or not met stays in it."""
    found = judgement(rows, [], policy).score
    plain = [one for one in rows if one.parent is None]
    wholes = {one.parent for one in rows}

    assert found is not None
    if policy.name != "weighted":
        left_out = found.whole.not_applicable
        assert found.whole.of + left_out == len(plain)
        own = [one for one in plain if one.number not in wholes]
        assert left_out >= sum(one.verdict is Verdict.NOT_APPLICABLE for one in own)


@settings(deadline=None)
@given(gates(), st.sampled_from(COUNTING), st.sampled_from(CHECKS))
def test_no_sum_says_what_only_a_person_can(rows: list[ItemResult], policy: Policy, outcome: Outcome):
    """CANCEL is signed, never worked out."""
    given_by_people = policy.model_copy(update={"by_a_person": (Label(label="CANCEL"),)})
    found = judgement(rows, [check(outcome)], given_by_people).score

    assert found is not None
    assert found.label != "CANCEL"
    assert found.by_a_person == ("CANCEL",)


@settings(deadline=None)
@given(gates(), st.sampled_from(EVERY), st.lists(st.sampled_from(CHECKS), min_size=1, max_size=3))
def test_a_check_that_can_no_longer_be_seen_never_makes_the_decision_better(
    rows: list[ItemResult], policy: Policy, outcomes: list[Outcome]
):
    seen = [check(one, f"c{i}") for i, one in enumerate(outcomes)]
    hidden = [check(Outcome.UNKNOWN, f"c{i}") for i in range(len(outcomes))]

    assert judgement(rows, hidden, policy).decision.strictness >= judgement(rows, seen, policy).decision.strictness


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.MET])
def test_all_of_takes_nothing_less_than_all(verdict: Verdict):
    """But for what does not apply, where something else does."""
    policy = AllOfPolicy(name="all_of", labels=WORDS)
    wanted = Decision.CLEARED if verdict is Verdict.NOT_APPLICABLE else Decision.BLOCKED

    assert judgement([row(1), row(2, verdict)], [], policy).decision is wanted
