"""Collector `aws.budget`: one budget with its alerts and how many addresses and topics each of them reaches.

Out of scope: who is subscribed to a topic that an alert goes to; which costs the budget's filter takes in, which a
person has to say; whether somebody reads the mail; actions that a budget starts; and Cost Explorer's own numbers, of
which the budget's spending lags by hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from collectors.aws.client import SETTING, Asking, Params, answer_all, read
from collectors.aws.owner import Caller
from collectors.aws.pages import elements
from collectors.aws.safeguards import BudgetAlert, BudgetAsk, BudgetFacts
from collectors.connections import Connections, not_configured
from collectors.errors import Malformed
from collectors.evidence import (
    Answer,
    Completeness,
    Evidence,
    Number,
    Origin,
    Resource,
    State,
    Time,
    fingerprint,
    pointer,
)

Budget = dict[str, JsonValue]


def _amount(value: object) -> float:
    try:
        return float(Decimal(str(value)))
    except InvalidOperation as error:
        raise ValueError("is no amount") from error


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Spend(_Wire):
    amount: Annotated[float, BeforeValidator(_amount), Field(allow_inf_nan=False)] = Field(alias="Amount")
    unit: str = Field(alias="Unit")


class _Spent(_Wire):
    actual: _Spend = Field(alias="ActualSpend")
    forecast: _Spend | None = Field(None, alias="ForecastedSpend")


class _Adjusts(_Wire):
    kind: Literal["HISTORICAL", "FORECAST"] = Field(alias="AutoAdjustType")


class _Period(_Wire):
    start: AwareDatetime | None = Field(None, alias="Start")
    end: AwareDatetime | None = Field(None, alias="End")


class _Health(_Wire):
    status: Literal["HEALTHY", "UNHEALTHY"] | None = Field(None, alias="Status")


class _Budget(_Wire):
    name: str = Field(alias="BudgetName")
    kind: str = Field(alias="BudgetType")
    unit: str = Field(alias="TimeUnit")
    limit: _Spend | None = Field(None, alias="BudgetLimit")
    spent: _Spent | None = Field(None, alias="CalculatedSpend")
    adjusts: _Adjusts | None = Field(None, alias="AutoAdjustData")
    period: _Period | None = Field(None, alias="TimePeriod")
    health: _Health | None = Field(None, alias="HealthStatus")


class _Alert(_Wire):
    on: Literal["ACTUAL", "FORECASTED"] = Field(alias="NotificationType")
    when: Literal["GREATER_THAN", "LESS_THAN", "EQUAL_TO"] = Field(alias="ComparisonOperator")
    threshold: Annotated[float, Field(allow_inf_nan=False)] = Field(alias="Threshold")
    kind: Literal["PERCENTAGE", "ABSOLUTE_VALUE"] = Field("PERCENTAGE", alias="ThresholdType")


class _Subscriber(_Wire):
    kind: Literal["EMAIL", "SNS"] = Field(alias="SubscriptionType")
    address: str = Field(alias="Address", min_length=1)


KEPT = (
    "BudgetName", "BudgetType", "TimeUnit", "BudgetLimit", "CalculatedSpend", "AutoAdjustData", "TimePeriod",
    "HealthStatus", "LastUpdatedTime",
)  # fmt: skip
OF_ALERT = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType", "NotificationState")


def budget(conn: Connections, asks: Sequence[BudgetAsk]) -> Iterable[Answer]:
    """A budget's limit, what is spent of it, and its alerts with the number of addresses that each reaches."""
    if conn.aws is None:
        return not_configured("aws", asks, conn.clock(), SETTING)
    caller = Caller(conn, conn.aws)
    return answer_all(conn, asks, "budgets", lambda asking, ask: _one(asking, ask, caller))


def _one(asking: Asking, ask: BudgetAsk, caller: Caller) -> Evidence:
    owner = caller.owner(asking, ask)
    asked = {"AccountId": owner.account, "BudgetName": ask.name}
    told = asking.call("DescribeBudget", asked).body.get("Budget")
    what = f"aws budgets:DescribeBudget of {ask.name}"
    found = read(_Budget, told, what)
    if found.name != ask.name:
        raise Malformed(f"{what} tells of another budget", status=200)
    whole = dict(told) if isinstance(told, dict) else {}
    alerts = [
        _alert(asking, asked, one) for one in elements(asking, "DescribeNotificationsForBudget", asked, "Notifications")
    ]
    body: Budget = {"budget": {k: v for k, v in whole.items() if k in KEPT}, "alerts": [*alerts], **owner.body}
    removed = [f"budget.{name}" for name in sorted(set(whole) - set(KEPT))]
    return asking.sealed(
        ask, _facts(found, alerts), body, page=_page(ask.name), account=owner.account,
        completeness=Completeness(items=len(alerts), note="items are alerts"),
        redacted=[*removed, "alerts.Subscribers.Address", *owner.removed],
    )  # fmt: skip


