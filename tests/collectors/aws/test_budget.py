"""aws.budget over real HTTP: the limit, what is spent of it, and how many addresses each alert reaches."""

from __future__ import annotations

import json

import pytest

from collectors.aws.budget import budget
from collectors.aws.safeguards import BudgetAsk, BudgetFacts
from collectors.evidence import Evidence, Gap, GapReason
from collectors.sandbox.faults import Fault
from tests.collectors.aws.aws_door import Door

EARLY = BudgetAsk(name="spent-early", owner="123456789012")


def facts_of(door: Door, ask: BudgetAsk = EARLY) -> BudgetFacts:
    found = door.evidence(budget, ask).facts
    assert isinstance(found, BudgetFacts)
    return found


def alerts(found: BudgetFacts) -> list[tuple[str, str, float, str, float]]:
    return [(a.on.value, a.when.value, a.threshold.value, a.threshold.unit, a.told.value) for a in found.alerts]


def test_in_both_worlds_the_budget_has_a_limit_and_alerts_that_reach_somebody(either: Door) -> None:
    found = facts_of(either, BudgetAsk(name="finance-agents-monthly"))
    assert found.limit is not None
    assert (found.limit.value, found.limit.unit, found.kind.value, found.period.value) == (
        1200,
        "USD",
        "COST",
        "MONTHLY",
    )
    assert alerts(found) == [
        ("ACTUAL", "GREATER_THAN", 80, "percent", 2), ("FORECASTED", "GREATER_THAN", 100, "percent", 0),
    ]  # fmt: skip


def test_topics_are_counted_apart_from_addresses(odd: Door, either: Door) -> None:
    both = facts_of(odd).alerts[0]
    assert (both.told.value, both.topics.value) == (1, 1)
    topic = facts_of(either, BudgetAsk(name="finance-agents-monthly")).alerts[1]
    assert (topic.told.value, topic.topics.value) == (0, 1)


def test_spending_forecast_and_end_are_told(odd: Door) -> None:
    found = facts_of(odd)
    assert found.spent is not None
    assert found.forecast is not None
    assert found.ends is not None
    assert found.starts is not None
    years = (found.starts.value.year, found.ends.value.year)
    assert (found.spent.value, found.forecast.value, years) == (12.5, 90, (2026, 2087))
    assert alerts(found)[1][-1] == 0  # an alert that nobody gets


def test_a_limit_that_follows_spending_and_a_budget_out_of_order_are_told(odd: Door) -> None:
    found = facts_of(odd, BudgetAsk(name="follows"))
    assert found.adjusts is not None
    assert found.health is not None
    assert (found.adjusts.value, found.health.value, found.alerts) == ("HISTORICAL", "UNHEALTHY", ())


def test_what_aws_does_not_tell_is_none(odd: Door) -> None:
    found = facts_of(odd, BudgetAsk(name="limitless"))
    assert (found.limit, found.forecast, found.health, found.ends, found.kind.value) == (
        None,
        None,
        None,
        None,
        "USAGE",
    )


def test_addresses_and_filters_are_not_kept(odd: Door) -> None:
    answer = odd.evidence(budget, EARLY)
    assert "acme.example" not in answer.to_bytes().decode()
    assert {"budget.CostFilters", "alerts.Subscribers.Address"} <= set(answer.redacted)


def test_the_account_is_asked_for_where_the_card_names_none(odd: Door) -> None:
    called = [call.path for call in odd.evidence(budget, BudgetAsk(name="limitless")).calls]
    assert called == ["sts:GetCallerIdentity", "budgets:DescribeBudget", "budgets:DescribeNotificationsForBudget"]
    assert odd.evidence(budget, EARLY).calls[0].path == "budgets:DescribeBudget"


def test_another_accounts_budget_is_denied_and_one_that_is_not_there_gone(odd: Door) -> None:
    other = odd.gap(budget, BudgetAsk(name="spent-early", owner="210987654321"))
    assert (other.reason, other.scope) == (GapReason.DENIED, "budgets:ViewBudget")
    assert odd.gap(budget, BudgetAsk(name="nothing")).reason is GapReason.GONE


def says(body: object, after: int = 0, times: int = 0, status: int = 200) -> Fault:
    return Fault(
        kind="status", status=status, body=json.dumps(body), after=after, **({"times": times} if times else {})
    )


def told(**other: object) -> dict[str, object]:
    return {"Budget": {"BudgetName": "spent-early", "BudgetType": "COST", "TimeUnit": "MONTHLY"} | other}


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_refusal_at_any_call_names_the_permission(odd: Door, after: int) -> None:
    gap = odd.gap(budget, EARLY, says({"__type": "AccessDeniedException", "message": "no"}, after, status=400))
    assert (gap.reason, gap.scope) == (GapReason.DENIED, "budgets:ViewBudget")
    assert "budgets:ViewBudget" in gap.what


@pytest.mark.parametrize(
    "broken",
    [
        says({}),
        says(told(BudgetName="another")),
        says(told(BudgetLimit={"Amount": "much", "Unit": "USD"})),
        says(told(BudgetLimit={"Amount": "NaN", "Unit": "USD"})),
        says({}, after=1),
        says({"Notifications": ["x"]}, after=1),
        says({"Notifications": [{"NotificationType": "ACTUAL"}]}, after=1),
        says({"Subscribers": [{"SubscriptionType": "EMAIL"}]}, after=2),
        says({"Subscribers": [{"SubscriptionType": "EMAIL", "Address": ""}]}, after=2),
    ],
)
def test_an_answer_that_is_not_the_contracts_is_malformed(odd: Door, broken: Fault) -> None:
    assert odd.gap(budget, EARLY, broken).reason is GapReason.MALFORMED


ONE = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}


def test_alerts_are_listed_to_the_last_page(odd: Door) -> None:
    """The second page of the real list begins with its second alert."""
    odd.proxy.set(says({"Notifications": [ONE], "NextToken": "1"}, after=1, times=1))
    (answer,) = budget(odd.conn, [EARLY])
    assert isinstance(answer, Evidence), answer
    assert isinstance(answer.facts, BudgetFacts)
    assert [one[2] for one in alerts(answer.facts)] == [80, 100]


def test_a_list_that_points_to_itself_is_truncated(odd: Door) -> None:
    endless = says({"Notifications": [], "NextToken": "same"}, after=1)
    assert odd.gap(budget, EARLY, endless).reason is GapReason.TRUNCATED


def test_one_failing_question_leaves_the_others_alone(odd: Door) -> None:
    first, second = budget(odd.conn, [BudgetAsk(name="nothing"), EARLY])
    assert isinstance(first, Gap)
    assert isinstance(second, Evidence)
