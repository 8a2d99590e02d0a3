"""What guards the subject's money and data: budgets, encryption, backups, the trail of what was done."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import isfinite

from agent import periods
from agent.domain import Finding
from agent.probes.findings import duration, failed, passed, unknown
from agent.probes.registry import probe
from collectors.aws.safeguards import BackupsFacts, BudgetAlert, BudgetFacts, EncryptionFacts, TrailFacts
from collectors.evidence import Fact, Origin, Resource

_USABLE = frozenset({"COMPLETED", "AVAILABLE"})
_UNDER_WAY = frozenset({"PENDING", "RUNNING"})
_DAY = timedelta(days=1)
_WHOLE = 100  # percent
_S3_OWN = "AES256"
_ENCRYPTS = frozenset({_S3_OWN, "aws:kms", "aws:kms:dsse"})


@probe
def budget_warns_in_time(budget: BudgetFacts, *, as_of: datetime) -> Finding:
    """A budget of money with a fixed limit is reckoned, and an alert reaches a mail address before it is spent."""
    facts: dict[str, Fact] = {"budget": budget.budget}
    if idle := _compares_nothing(budget, facts, as_of):
        return idle
    limit, spent = budget.limit, budget.spent
    if limit is None or spent is None or not (isfinite(limit.value) and isfinite(spent.value) and limit.value > 0):
        return unknown("Limit and spending of the budget {budget} are not both told", facts)
    facts |= {"limit": limit, "period": budget.period}
    in_time = [alert for alert in budget.alerts if _is_early(alert, budget, limit.value)]
    early = [alert for alert in in_time if alert.told.value >= 1]
    topic = next((alert.topics for alert in in_time if alert.topics.value >= 1), None)
    if not early and topic:
        sentence = "The alerts of {budget} go to {topics} of SNS alone, and whom that reaches is not known here"
        return unknown(sentence, facts, topics=topic)
    if not early:
        return failed("No alert of {budget} reaches anybody before its limit of {limit} ({period}) is spent", facts)
    first = min(early, key=lambda alert: alert.threshold.value)
    sentence = "Of {limit} in {budget} ({period}) {spent} is spent; the alert on {on} at {threshold} reaches {told}"
    more: dict[str, Fact] = {"spent": spent, "on": first.on, "threshold": first.threshold, "told": first.told}
    return passed(sentence, {**facts, **more}, valid_until=budget.ends.value if budget.ends else None)


def _compares_nothing(budget: BudgetFacts, facts: dict[str, Fact], as_of: datetime) -> Finding | None:
    if budget.kind.value != "COST":
        return failed("The budget {budget} counts {kind} and not money", facts, kind=budget.kind)
    if budget.health and budget.health.value != "HEALTHY":
        return failed("The budget {budget} is {health}, so nothing is compared with it", facts, health=budget.health)
    if budget.adjusts:
        sentence = "The limit of {budget} follows what is spent ({adjusts}), so it never runs out"
        return failed(sentence, facts, adjusts=budget.adjusts)
    if budget.starts and budget.starts.value > as_of:
        sentence = "The budget {budget} begins on {starts}, so nothing is compared with it yet"
        return failed(sentence, facts, starts=budget.starts)
    return None


def _is_early(alert: BudgetAlert, budget: BudgetFacts, limit: float) -> bool:
    """A forecast of the whole limit comes before it is spent; AWS has no forecast until it knows some weeks."""
    if alert.when.value != "GREATER_THAN" or not isfinite(alert.threshold.value):
        return False
    whole = _WHOLE if alert.threshold.unit == "percent" else limit
    if alert.on.value == "FORECASTED":
        return budget.forecast is not None and alert.threshold.value <= whole
    return alert.on.value == "ACTUAL" and 0 < alert.threshold.value < whole


@probe
def store_is_encrypted(store: EncryptionFacts, *, kms: bool = False) -> Finding:
    """What is written to the store is encrypted by default, with a key of one's own where the card asks for that."""
    facts: dict[str, Fact] = {"bucket": store.bucket, "algorithm": store.algorithm}
    if store.algorithm.value == "none":
        return failed("The bucket {bucket} encrypts nothing by default", facts)
    if store.algorithm.value not in _ENCRYPTS:
        return unknown("The bucket {bucket} encrypts by {algorithm}, which is not known here", facts)
    if kms and (store.algorithm.value == _S3_OWN or _managed_by_aws(store.key)):
        return failed("The bucket {bucket} encrypts by {algorithm}, and the card asks for a key of its own", facts)
    return passed("The bucket {bucket} encrypts by {algorithm} what is written to it", facts)


