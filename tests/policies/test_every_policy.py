"""What must hold for every policy, whatever the verdicts are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide import exit_code, proposal, reasons
from agent.domain import Decision, ItemResult, Outcome, Verdict
from agent.policies.all import judgement
from agent.policies.specs import Policy
from tests.builders import ZONE, check
from tests.policies.rows import COUNTING, EVERY, MATRIX, row

BETTER_FIRST = (
    Verdict.MET, Verdict.NOT_APPLICABLE, Verdict.WARNING, Verdict.PENDING, Verdict.UNDETERMINED, Verdict.NOT_MET
)  # fmt: skip
verdicts = st.sampled_from([v for v in Verdict if v is not Verdict.PENDING])
policies = st.sampled_from(EVERY)
told = st.lists(st.sampled_from(list(Outcome)), max_size=2)
CHECKS = (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.WARN, Outcome.UNKNOWN, Outcome.FAIL)


@st.composite
def gates(draw: st.DrawFn) -> list[ItemResult]:
    """Twelve items in three categories; the last two are parts of the tenth."""
    rows = []
    for number in range(1, 13):
        category = "abc"[(number - 1) % 3] if number < 10 else "a"
        critical, weight = draw(st.booleans()) and number < 4, draw(st.integers(1, 3))
        parent = 10 if number > 10 else None
        rows.append(row(number, draw(verdicts), category, critical=critical, parent=parent, weight=weight))
    return rows


def changed(rows: list[ItemResult], place: int, verdict: Verdict) -> list[ItemResult]:
    return [one.model_copy(update={"verdict": verdict}) if i == place else one for i, one in enumerate(rows)]


@given(gates(), policies, told, st.integers(0, 11), verdicts)
def test_a_worse_verdict_never_makes_the_decision_better(
    rows: list[ItemResult], policy: Policy, outcomes: list[Outcome], place: int, other: Verdict
):
    """Whichever item it is. What does not apply is better than anything that is not met, and no better than that."""
    checks = [check(one) for one in outcomes]
    worse, better = sorted((rows[place].verdict, other), key=BETTER_FIRST.index, reverse=True)
    if policy is MATRIX and {worse, better} == {Verdict.MET, Verdict.NOT_APPLICABLE}:
        return  # a matrix takes both for in order

    before = proposal(changed(rows, place, better), checks, policy)
    after = proposal(changed(rows, place, worse), checks, policy)

    assert after.strictness >= before.strictness


@given(gates(), policies, st.sets(st.integers(0, 11), min_size=1))
def test_hiding_evidence_never_makes_the_decision_better(rows: list[ItemResult], policy: Policy, hidden: set[int]):
    """Items whose sources are taken away count as not done."""
    blinded = [one.model_copy(update={"verdict": Verdict.UNDETERMINED}) if i in hidden else one
               for i, one in enumerate(rows) if True]  # fmt: skip
    seen = [one for i, one in enumerate(rows) if i not in hidden or one.verdict is not Verdict.NOT_APPLICABLE]
    if len(seen) < len(rows):
        return  # what people approved as not applying is not evidence that could be hidden

    assert proposal(blinded, [], policy).strictness >= proposal(rows, [], policy).strictness


@given(gates(), policies, told, st.randoms(use_true_random=False))
def test_order_never_matters(rows: list[ItemResult], policy: Policy, outcomes: list[Outcome], random: object):
    """Shuffled, decision, sum, code and reasons are the same."""
    checks = [check(one, f"c{i}") for i, one in enumerate(outcomes)]
    items, others = list(rows), list(checks)
    random.shuffle(items)  # type: ignore[attr-defined]
    random.shuffle(others)  # type: ignore[attr-defined]

    assert judgement(items, others, policy) == judgement(rows, checks, policy)
    assert exit_code(items, others, policy) == exit_code(rows, checks, policy)
    assert reasons(items, others, ZONE) == reasons(rows, checks, ZONE)


@given(gates(), st.sampled_from(COUNTING), st.sampled_from(CHECKS))
def test_a_check_that_does_not_hold_blocks_whatever_the_sum_says(
    rows: list[ItemResult], policy: Policy, outcome: Outcome
):
    """A worse check never makes the decision better, and only one that holds leaves it as it is."""
    with_it, without = proposal(rows, [check(outcome)], policy), proposal(rows, [], policy)

    holds = outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE)
    assert with_it == (without if holds else Decision.BLOCKED)


@given(gates(), st.sampled_from(COUNTING))
def test_the_label_of_a_yes_is_given_to_a_yes_alone(rows: list[ItemResult], policy: Policy):
    """Cleared under its own label, and blocked under another; nothing in between."""
    found = judgement(rows, [], policy)

    assert found.score is not None
    assert (found.score.label in ("DEPLOY", "READY")) == (found.decision is Decision.CLEARED)
    assert found.decision is not Decision.CONDITIONAL


@given(gates(), st.sampled_from(COUNTING))
def test_only_what_is_hidden_makes_the_code_30(rows: list[ItemResult], policy: Policy):
    """Were everything that is undetermined met, the decision would be yes; else a fact stands against it."""
    best = [one.model_copy(update={"verdict": Verdict.MET}) if one.verdict is Verdict.UNDETERMINED else one
            for one in rows]  # fmt: skip
    expected = {Decision.CLEARED: 30}.get(proposal(best, [], policy), 20)

    assert exit_code(rows, [], policy) == (0 if proposal(rows, [], policy) is Decision.CLEARED else expected)


@pytest.mark.parametrize("policy", EVERY)
def test_nothing_applying_is_never_a_yes(policy: Policy):
    """All not applicable: there is no share, a fact stands against it, and the reason says so."""
    rows = [row(n, Verdict.NOT_APPLICABLE, "abc"[n % 3]) for n in range(1, 13)]

    found = judgement(rows, [], policy)

    assert (found.decision, exit_code(rows, [], policy)) == (Decision.BLOCKED, 20)
    assert found.score is None or (found.score.whole.share, found.score.whole.of) == ("", 0)
    assert [one.text for one in reasons(rows, [], ZONE)] == [
        "No item of this gate is said to apply, so nothing shows that the subject is ready."
    ]


@pytest.mark.parametrize("policy", COUNTING)
def test_a_critical_item_is_not_averaged_away(policy: Policy):
    """One of two hundred, and it is critical: no sum of the others makes up for it; nor does saying it is not meant."""
    rows = [row(n, category="abc"[n % 3]) for n in range(1, 201)]

    for verdict in (Verdict.NOT_MET, Verdict.UNDETERMINED, Verdict.WARNING, Verdict.NOT_APPLICABLE):
        found = judgement([*rows, row(201, verdict, "b", critical=True)], [], policy)
        assert found.decision is Decision.BLOCKED
        assert found.score is not None
        assert found.score.critical == (201,)
    assert proposal([*rows, row(201, Verdict.MET, "b", critical=True)], [], policy) is Decision.CLEARED


@pytest.mark.parametrize("policy", COUNTING)
def test_what_was_waived_is_still_not_done(policy: Policy):
    """A waiver is a person's way on, no tick; where the sum decides, it lifts nothing."""
    rows = [row(n, category="abc"[n % 3]) for n in range(1, 4)]
    waived = row(4, Verdict.NOT_MET, "a").model_copy(update={"waived": "sha256:0"})

    assert proposal([*rows, waived], [], policy) is Decision.BLOCKED


def test_a_parent_stands_as_its_parts_do_and_counts_once():
    """Whatever was said of the parent itself."""
    parts = [row(2, parent=1), row(3, Verdict.NOT_APPLICABLE, parent=1)]

    found = judgement([row(1, Verdict.NOT_MET), *parts], [], COUNTING[0])
    assert found.score is not None
    assert (found.score.whole.done, found.score.whole.of) == (1, 1)

    short = judgement([row(1), *parts, row(4, Verdict.NOT_MET, parent=1)], [], COUNTING[0])
    assert short.score is not None
    assert (short.score.whole.done, short.score.whole.of) == (0, 1)
