"""AWS Budgets: one budget, its alerts, and who gets each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from collectors.sandbox.aws.data import Budget, BudgetAlert, Estate
from collectors.sandbox.aws.wire import json_answer, json_error
from collectors.sandbox.server import Asked, Reply

PAGE = 100
Sent = Mapping[str, JsonValue]


def answer(asked: Asked, estate: Estate) -> Reply:
    operation = asked.headers.get("x-amz-target", "").rpartition(".")[2]
    sent = asked.json()
    if operation not in _OPERATIONS or not isinstance(sent, dict):
        return json_error(400, "AccessDeniedException", f"{estate.caller} is not authorized to perform: {operation}")
    if sent.get("AccountId") != estate.account:
        return json_error(400, "AccessDeniedException", f"{estate.caller} may not see another account's budgets")
    name = str(sent.get("BudgetName"))
    if name not in estate.budgets:
        return json_error(400, "NotFoundException", f"Unable to get budget: {name} - the budget doesn't exist.")
    return _OPERATIONS[operation](name, estate.budgets[name], sent)


def _money(amount: str | None) -> JsonValue:
    return None if amount is None else {"Amount": amount, "Unit": "USD"}


def _present(told: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {key: value for key, value in told.items() if value is not None}


def _describe(name: str, budget: Budget, sent: Sent) -> Reply:
    spent = _present({"ActualSpend": _money(budget.spent), "ForecastedSpend": _money(budget.forecast)})
    ends = {"End": budget.ends.timestamp()} if budget.ends else {}
    told: dict[str, JsonValue] = {
        "BudgetName": name, "BudgetType": budget.kind, "TimeUnit": budget.period, "BudgetLimit": _money(budget.limit),
        "CalculatedSpend": spent, "CostFilters": {"TagKeyValue": ["user:subject$finance-invoice-recon"]},
        "TimePeriod": {"Start": 1767225600.0, **ends}, "LastUpdatedTime": 1776067200.0,
        "AutoAdjustData": {"AutoAdjustType": budget.adjusts} if budget.adjusts else None,
        "HealthStatus": {"Status": budget.health} if budget.health else None,
    }  # fmt: skip
    return json_answer({"Budget": _present(told)})


def _alerts(name: str, budget: Budget, sent: Sent) -> Reply:
    return _page([_alert(one) for one in budget.alerts], "Notifications", sent)


def _alert(alert: BudgetAlert) -> JsonValue:
    return {
        "NotificationType": alert.of, "ComparisonOperator": alert.when, "Threshold": alert.at,
        "ThresholdType": "PERCENTAGE", "NotificationState": "OK",
    }  # fmt: skip


def _subscribers(name: str, budget: Budget, sent: Sent) -> Reply:
    asked = sent.get("Notification")
    wanted = asked if isinstance(asked, dict) else {}

    def same(alert: BudgetAlert) -> bool:
        own = _alert(alert)
        return isinstance(own, dict) and all(own[key] == value for key, value in wanted.items())

    found = next((alert for alert in budget.alerts if same(alert)), None)
    if found is None:
        return json_error(400, "NotFoundException", "Notification not found.")
    kinds = {True: "SNS", False: "EMAIL"}
    shown: list[JsonValue] = [
        {"SubscriptionType": kinds[to.startswith("arn:")], "Address": to} for to in found.to
    ]  # fmt: skip
    return _page(shown, "Subscribers", sent)


def _page(whole: list[JsonValue], key: str, sent: Sent) -> Reply:
    start, size = str(sent.get("NextToken", "0")), int(str(sent.get("MaxResults", PAGE)))
    if not start.isdigit():
        return json_error(400, "InvalidNextTokenException", "The NextToken value is invalid.")
    end = int(start) + size
    return json_answer({key: whole[int(start) : end]} | ({"NextToken": str(end)} if end < len(whole) else {}))


_OPERATIONS: dict[str, Callable[[str, Budget, Sent], Reply]] = {
    "DescribeBudget": _describe,
    "DescribeNotificationsForBudget": _alerts,
    "DescribeSubscribersForNotification": _subscribers,
}
