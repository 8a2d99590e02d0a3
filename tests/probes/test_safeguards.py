"""What guards money and data: budgets that warn in time, stores that encrypt, backups that restore."""

from __future__ import annotations

import math

import pytest

from agent.probes.safeguards import (
    a_backup_was_restored,
    actions_are_written_down,
    budget_warns_in_time,
    newest_backup_is_young,
    store_is_encrypted,
    store_refuses_plain_connections,
)
from collectors.aws.safeguards import (
    BackupsFacts,
    BudgetAlert,
    BudgetFacts,
    EncryptionFacts,
    RecoveryPoint,
    Restore,
    TrailFacts,
)
from collectors.evidence import Number
from tests.builders import AS_OF, number, resource, state, time, told


def alert(
    at: float = 80,
    *,
    on: str = "ACTUAL",
    when: str = "GREATER_THAN",
    to: float = 1,
    unit: str = "percent",
    topics: float = 0,
):
    return BudgetAlert(
        on=state(on), when=state(when), threshold=number(at, unit), told=number(to, "addresses"),
        topics=number(topics, "topics"),
    )  # fmt: skip


def dollars(value: float | None) -> Number | None:
    return None if value is None else number(value, "USD")


def a_budget(
    *alerts: BudgetAlert, limit: float | None = 1200, spent: float | None = 300, forecast: float | None = 900,
    kind: str = "COST", health: str | None = "HEALTHY", adjusts: str | None = None, ends: str | None = None,
    starts: str | None = "2026-01-01T00:00",
) -> BudgetFacts:  # fmt: skip
    return BudgetFacts(
        budget=resource("agents"), kind=state(kind), period=state("MONTHLY"), limit=dollars(limit),
        spent=dollars(spent), forecast=dollars(forecast), health=state(health) if health else None,
        adjusts=state(adjusts) if adjusts else None, starts=time(starts) if starts else None,
        ends=time(ends) if ends else None, alerts=alerts,
    )  # fmt: skip


def says(*alerts: BudgetAlert, **more) -> str:
    return told(budget_warns_in_time(a_budget(*alerts, **more), as_of=AS_OF))


def test_an_alert_that_reaches_somebody_before_the_limit_is_spent_passes():
    """The earliest is told."""
    assert says(alert(90), alert(80, to=2)) == (
        "pass: Of 1,200 USD in agents (MONTHLY) 300 USD is spent; the alert on ACTUAL at 80 % reaches 2 addresses."
    )
    assert says(alert(1199, unit="USD")).startswith("pass")


def test_a_pass_counts_until_the_budget_ends():
    found = budget_warns_in_time(a_budget(alert(), ends="2026-07-01T00:00"), as_of=AS_OF)
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


def test_a_topic_alone_may_reach_nobody():
    assert says(alert(80, to=0, topics=1)) == (
        "unknown: The alerts of agents go to 1 topic of SNS alone, and whom that reaches is not known here."
    )
    assert says(alert(80, to=0, topics=1), alert(90)).startswith("pass")
    assert says(alert(100, to=0, topics=1)).startswith("fail")


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


def test_a_budget_that_has_not_begun_warns_nobody():
    assert says(alert(), starts="2026-07-01T00:00").startswith("fail: The budget agents begins on 1 July 2026")
    assert says(alert(), starts="2026-06-12T16:00").startswith("pass")
    assert says(alert(), starts=None).startswith("pass")


def a_store(algorithm: str = "aws:kms", in_clear: str = "refused", key: str | None = None) -> EncryptionFacts:
    return EncryptionFacts(
        bucket=resource("audit"), algorithm=state(algorithm), key=resource(key) if key else None,
        in_clear=state(in_clear),
    )  # fmt: skip


def test_a_store_that_encrypts_passes_and_one_that_does_not_fails():
    assert told(store_is_encrypted(a_store())) == ("pass: The bucket audit encrypts by aws:kms what is written to it.")
    assert told(store_is_encrypted(a_store("none"))) == "fail: The bucket audit encrypts nothing by default."


def test_a_card_may_ask_for_a_key_of_its_own():
    assert told(store_is_encrypted(a_store("AES256"))).startswith("pass")
    assert told(store_is_encrypted(a_store("AES256"), kms=True)).startswith("fail: The bucket audit encrypts by AES256")
    own = a_store("aws:kms:dsse", key="arn:aws:kms:us-east-1:123456789012:key/1")
    assert told(store_is_encrypted(own, kms=True)).startswith("pass")


@pytest.mark.parametrize("key", [None, "alias/aws/s3", "arn:aws:kms:us-east-1:123456789012:alias/aws/s3"])
def test_the_key_that_aws_manages_is_none_of_ones_own(key: str | None):
    assert told(store_is_encrypted(a_store(key=key), kms=True)).startswith("fail: The bucket audit encrypts by aws:kms")
    assert told(store_is_encrypted(a_store(key=key))).startswith("pass")


def test_a_way_to_encrypt_that_is_not_known_here_is_unknown():
    assert told(store_is_encrypted(a_store("rot13"))).startswith("unknown")


def test_connections_in_clear_are_refused_or_not():
    assert told(store_refuses_plain_connections(a_store())) == (
        "pass: By the policy of the bucket audit connections in clear are refused."
    )
    assert told(store_refuses_plain_connections(a_store(in_clear="not refused"))).startswith("fail")


def kept(*points: tuple[str, str], restores: tuple[Restore, ...] = ()) -> BackupsFacts:
    made = tuple(RecoveryPoint(created=time(at), state=state(word)) for at, word in points)
    return BackupsFacts(resource=resource("table"), points=made, restores=restores)


