"""The decision policy: verdicts, proposal, reasons, exit codes, and what people sign."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide import exit_code, final_decision, proposal, reasons, verdict
from agent.domain import CheckResult, Decision, Finding, ItemResult, Outcome, Verdict
from agent.gates import MatrixPolicy
from tests.builders import ZONE, check, finding, item

POLICY = MatrixPolicy(name="matrix", items=tuple(range(1, 10)), warnings_allowed=2, open_items_within_days=14)
LEAD = item(10, Verdict.PENDING)


def gate(**changed: Verdict) -> list[ItemResult]:
    """Items 1 to 9 met and 10 pending, but for those named i1, i2, …"""
    return [item(n, changed.get(f"i{n}", Verdict.MET)) for n in range(1, 10)] + [
        item(10, changed.get("i10", Verdict.PENDING))
    ]


# --- verdicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ("pass", "met"),
        ("pass not_applicable", "met"),
        ("not_applicable not_applicable", "not_applicable"),
        ("pass warn", "warning"),
        ("warn unknown pass", "undetermined"),
        ("unknown fail warn", "not_met"),
        ("", "undetermined"),
    ],
)
def test_an_item_stands_as_its_worst_finding(outcomes: str, expected: str):
    """Fail before unknown before warn before pass; nothing looked at is undetermined."""
    assert verdict([finding(Outcome(one)) for one in outcomes.split()], sign_off=False) == expected


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [("pass", "pending"), ("", "pending"), ("warn", "pending"), ("pass fail", "not_met"), ("unknown", "undetermined")],
)
def test_a_sign_off_is_pending_unless_something_stands_against_it(outcomes: str, expected: str):
    """It is never met before people have signed."""
    assert verdict([finding(Outcome(one)) for one in outcomes.split()], sign_off=True) == expected


# --- proposal and exit code ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "expected", "code"),
    [
        ({}, "cleared", 0),
        ({"i5": "not_applicable"}, "cleared", 0),
        ({"i2": "warning"}, "conditional", 10),
        ({"i2": "warning", "i8": "warning"}, "conditional", 10),
        ({"i2": "warning", "i3": "warning", "i8": "warning"}, "blocked", 20),
        ({"i4": "not_met"}, "blocked", 20),
        ({"i4": "undetermined"}, "blocked", 30),
        ({"i4": "undetermined", "i2": "warning", "i3": "warning"}, "blocked", 30),
        ({"i4": "undetermined", "i7": "not_met"}, "blocked", 20),
        ({"i10": "not_met"}, "blocked", 20),
        ({"i10": "undetermined"}, "blocked", 30),
        ({"i3": "pending"}, "blocked", 30),
        ({"i10": "met"}, "cleared", 0),
    ],
)
def test_the_matrix_decides(changed: dict[str, str], expected: str, code: int):
    """All met, one or two warnings, or anything worse; a fact weighs more than what could not be seen."""
    items = gate(**{name: Verdict(told) for name, told in changed.items()})

    assert proposal(items, [check()], POLICY) == expected
    assert exit_code(items, [check()], POLICY) == code


@pytest.mark.parametrize(
    ("outcome", "expected", "code"),
    [
        ("pass", "cleared", 0),
        ("not_applicable", "cleared", 0),
        ("warn", "conditional", 10),
        ("fail", "blocked", 20),
        ("unknown", "blocked", 30),
    ],
)
def test_a_check_weighs_like_an_item(outcome: str, expected: str, code: int):
    """A failed or unknown check blocks."""
    assert proposal(gate(), [check(), check(Outcome(outcome))], POLICY) == expected
    assert exit_code(gate(), [check(), check(Outcome(outcome))], POLICY) == code


def test_an_item_that_is_not_there_blocks():
    """A matrix with a hole in it is not known to be met."""
    assert proposal(gate()[1:], [], POLICY) == Decision.BLOCKED
    assert exit_code(gate()[1:], [], POLICY) == 30
    assert proposal([LEAD], [], POLICY) == Decision.BLOCKED


@pytest.mark.parametrize("told", [Verdict.NOT_MET, Verdict.UNDETERMINED])
def test_a_waived_item_counts_as_a_warning(told: Verdict):
    """And only inside the matrix: the sign-off takes no waiver."""
    waived = [*gate()[:7], item(8, told, waived="sha256:w"), *gate()[8:]]
    assert proposal(waived, [], POLICY) == Decision.CONDITIONAL
    signing = [*gate()[:9], item(10, told, waived="sha256:w")]
    assert proposal(signing, [], POLICY) == Decision.BLOCKED


def test_three_waivers_block():
    """They are warnings like any other."""
    waived = [item(n, Verdict.NOT_MET, waived="sha256:w") for n in (1, 2, 3)]
    assert proposal([*waived, *gate()[3:]], [], POLICY) == Decision.BLOCKED


# --- reasons ---------------------------------------------------------------------------------------------------------


def test_reasons_are_the_findings_that_are_no_pass():
    """By item and check, each with its sentence."""
    items = [
        item(9, Verdict.NOT_MET, finding(Outcome.FAIL, "b"), finding(Outcome.PASS, "c")),
        item(2, Verdict.WARNING, finding(Outcome.WARN, "a"), finding(Outcome.NOT_APPLICABLE, "d")),
        item(4, Verdict.UNDETERMINED).model_copy(update={"findings": ()}),
    ]
    found = reasons(items, [check(Outcome.UNKNOWN), check(Outcome.PASS, "other")], ZONE)

    assert [(r.where, r.probe, str(r.outcome)) for r in found] == [
        ("2", "a", "warn"), ("4", "", "unknown"), ("9", "b", "fail"), ("launch", "p", "unknown"),
    ]  # fmt: skip
    assert {r.text for r in found} == {"Something was looked at.", "No rule has reported."}


# --- what people sign ------------------------------------------------------------------------------------------------


def test_the_strictest_signature_decides():
    """One person may block what the others clear; nobody's signature clears nothing."""
    assert final_decision([Decision.CLEARED, Decision.CONDITIONAL]) == Decision.CONDITIONAL
    assert final_decision([Decision.BLOCKED, Decision.CLEARED]) == Decision.BLOCKED
    assert final_decision([Decision.CLEARED]) == Decision.CLEARED
    assert final_decision([]) == Decision.BLOCKED


