"""`matrix`: all met is cleared, a few warnings are a conditional launch, anything worse or not known is blocked."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain import CheckResult, Decision, ItemResult, Outcome, Verdict
from agent.policies.counting import Judgement, nothing_applies
from agent.policies.specs import MatrixPolicy


def matrix(items: Sequence[ItemResult], checks: Sequence[CheckResult], spec: MatrixPolicy) -> Judgement:
    """Blocked by anything not met or not known, conditional with few enough warnings. It has no sum."""
    against = _facts_against(items, checks, spec) or nothing_applies(items)
    if against or _unseen(items, checks, spec):
        return Judgement(Decision.BLOCKED, against=against)
    return Judgement(Decision.CONDITIONAL if _warnings(items, checks, spec) else Decision.CLEARED, against=False)


def _standing(item: ItemResult, spec: MatrixPolicy) -> Verdict:
    """The verdict that the matrix counts: a waiver turns what blocks into a warning, and only inside the matrix."""
    blocks = item.verdict in (Verdict.NOT_MET, Verdict.UNDETERMINED)
    return Verdict.WARNING if blocks and item.waived and item.number in spec.items else item.verdict


def _warnings(items: Sequence[ItemResult], checks: Sequence[CheckResult], spec: MatrixPolicy) -> int:
    standing = [_standing(item, spec) for item in items]
    return standing.count(Verdict.WARNING) + sum(1 for check in checks if check.outcome is Outcome.WARN)


def _facts_against(items: Sequence[ItemResult], checks: Sequence[CheckResult], spec: MatrixPolicy) -> bool:
    """Is it blocked by something that was seen?"""
    failed = any(_standing(item, spec) is Verdict.NOT_MET for item in items)
    failed = failed or any(check.outcome is Outcome.FAIL for check in checks)
    return failed or _warnings(items, checks, spec) > spec.warnings_allowed


def _unseen(items: Sequence[ItemResult], checks: Sequence[CheckResult], spec: MatrixPolicy) -> bool:
    """Is something not known? That includes an item of the matrix that is not there, or still waits."""
    absent = {*spec.items} - {item.number for item in items}
    unknown = any(check.outcome is Outcome.UNKNOWN for check in checks)
    return bool(absent) or unknown or any(_open(item, spec) for item in items)


def _open(item: ItemResult, spec: MatrixPolicy) -> bool:
    standing = _standing(item, spec)
    waits = standing is Verdict.PENDING and item.number in spec.items
    return waits or standing is Verdict.UNDETERMINED
