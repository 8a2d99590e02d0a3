"""The requests that several gates share, each with the rule that reads it and a thing in order and one that is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.domain import Finding
from agent.probes.safeguards import budget_warns_in_time
from collectors.aws.safeguards import BudgetAsk
from collectors.evidence import Request


@dataclass(frozen=True)
class Case:
    """`asks`: of the world put-right, after `spoil` has put something beside it that is not in order."""

    vendor: str
    asks: tuple[Request, ...]
    judge: Callable[[Any], Finding]
    spoil: Callable[[Any], None]
    trials: int = 4


def _budgets(data: Any) -> None:
    """Alerts that come late or reach nobody."""
    known = data["budgets"]["finance-agents-monthly"]
    late = [{"at": 100, "to": ["a@b.example"]}, {"at": 80}]
    data["budgets"]["late"] = known | {"forecast": None, "alerts": late}
    data["budgets"]["follows"] = known | {"adjusts": "FORECAST"}


CASES = {
    "aws.budget": Case(
        "aws", tuple(BudgetAsk(name=name) for name in ("finance-agents-monthly", "late", "follows")),
        budget_warns_in_time, _budgets,
    ),
}  # fmt: skip
