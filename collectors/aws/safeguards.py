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

    `threshold` is in percent of the limit, or in the limit's unit; `told` counts the mail addresses that get it, and
    `topics` those of SNS, which reach nobody by themselves and whose subscribers are not asked for.
    """

    on: State
    when: State
    threshold: Number
    told: Number
    topics: Number


class BudgetFacts(Facts):
    """`kind`: "COST" or what else it counts; `period`: "MONTHLY" and so on; `limit` and `spent` in the same unit.

    `forecast` None = AWS has none yet. `health` None = not told. `adjusts` None = the limit is a fixed one, else what
    it follows ("HISTORICAL" or "FORECAST"). Before `starts` and after `ends` nothing is compared.
    """

    budget: Resource
    kind: State
    period: State
    limit: Number | None
    spent: Number | None
    forecast: Number | None
    health: State | None
    adjusts: State | None
    starts: Time | None
    ends: Time | None
    alerts: tuple[BudgetAlert, ...]


class EncryptionAsk(Request):
    """How does a bucket encrypt, and does it refuse connections in clear? `owner` as for a budget."""

    type: ClassVar[str] = "s3.encryption"
    bucket: str
    owner: str | None = Field(None, pattern=ACCOUNT)


class EncryptionFacts(Facts):
    """`algorithm`: "AES256", "aws:kms", "aws:kms:dsse" or "none"; `key` None = S3's own or the account's usual one.

    `in_clear`: connections without TLS are "refused" by the bucket's policy to everybody, or "not refused".
    """

    bucket: Resource
    algorithm: State
    key: Resource | None
    in_clear: State


class BackupsAsk(Request):
    """What was backed up of a resource (its ARN), and what was restored of it?"""

    type: ClassVar[str] = "aws.backups"
    resource: str = Field(pattern=r"^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:\S{1,400}$")


class RecoveryPoint(Model):
    """`state`: "COMPLETED" or "AVAILABLE" where one can restore from it, else what it is instead."""

    created: Time
    state: State


class Restore(Model):
    """`state`: "COMPLETED" and so on; `validated` None = nobody let AWS Backup validate what was restored."""

    created: Time
    ended: Time | None
    state: State
    validated: State | None


class BackupsFacts(Facts):
    """In the order in which AWS tells them; without any, nothing was backed up or restored by AWS Backup."""

    resource: Resource
    points: tuple[RecoveryPoint, ...]
    restores: tuple[Restore, ...]


class TrailAsk(Request):
    """Is a trail (its name in our Region, or its ARN) written now, and what does it take in?"""

    type: ClassVar[str] = "aws.trail"
    name: str = Field(pattern=r"^[A-Za-z0-9:/._-]{3,256}$")


class TrailFacts(Facts):
    """`logging`, `everywhere` (in every Region) and `validated` (digests of what was written) are "on" or "off".

    `delivered` is when it last wrote to its bucket, None = never; `error` is why it could not. `management`: "all"
    where every management event is taken in, reads and writes, else "not all".
    """

    trail: Resource
    logging: State
    everywhere: State
    validated: State
    delivered: Time | None
    error: State | None
    management: State
