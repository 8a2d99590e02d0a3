"""The requests that several gates share, each with the rule that reads it and a thing in order and one that is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.domain import Finding
from agent.probes.code import last_change_went_through
from agent.probes.safeguards import budget_warns_in_time
from collectors.aws.safeguards import BudgetAsk
from collectors.evidence import Request
from collectors.github.facts import WorkflowRunsAsk


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


def _runs(data: Any) -> None:
    """A later run that failed, a workflow that only people start, one that never ran over the last change."""
    workflows = data["repositories"][REPOSITORY]["workflows"]
    run = {"commit": 4, "at": "2026-06-12T02:00:00-04:00", "conclusion": "failure", "event": "schedule"}
    workflows["failing.yml"] = [*workflows["tests.yml"], run]
    workflows["by-hand.yml"] = [run | {"event": "workflow_dispatch", "conclusion": "success"}]
    workflows["elsewhere.yml"] = [run | {"commit": 3, "conclusion": "success"}]


REPOSITORY = "acme/finance-agents"
WORKFLOWS = ("tests.yml", "failing.yml", "by-hand.yml", "elsewhere.yml")
CASES = {
    "github.workflow_runs": Case(
        "github", tuple(WorkflowRunsAsk(repository=REPOSITORY, workflow=name) for name in WORKFLOWS),
        last_change_went_through, _runs, trials=12,
    ),
    "aws.budget": Case(
        "aws", tuple(BudgetAsk(name=name) for name in ("finance-agents-monthly", "late", "follows")),
        budget_warns_in_time, _budgets,
    ),
}  # fmt: skip