def _page(name: str) -> str:
    return f"https://console.aws.amazon.com/billing/home#/budgets/details?name={quote(name)}"


def _alert(asking: Asking, asked: Params, told: dict[str, JsonValue]) -> Budget:
    """One alert as AWS tells it, with a one-way name for each address that it reaches."""
    read(_Alert, told, "aws budgets:DescribeNotificationsForBudget")
    of: dict[str, object] = {k: v for k, v in told.items() if k in OF_ALERT and k != "NotificationState"}
    about = {**asked, "Notification": of}
    listed = [*elements(asking, "DescribeSubscribersForNotification", about, "Subscribers")]
    reached = [read(_Subscriber, one, "aws budgets:DescribeSubscribersForNotification") for one in listed]
    shown: list[JsonValue] = [
        {"SubscriptionType": one.kind, "Address": f"address-{fingerprint(one.address)}"} for one in reached
    ]
    return {**{k: v for k, v in told.items() if k in OF_ALERT}, "Subscribers": shown}


def _facts(found: _Budget, alerts: Sequence[Budget]) -> BudgetFacts:
    spent = found.spent
    period = found.period or _Period()
    health = found.health.status if found.health else None
    return BudgetFacts(
        budget=Resource(value=found.name, pointer=pointer("budget", "BudgetName")),
        kind=State(value=found.kind, pointer=pointer("budget", "BudgetType")),
        period=State(value=found.unit, pointer=pointer("budget", "TimeUnit")),
        limit=_money(found.limit, "BudgetLimit"),
        spent=_money(spent.actual if spent else None, "CalculatedSpend", "ActualSpend"),
        forecast=_money(spent.forecast if spent else None, "CalculatedSpend", "ForecastedSpend"),
        health=State(value=health, pointer=pointer("budget", "HealthStatus", "Status")) if health else None,
        adjusts=_adjusts(found.adjusts),
        starts=_edge(period.start, "Start"), ends=_edge(period.end, "End"),
        alerts=tuple(_alert_fact(i, one, found.limit) for i, one in enumerate(alerts)),
    )  # fmt: skip


def _edge(at: datetime | None, name: str) -> Time | None:
    return Time(value=at, at=at, pointer=pointer("budget", "TimePeriod", name)) if at else None


def _money(spend: _Spend | None, *path: str) -> Number | None:
    """AWS writes amounts as text, which the number is read from."""
    if spend is None:
        return None
    return Number(value=spend.amount, unit=spend.unit, pointer=pointer("budget", *path, "Amount"))


def _adjusts(adjusts: _Adjusts | None) -> State | None:
    if adjusts is None:
        return None
    return State(value=adjusts.kind, pointer=pointer("budget", "AutoAdjustData", "AutoAdjustType"))


def _reached(shown: Sequence[JsonValue], kind: str, unit: str) -> Number:
    found = [one for one in shown if isinstance(one, dict) and one["SubscriptionType"] == kind]
    return Number(value=len(found), unit=unit, origin=Origin.CODE)


def _alert_fact(place: int, told: Budget, limit: _Spend | None) -> BudgetAlert:
    alert = read(_Alert, told, "aws budgets:DescribeNotificationsForBudget")
    unit = "percent" if alert.kind == "PERCENTAGE" else (limit.unit if limit else "")
    reached = told["Subscribers"]
    assert isinstance(reached, list)
    return BudgetAlert(
        on=State(value=alert.on, pointer=pointer("alerts", place, "NotificationType")),
        when=State(value=alert.when, pointer=pointer("alerts", place, "ComparisonOperator")),
        threshold=Number(value=alert.threshold, unit=unit, pointer=pointer("alerts", place, "Threshold")),
        told=_reached(reached, "EMAIL", "addresses"), topics=_reached(reached, "SNS", "topics"),
    )  # fmt: skip
