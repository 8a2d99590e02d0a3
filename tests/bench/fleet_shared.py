"""N subjects for the requests that several gates share."""

from __future__ import annotations

from collectors.aws.safeguards import BudgetAsk
from collectors.github.facts import WorkflowRunsAsk
from tests.bench.fleet import Data, Row


def budgets(data: Data, n: int) -> None:
    known = data["budgets"]["finance-agents-monthly"]
    data["budgets"] = {f"subject-{i}": known for i in range(n)}


def tested(data: Data, n: int) -> None:
    """Each in a repository of its own, tested over its one commit."""
    run = {"commit": 1, "at": "2026-05-04T11:21:00-04:00"}
    commit = {"at": "2026-05-04T11:20:00-04:00", "message": "First", "by": "Lena Fischer"}
    data["repositories"] = {
        f"acme/subject-{i}": {"commits": [commit], "workflows": {"ci.yml": [run]}} for i in range(n)
    }


SHARED = {
    # each in a repository of its own: its last commit, and the runs over that
    "github.workflow_runs": Row(
        "github", tested, lambda i: WorkflowRunsAsk(repository=f"acme/subject-{i}", workflow="ci.yml"), lambda n: 2 * n
    ),
    # each budget with its alerts, and who gets each of two; our own account once
    "aws.budget": Row("aws", budgets, lambda i: BudgetAsk(name=f"subject-{i}"), lambda n: 1 + 4 * n),
}
