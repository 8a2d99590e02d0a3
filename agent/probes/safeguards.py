"""What guards the subject's money and data: budgets, encryption, backups, the trail of what was done."""

from __future__ import annotations

from math import isfinite

from agent.domain import Finding
from agent.probes.findings import failed, passed, unknown
from agent.probes.registry import probe
from collectors.aws.safeguards import BudgetAlert, BudgetFacts
from collectors.evidence import Fact

_WHOLE = 100  # percent


@probe
def budget_warns_in_time(budget: BudgetFacts) -> Finding:
    """A budget of money with a fixed limit is reckoned, and an alert reaches an address before the limit is spent."""
    facts: dict[str, Fact] = {"budget": budget.budget}
    if budget.kind.value != "COST":
        return failed("The budget {budget} counts {kind} and not money", facts, kind=budget.kind)
    if budget.health and budget.health.value != "HEALTHY":
        return failed("The budget {budget} is {health}, so nothing is compared with it", facts, health=budget.health)
    if budget.adjusts:
        sentence = "The limit of {budget} follows what is spent ({adjusts}), so it never runs out"
        return failed(sentence, facts, adjusts=budget.adjusts)
    limit, spent = budget.limit, budget.spent
    if limit is None or spent is None or not (isfinite(limit.value) and isfinite(spent.value) and limit.value > 0):
        return unknown("Limit and spending of the budget {budget} are not both told", facts)
    facts |= {"limit": limit, "period": budget.period}
    early = [alert for alert in budget.alerts if _is_early(alert, budget, limit.value)]
    if not early:
        return failed("No alert of {budget} reaches anybody before its limit of {limit} ({period}) is spent", facts)
    first = min(early, key=lambda alert: alert.threshold.value)
    sentence = "Of {limit} in {budget} ({period}) {spent} is spent; the alert on {on} at {threshold} reaches {told}"
    more: dict[str, Fact] = {"spent": spent, "on": first.on, "threshold": first.threshold, "told": first.told}
    return passed(sentence, {**facts, **more}, valid_until=budget.ends.value if budget.ends else None)


def _is_early(alert: BudgetAlert, budget: BudgetFacts, limit: float) -> bool:
    """A forecast of the whole limit comes before it is spent; AWS has no forecast until it knows some weeks."""
    if alert.when.value != "GREATER_THAN" or not (alert.told.value >= 1 and isfinite(alert.threshold.value)):
        return False
    whole = _WHOLE if alert.threshold.unit == "percent" else limit
    if alert.on.value == "FORECASTED":
        return budget.forecast is not None and alert.threshold.value <= whole
    return alert.on.value == "ACTUAL" and 0 < alert.threshold.value < whole
