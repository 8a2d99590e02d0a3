"""The decision policy: findings to verdicts, verdicts to a proposal, signatures to the final decision. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.domain import CheckResult, Decision, Finding, ItemResult, Outcome, Reason, Verdict
from agent.drafting.parts import sentence
from agent.gates import MatrixPolicy

_FROM_OUTCOME = {  # worst first
    Outcome.FAIL: Verdict.NOT_MET,
    Outcome.UNKNOWN: Verdict.UNDETERMINED,
    Outcome.WARN: Verdict.WARNING,
    Outcome.PASS: Verdict.MET,
    Outcome.NOT_APPLICABLE: Verdict.NOT_APPLICABLE,
}
_REASONS = frozenset({Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN})
_CODES = {Decision.CLEARED: 0, Decision.CONDITIONAL: 10}
_BY_A_FACT, _UNSEEN = 20, 30


def verdict(findings: Sequence[Finding], *, sign_off: bool) -> Verdict:
    """An item's standing: its worst finding. Nothing looked at is undetermined; a sign-off in order is pending."""
    outcomes = {finding.outcome for finding in findings}
    worst = next((said for outcome, said in _FROM_OUTCOME.items() if outcome in outcomes), None)
    if sign_off:
        return worst if worst in (Verdict.NOT_MET, Verdict.UNDETERMINED) else Verdict.PENDING
    return worst or Verdict.UNDETERMINED


def proposal(items: Sequence[ItemResult], checks: Sequence[CheckResult], policy: MatrixPolicy) -> Decision:
    """What the policy proposes: blocked by anything not met or not known, conditional with few enough warnings."""
    if _facts_against(items, checks, policy) or _unseen(items, checks, policy):
        return Decision.BLOCKED
    return Decision.CONDITIONAL if _warnings(items, checks, policy) else Decision.CLEARED


def exit_code(items: Sequence[ItemResult], checks: Sequence[CheckResult], policy: MatrixPolicy) -> int:
    """0 cleared, 10 conditional, 20 blocked by a fact, 30 blocked only because something could not be seen."""
    proposed = proposal(items, checks, policy)
    if proposed is Decision.BLOCKED:
        return _BY_A_FACT if _facts_against(items, checks, policy) else _UNSEEN
    return _CODES[proposed]


def reasons(items: Sequence[ItemResult], checks: Sequence[CheckResult], zone: str) -> tuple[Reason, ...]:
    """Why the proposal is not cleared: every finding that is not a pass, by item, then by check; times in `zone`.

    An item on which no rule reported has a reason too.
    """
    rows = [row for item in sorted(items, key=lambda item: (item.number, item.id)) for row in _of_item(item, zone)]
    rows += [_of_check(check) for check in sorted(checks, key=lambda check: check.id)]
    return tuple(row for row in rows if row.outcome in _REASONS)


def final_decision(signed: Iterable[Decision]) -> Decision:
    """The strictest of what people signed; without any signature, blocked."""
    return max(signed, key=lambda decision: decision.strictness, default=Decision.BLOCKED)


def _of_item(item: ItemResult, zone: str) -> list[Reason]:
    if not item.findings:
        return [Reason(where=str(item.number), probe="", outcome=Outcome.UNKNOWN, text="No rule has reported.")]
    return [
        Reason(
            where=str(item.number), probe=found.probe, outcome=found.outcome, about=found.about,
            text=sentence(found, zone),
        )
        for found in item.findings
    ]  # fmt: skip


def _of_check(check: CheckResult) -> Reason:
    found = check.finding
    return Reason(where=check.id, probe=found.probe, outcome=check.outcome, about=found.about, text=check.text)


def _standing(item: ItemResult, policy: MatrixPolicy) -> Verdict:
    """The verdict that the matrix counts: a waiver turns what blocks into a warning, and only inside the matrix."""
    blocks = item.verdict in (Verdict.NOT_MET, Verdict.UNDETERMINED)
    return Verdict.WARNING if blocks and item.waived and item.number in policy.items else item.verdict


def _warnings(items: Sequence[ItemResult], checks: Sequence[CheckResult], policy: MatrixPolicy) -> int:
    standing = [_standing(item, policy) for item in items]
    return standing.count(Verdict.WARNING) + sum(1 for check in checks if check.outcome is Outcome.WARN)


def _facts_against(items: Sequence[ItemResult], checks: Sequence[CheckResult], policy: MatrixPolicy) -> bool:
    """Is it blocked by something that was seen?"""
    failed = any(_standing(item, policy) is Verdict.NOT_MET for item in items)
    failed = failed or any(check.outcome is Outcome.FAIL for check in checks)
    return failed or _warnings(items, checks, policy) > policy.warnings_allowed


def _unseen(items: Sequence[ItemResult], checks: Sequence[CheckResult], policy: MatrixPolicy) -> bool:
    """Is something not known? That includes an item of the matrix that is not there, or still waits."""
    absent = {*policy.items} - {item.number for item in items}
    unknown = any(check.outcome is Outcome.UNKNOWN for check in checks)
    return bool(absent) or unknown or any(_open(item, policy) for item in items)


def _open(item: ItemResult, policy: MatrixPolicy) -> bool:
    standing = _standing(item, policy)
    waits = standing is Verdict.PENDING and item.number in policy.items
    return waits or standing is Verdict.UNDETERMINED