# --- what must hold for all ------------------------------------------------------------------------------------------

outcomes = st.lists(st.sampled_from(list(Outcome)), min_size=1, max_size=3)
gates = st.lists(outcomes, min_size=9, max_size=9)
checks = st.lists(st.sampled_from(list(Outcome)), max_size=3)
DEGREES = {Outcome.NOT_APPLICABLE: 0, Outcome.PASS: 0, Outcome.WARN: 1, Outcome.UNKNOWN: 2, Outcome.FAIL: 2}


def judged(found: Sequence[Sequence[Outcome]], lead: Outcome = Outcome.PASS) -> list[ItemResult]:
    rows: list[ItemResult] = []
    for n, outcomes in enumerate([*found, [lead]], start=1):
        findings: list[Finding] = [finding(one) for one in outcomes]
        rows.append(item(n, verdict(findings, sign_off=n == 10), *findings))
    return rows


def decided(found: Sequence[Sequence[Outcome]], told: Sequence[Outcome]) -> Decision:
    return proposal(judged(found), [check(one) for one in told], POLICY)


@given(gates, checks, st.data())
def test_a_worse_finding_never_makes_the_decision_better(
    found: list[list[Outcome]], told: list[Outcome], data: st.DataObject
):
    """Whatever else is the case, and whichever finding it is."""
    row = data.draw(st.integers(0, 8))
    place = data.draw(st.integers(0, len(found[row]) - 1))
    worse = data.draw(st.sampled_from([o for o in Outcome if DEGREES[o] >= max(1, DEGREES[found[row][place]])]))
    changed = [list(one) for one in found]
    changed[row][place] = worse

    assert decided(changed, told).strictness >= decided(found, told).strictness


@given(gates, checks, st.sets(st.integers(0, 8), min_size=1))
def test_hiding_evidence_never_makes_the_decision_better(
    found: list[list[Outcome]], told: list[Outcome], hidden: set[int]
):
    """Items whose sources are taken away become undetermined, and the proposal blocked."""
    blinded = [[Outcome.UNKNOWN] * len(one) if i in hidden else one for i, one in enumerate(found)]

    assert decided(blinded, told) == Decision.BLOCKED
    assert exit_code(judged(blinded), [check(one) for one in told], POLICY) in (20, 30)


@given(gates, checks, st.randoms(use_true_random=False))
def test_the_order_of_items_findings_and_checks_never_matters(
    found: list[list[Outcome]], told: list[Outcome], random: object
):
    """Shuffled, the decision, its code and its reasons are the same."""
    items: list[ItemResult] = judged(found)
    results: list[CheckResult] = [check(one, f"c{i}") for i, one in enumerate(told)]
    shuffled, others = list(items), list(results)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(others)  # type: ignore[attr-defined]

    assert proposal(shuffled, others, POLICY) == proposal(items, results, POLICY)
    assert exit_code(shuffled, others, POLICY) == exit_code(items, results, POLICY)
    assert reasons(shuffled, others, ZONE) == reasons(items, results, ZONE)
    assert [verdict(one.findings[::-1], sign_off=False) for one in items] == [
        verdict(one.findings, sign_off=False) for one in items
    ]


@given(gates, checks)
def test_a_blocked_proposal_always_has_a_reason(found: list[list[Outcome]], told: list[Outcome]):
    """And a cleared one has none."""
    items, results = judged(found), [check(one) for one in told]

    assert (proposal(items, results, POLICY) == Decision.CLEARED) == (reasons(items, results, ZONE) == ())
