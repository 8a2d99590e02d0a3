"""What guards money and data: budgets that warn in time."""

from __future__ import annotations

import math

import pytest

from agent.probes.safeguards import budget_warns_in_time
from collectors.aws.safeguards import BudgetAlert, BudgetFacts
from collectors.evidence import Number
from tests.builders import number, resource, state, time, told


def alert(at: float = 80, *, on: str = "ACTUAL", when: str = "GREATER_THAN", to: float = 1, unit: str = "percent"):
    return BudgetAlert(on=state(on), when=state(when), threshold=number(at, unit), told=number(to, "addresses"))


def dollars(value: float | None) -> Number | None:
    return None if value is None else number(value, "USD")


def a_budget(
    *alerts: BudgetAlert, limit: float | None = 1200, spent: float | None = 300, forecast: float | None = 900,
    kind: str = "COST", health: str | None = "HEALTHY", adjusts: str | None = None, ends: str | None = None,
) -> BudgetFacts:  # fmt: skip
    return BudgetFacts(
        budget=resource("agents"), kind=state(kind), period=state("MONTHLY"), limit=dollars(limit),
        spent=dollars(spent), forecast=dollars(forecast), health=state(health) if health else None,
        adjusts=state(adjusts) if adjusts else None, ends=time(ends) if ends else None, alerts=alerts,
    )  # fmt: skip


def says(*alerts: BudgetAlert, **more) -> str:
    return told(budget_warns_in_time(a_budget(*alerts, **more)))


def test_an_alert_that_reaches_somebody_before_the_limit_is_spent_passes():
    """The earliest is told."""
    assert says(alert(90), alert(80, to=2)) == (
        "pass: Of 1,200 USD in agents (MONTHLY) 300 USD is spent; the alert on ACTUAL at 80 % reaches 2 addresses."
    )
    assert says(alert(1199, unit="USD")).startswith("pass")


def test_a_pass_counts_until_the_budget_ends():
    found = budget_warns_in_time(a_budget(alert(), ends="2026-07-01T00:00"))
    assert found.valid_until == time("2026-07-01T00:00").value


def test_a_forecast_of_the_whole_limit_comes_in_time_once_there_is_a_forecast():
    assert says(alert(100, on="FORECASTED")).startswith("pass")
    assert says(alert(100, on="FORECASTED"), forecast=None).startswith("fail")
    assert says(alert(101, on="FORECASTED")).startswith("fail")


@pytest.mark.parametrize(
    "late",
    [alert(100), alert(0), alert(80, to=0), alert(80, when="LESS_THAN"), alert(1200, unit="USD"), alert(80, on="SEEN"),
     alert(math.nan), alert(80, to=math.nan)],
)  # fmt: skip
def test_an_alert_that_is_late_or_reaches_nobody_fails(late: BudgetAlert):
    assert says(late) == "fail: No alert of agents reaches anybody before its limit of 1,200 USD (MONTHLY) is spent."


def test_without_alerts_it_fails():
    assert says().startswith("fail")


def test_a_budget_that_counts_no_money_fails():
    assert says(alert(), kind="USAGE") == "fail: The budget agents counts USAGE and not money."


def test_a_budget_that_is_not_reckoned_fails():
    assert says(alert(), health="UNHEALTHY").startswith("fail: The budget agents is UNHEALTHY")
    assert says(alert(), health=None).startswith("pass")


def test_a_limit_that_follows_what_is_spent_fails():
    assert says(alert(), adjusts="HISTORICAL").startswith("fail: The limit of agents follows what is spent")


@pytest.mark.parametrize(("limit", "spent"), [(None, 3), (0, 3), (math.nan, 3), (9, None), (9, math.inf)])
def test_without_limit_or_spending_it_is_unknown(limit: float | None, spent: float | None):
    assert says(alert(), limit=limit, spent=spent).startswith("unknown: Limit and spending of the budget agents")
