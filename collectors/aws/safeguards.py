"""AWS: questions and typed answers about what guards the subject's data and money; no client is imported here."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from collectors.evidence import Facts, Model, Number, Request, Resource, State, Time

ACCOUNT = r"^\d{12}$"


class BudgetAsk(Request):
    """What may be spent, what was, and whom an alert reaches before it is gone.

    `owner` is the account that the budget belongs to; None = the account that our own credentials belong to.
    """

    type: ClassVar[str] = "aws.budget"
    name: str
    owner: str | None = Field(None, pattern=ACCOUNT)


class BudgetAlert(Model):
    """`on`: what is compared, "ACTUAL" or "FORECASTED"; `when`: "GREATER_THAN", "LESS_THAN" or "EQUAL_TO".

    `threshold` is in percent of the limit, or in the limit's unit; `told` counts the addresses that get it.
    """

    on: State
    when: State
    threshold: Number
    told: Number


class BudgetFacts(Facts):
    """`kind`: "COST" or what else it counts; `period`: "MONTHLY" and so on; `limit` and `spent` in the same unit.

    `forecast` None = AWS has none yet. `health` None = not told. `adjusts` None = the limit is a fixed one, else what
    it follows ("HISTORICAL" or "FORECAST"). `ends`: after it nothing is compared any more.
    """

    budget: Resource
    kind: State
    period: State
    limit: Number | None
    spent: Number | None
    forecast: Number | None
    health: State | None
    adjusts: State | None
    ends: Time | None
    alerts: tuple[BudgetAlert, ...]