def restore(
    at: str = "2026-06-01T09:00", word: str = "COMPLETED", ended: str | None = "2026-06-01T09:30",
    validated: str | None = None,
) -> Restore:  # fmt: skip
    return Restore(
        created=time(at), ended=time(ended) if ended else None, state=state(word),
        validated=state(validated) if validated else None,
    )  # fmt: skip


def young(*points: tuple[str, str]) -> str:
    return told(newest_backup_is_young(kept(*points), every="1 day", as_of=AS_OF))


def test_the_newest_usable_backup_is_young_enough_or_not():
    """A part of a backup is none."""
    assert young(("2026-06-11T16:00", "COMPLETED")) == (
        "pass: The newest backup of table is of 11 June 2026, 16:00 EDT, within 1 day."
    )
    assert young(("2026-06-11T16:00", "AVAILABLE")).startswith("pass")
    assert young(("2026-06-11T15:59", "COMPLETED"), ("2026-06-12T03:00", "PARTIAL")).startswith(
        "fail: The newest backup"
    )


def test_without_a_usable_backup_it_fails():
    assert young() == young(("2026-06-12T03:00", "EXPIRED"))
    assert young() == "fail: Of table there is no backup from which one could restore."


def test_what_came_after_the_review_is_none_of_it():
    assert young(("2026-06-12T16:01", "COMPLETED")) == young()
    assert restored(restore("2026-06-12T16:01", ended="2026-06-12T16:30")) == restored()


def test_a_backup_counts_until_the_next_is_due():
    found = newest_backup_is_young(kept(("2026-06-12T03:00", "COMPLETED")), every="1 day", as_of=AS_OF)
    assert found.valid_until == time("2026-06-13T03:00").value


def restored(*restores: Restore) -> str:
    return told(a_backup_was_restored(kept(restores=restores), within="30 days", as_of=AS_OF))


def test_a_restore_that_ended_well_passes():
    assert restored(restore()) == ("pass: table was restored from a backup on 1 June 2026, 09:30 EDT, within 30 days.")
    assert restored(restore(validated="SUCCESSFUL")).startswith("pass")


def test_the_newest_restore_decides():
    """One that is still under way says nothing."""
    later = {"at": "2026-06-02T09:00", "ended": "2026-06-02T09:10"}
    assert restored(restore(), restore(**later, word="FAILED")).startswith("fail: The newest restore of table")
    assert restored(restore(word="FAILED"), restore(**later)).startswith("pass")
    assert restored(restore(), restore("2026-06-12T09:00", "RUNNING", None)).startswith("pass")


@pytest.mark.parametrize("validated", ["FAILED", "TIMED_OUT"])
def test_what_was_found_wrong_fails(validated: str):
    assert restored(restore(validated=validated)).startswith("fail: What was restored of table on")


def test_what_is_not_established_is_unknown():
    assert restored(restore(validated="VALIDATING")).startswith("unknown: What was restored of table")
    assert restored(restore(ended=None)).startswith("unknown: When the newest restore of table")


@pytest.mark.parametrize("ended", ["2027-06-01T09:30", "2026-06-12T16:01", "2026-06-01T08:59"])
def test_a_restore_that_ended_after_the_review_or_before_it_began_is_unknown(ended: str):
    assert restored(restore(ended=ended)).startswith("unknown: The newest restore of table (COMPLETED) ended on")


def test_a_restore_of_long_ago_and_none_at_all_fail():
    assert restored(restore("2026-05-01T09:00", ended="2026-05-01T10:00")).startswith("fail: table was last restored")
    assert restored() == "fail: Nothing was ever restored from a backup of table."


def written(
    *, logging: str = "on", everywhere: str = "on", validated: str = "on", management: str = "all",
    error: str | None = None, delivered: str | None = "2026-06-12T15:50",
) -> str:  # fmt: skip
    facts = TrailFacts(
        trail=resource("all"), logging=state(logging), everywhere=state(everywhere), validated=state(validated),
        management=state(management), error=state(error) if error else None,
        delivered=time(delivered) if delivered else None,
    )  # fmt: skip
    return told(actions_are_written_down(facts, as_of=AS_OF))


def test_a_trail_that_takes_in_everything_and_wrote_within_a_day_passes():
    assert written() == (
        "pass: The trail all takes in every management event, and wrote to its bucket on 12 June 2026, 15:50 EDT."
    )
    assert written(delivered="2026-06-11T16:00").startswith("pass")


def test_a_trail_that_wrote_in_a_time_to_come_is_unknown():
    """It may write between the review's time and the look, and not a year later."""
    assert written(delivered="2026-06-12T16:04").startswith("pass")
    assert written(delivered="2027-06-12T15:50").startswith("unknown: The trail all is said to have written on 12 June")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"logging": "off"}, "The trail all is off"),
        ({"everywhere": "off"}, "The trail all takes in a single Region"),
        ({"validated": "off"}, "The trail all writes no digests"),
        ({"management": "not all"}, "Of the management events the trail all takes in not all"),
        ({"error": "NoSuchBucket"}, "The trail all could not write to its bucket: NoSuchBucket"),
        ({"delivered": None}, "The trail all has never written"),
        ({"delivered": "2026-06-11T15:59"}, "The trail all last wrote to its bucket on 11 June 2026"),
    ],
)
def test_a_trail_that_is_not_written_or_leaves_something_out_fails(change: dict[str, str | None], sentence: str):
    assert written(**change).startswith(f"fail: {sentence}")  # type: ignore[arg-type]
