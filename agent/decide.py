"""Findings to verdicts, verdicts by the gate's policy to a proposal, signatures to the final decision. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.domain import CheckResult, Decision, Finding, ItemResult, Outcome, Reason, Verdict
from agent.drafting.parts import sentence
from agent.policies.all import judgement
from agent.policies.counting import nothing_applies
from agent.policies.specs import Policy

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
_NOTHING_APPLIES = Reason(
    where="decision", probe="", outcome=Outcome.UNKNOWN,
    text="No item of this gate is said to apply, so nothing shows that the subject is ready.",
)  # fmt: skip


def verdict(findings: Sequence[Finding], *, sign_off: bool) -> Verdict:
    """An item's standing: its worst finding. Nothing looked at is undetermined; a sign-off in order is pending."""
    outcomes = {finding.outcome for finding in findings}
    worst = next((said for outcome, said in _FROM_OUTCOME.items() if outcome in outcomes), None)
    if sign_off:
        return worst if worst in (Verdict.NOT_MET, Verdict.UNDETERMINED) else Verdict.PENDING
    return worst or Verdict.UNDETERMINED


def proposal(items: Sequence[ItemResult], checks: Sequence[CheckResult], policy: Policy) -> Decision:
    """What the gate's policy proposes."""
    return judgement(items, checks, policy).decision


def exit_code(items: Sequence[ItemResult], checks: Sequence[CheckResult], policy: Policy) -> int:
    """0 cleared, 10 conditional, 20 blocked by a fact, 30 blocked only because something could not be seen."""
    found = judgement(items, checks, policy)
    if found.decision is Decision.BLOCKED:
        return _BY_A_FACT if found.against else _UNSEEN
    return _CODES[found.decision]


def reasons(items: Sequence[ItemResult], checks: Sequence[CheckResult], zone: str) -> tuple[Reason, ...]:
    """Why the proposal is not cleared: every finding that is not a pass, by item, then by check; times in `zone`.

    An item on which no rule reported has a reason too.
    """
    wholes = {item.parent for item in items}  # their parts say why
    telling = [i for i in items if i.number not in wholes and i.verdict is not Verdict.NOT_APPLICABLE]
    rows = [row for item in sorted(telling, key=lambda item: (item.number, item.id)) for row in _of_item(item, zone)]
    rows += [_of_check(check) for check in sorted(checks, key=lambda check: check.id)]
    rows += [_NOTHING_APPLIES] if nothing_applies(items) else []
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
        if found.outcome in _REASONS
    ]  # fmt: skip


def _of_check(check: CheckResult) -> Reason:
    found = check.finding
    return Reason(where=check.id, probe=found.probe, outcome=check.outcome, about=found.about, text=check.text)
