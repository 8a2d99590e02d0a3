"""What people undertook beside a review: actions for what is not met, with owner and date, and debt. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain import ItemResult, OpenItemRow, Verdict
from agent.layouts import Debt
from agent.workflow.acceptances import open_rows
from agent.workflow.judging import Case
from collectors.evidence import Evidence
from collectors.statements import AcceptanceFacts, DebtFacts

OPEN = (Verdict.NOT_MET, Verdict.UNDETERMINED, Verdict.WARNING)


def planned(case: Case, facts: AcceptanceFacts, items: Sequence[ItemResult]) -> tuple[OpenItemRow, ...]:
    """Open items of what is not met, for a gate whose report shows actions. They move no verdict."""
    if not case.gate.report:
        return ()
    left = {item.number for item in items if item.verdict in OPEN}
    return tuple(row for row in open_rows(case, facts) if row.item in left)


def debts(case: Case) -> tuple[Debt, ...]:
    """As stated, with who stated it; what nobody we know signed is no list."""
    found = [answer.facts for answer in case.answers.values() if isinstance(answer, Evidence)]
    lists = [facts for facts in found if isinstance(facts, DebtFacts) and facts.statement.proven]
    return tuple(
        Debt.model_validate({
            "what": one.what.value, "touches": one.touches.value, "stands": one.stands.value, "why": one.why,
            "plan": one.plan, "until": one.until.value.isoformat() if one.until else "",
            "by": facts.statement.author.value, "digest": facts.statement.digest,
        })
        for facts in lists for one in facts.debts
    )  # fmt: skip
