"""N subjects for the requests that several gates share."""

from __future__ import annotations

from collectors.aws.safeguards import BudgetAsk
from tests.bench.fleet import Data, Row


def budgets(data: Data, n: int) -> None:
    known = data["budgets"]["finance-agents-monthly"]
    data["budgets"] = {f"subject-{i}": known for i in range(n)}


SHARED = {
    # each budget with its alerts, and who gets each of two; our own account once
    "aws.budget": Row("aws", budgets, lambda i: BudgetAsk(name=f"subject-{i}"), lambda n: 1 + 4 * n),
}