def _managed_by_aws(key: Resource | None) -> bool:
    """Without a key named, KMS takes the one that AWS manages for S3, which nobody here can withdraw."""
    return key is None or key.value.endswith("alias/aws/s3")


@probe
def store_refuses_plain_connections(store: EncryptionFacts) -> Finding:
    """The store's own policy refuses every connection that is not encrypted."""
    facts: dict[str, Fact] = {"bucket": store.bucket, "in_clear": store.in_clear}
    if store.in_clear.value == "refused":
        return passed("By the policy of the bucket {bucket} connections in clear are {in_clear}", facts)
    return failed("By the policy of the bucket {bucket} connections in clear are {in_clear}", facts)


@probe
def newest_backup_is_young(backups: BackupsFacts, *, every: str, as_of: datetime) -> Finding:
    """From the newest backup that is no older than the card asks one can restore."""
    limit = periods.length(every)
    facts: dict[str, Fact] = {
        "resource": backups.resource, "every": duration(limit.total_seconds(), origin=Origin.CARD),
    }  # fmt: skip
    usable = [one for one in backups.points if one.state.value in _USABLE and one.created.value <= as_of]
    if not usable:
        return failed("Of {resource} there is no backup from which one could restore", facts)
    newest = max(usable, key=lambda one: one.created.value).created
    facts["newest"] = newest
    if as_of - newest.value > limit:
        return failed("The newest backup of {resource} is of {newest}, and the card asks for one each {every}", facts)
    until = newest.value + limit
    return passed("The newest backup of {resource} is of {newest}, within {every}", facts, valid_until=until)


@probe
def a_backup_was_restored(backups: BackupsFacts, *, within: str, as_of: datetime) -> Finding:
    """The newest restore from a backup came to its end, was not found wrong, and is no older than the card asks."""
    limit = periods.length(within)
    facts: dict[str, Fact] = {
        "resource": backups.resource, "within": duration(limit.total_seconds(), origin=Origin.CARD),
    }  # fmt: skip
    tried = [one for one in backups.restores if one.state.value not in _UNDER_WAY and one.created.value <= as_of]
    if not tried:
        return failed("Nothing was ever restored from a backup of {resource}", facts)
    newest = max(tried, key=lambda one: one.created.value)
    facts |= {"restored": newest.ended or newest.created, "state": newest.state}
    if newest.ended is None:
        return unknown("When the newest restore of {resource} ({state}) ended is not told", facts)
    if not newest.created.value <= newest.ended.value <= as_of:
        sentence = (
            "The newest restore of {resource} ({state}) ended on {restored}: before it began, or after this review"
        )
        return unknown(sentence, facts)
    if newest.state.value != "COMPLETED":
        return failed("The newest restore of {resource} ({restored}) ended as {state}", facts)
    if newest.validated and newest.validated.value == "VALIDATING":
        sentence = "What was restored of {resource} on {restored} is being validated"
        return unknown(sentence, facts, validated=newest.validated)
    if newest.validated and newest.validated.value != "SUCCESSFUL":
        sentence = "What was restored of {resource} on {restored} was validated as {validated}"
        return failed(sentence, facts, validated=newest.validated)
    until = newest.ended.value + limit
    if as_of > until:
        return failed("{resource} was last restored on {restored}, which is not within {within}", facts)
    return passed("{resource} was restored from a backup on {restored}, within {within}", facts, valid_until=until)


@probe
def actions_are_written_down(trail: TrailFacts, *, as_of: datetime) -> Finding:
    """The trail takes in every management event of every Region, and wrote them to its bucket within a day."""
    facts: dict[str, Fact] = {"trail": trail.trail}
    for state, sentence in (
        (trail.logging, "The trail {trail} is {state}"),
        (trail.everywhere, "The trail {trail} takes in a single Region: every Region is {state}"),
        (trail.validated, "The trail {trail} writes no digests of its files: validation is {state}"),
    ):
        if state.value != "on":
            return failed(sentence, facts, state=state)
    if trail.management.value != "all":
        return failed("Of the management events the trail {trail} takes in {state}", facts, state=trail.management)
    if trail.error is not None:
        return failed("The trail {trail} could not write to its bucket: {state}", facts, state=trail.error)
    if trail.delivered is None:
        return failed("The trail {trail} has never written to its bucket", facts)
    facts["delivered"] = trail.delivered
    if trail.delivered.value - as_of > _DAY:
        return unknown("The trail {trail} is said to have written on {delivered}, which has not come yet", facts)
    if as_of - trail.delivered.value > _DAY:
        return failed("The trail {trail} last wrote to its bucket on {delivered}, which is more than a day ago", facts)
    return passed("The trail {trail} takes in every management event, and wrote to its bucket on {delivered}", facts)
