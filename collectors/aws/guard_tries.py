"""The permissions that tell of budgets, encryption, backups and trails, tried on those that cards name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from collectors.aws.encryption import NO_ENCRYPTION, NO_POLICY
from collectors.aws.safeguards import BackupsAsk, BudgetAsk, EncryptionAsk, TrailAsk
from collectors.evidence import Request
from collectors.tries import Trial, first_of_each

A = TypeVar("A", bound=Request)
Read = Callable[..., Trial]


def trials(trial: Read, asks: Sequence[Request], account: str) -> Iterator[Trial]:
    """For the first few things of each type of request; `account` is that of our own credentials."""
    for budget in first_of_each(_of(asks, BudgetAsk), lambda ask: ask.name):
        asked = {"AccountId": budget.owner or account, "BudgetName": budget.name}
        yield trial("budgets", "DescribeBudget", asked, f"budget {budget.name}")
    for store in first_of_each(_of(asks, EncryptionAsk), lambda ask: ask.bucket):
        asked, about = {"Bucket": store.bucket, "ExpectedBucketOwner": store.owner or account}, f"bucket {store.bucket}"
        yield trial("s3", "GetBucketEncryption", asked, about, NO_ENCRYPTION)
        yield trial("s3", "GetBucketPolicy", asked, about, NO_POLICY)
    for backup in first_of_each(_of(asks, BackupsAsk), lambda ask: ask.resource):
        for operation in ("ListRecoveryPointsByResource", "ListRestoreJobsByProtectedResource"):
            of = {"ResourceArn": backup.resource, "MaxResults": 1}
            yield trial("backup", operation, of, f"resource {backup.resource}")

    for trail in first_of_each(_of(asks, TrailAsk), lambda ask: ask.name):
        for operation, key in (("GetTrail", "Name"), ("GetTrailStatus", "Name"), ("GetEventSelectors", "TrailName")):
            yield trial("cloudtrail", operation, {key: trail.name}, f"trail {trail.name}")


def _of(asks: Sequence[Request], kind: type[A]) -> list[A]:
    return [ask for ask in asks if isinstance(ask, kind)]
