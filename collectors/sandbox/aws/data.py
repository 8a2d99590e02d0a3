"""The shape of a world's `aws.yaml`. Lifecycle rules are written in S3's own names, the rest in ours."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from collectors.evidence import Model


class Lock(Model):
    """A bucket's object lock; without `mode` it is switched on and protects nothing by itself."""

    mode: Literal["GOVERNANCE", "COMPLIANCE"] | None = None
    days: int | None = None
    years: int | None = None


class Bucket(Model):
    """`lifecycle`, `replication` and `policy` in S3's own names; None = no configuration. `key` is of KMS."""

    versioning: Literal["Enabled", "Suspended"] | None = None
    lock: Lock | None = None
    lifecycle: tuple[dict[str, JsonValue], ...] | None = None
    replication: tuple[dict[str, JsonValue], ...] | None = None
    encryption: Literal["AES256", "aws:kms", "aws:kms:dsse"] | None = "AES256"
    key: str | None = None
    policy: dict[str, JsonValue] | None = None


class Version(Model):
    """One version of a secret; no `stages` = deprecated."""

    id: str
    created: AwareDatetime
    stages: tuple[str, ...] = ()


class Secret(Model):
    """`suffix` ends the ARN. `rotated` and `next` are set by Secrets Manager's own rotation only."""

    suffix: str
    created: AwareDatetime
    changed: AwareDatetime
    versions: tuple[Version, ...] = ()
    description: str = ""
    every_days: int | None = None
    rotated: AwareDatetime | None = None
    next: AwareDatetime | None = None
    deleted: AwareDatetime | None = None


class Key(Model):
    id: str
    status: Literal["Active", "Inactive", "Expired"] = "Active"
    created: AwareDatetime
    used: AwareDatetime | None = None
    service: str = "s3"


class Role(Model):
    """`trusts` is the service that may assume it."""

    id: str
    created: AwareDatetime
    trusts: str
    used: AwareDatetime | None = None


class User(Model):
    id: str
    created: AwareDatetime
    keys: tuple[Key, ...] = ()


class Event(Model):
    """One management event in CloudTrail; `details` are further keys of the record that it carries as a text."""

    id: str
    name: str
    at: AwareDatetime
    source: str
    username: str
    read_only: bool = False
    resources: tuple[tuple[str, str], ...] = ()
    details: dict[str, JsonValue] = Field({})


class BudgetAlert(Model):
    """`at` in percent of the limit; `to` are addresses of mail, or ARNs of topics."""

    at: float
    of: Literal["ACTUAL", "FORECASTED"] = "ACTUAL"
    when: Literal["GREATER_THAN", "LESS_THAN", "EQUAL_TO"] = "GREATER_THAN"
    to: tuple[str, ...] = ()


class Budget(Model):
    """Amounts in US dollars; `spent` since the period began, `forecast` for the whole of it."""

    limit: str | None
    spent: str = "0.0"
    forecast: str | None = None
    kind: str = "COST"
    period: str = "MONTHLY"
    ends: AwareDatetime | None = None
    adjusts: Literal["HISTORICAL", "FORECAST"] | None = None
    health: Literal["HEALTHY", "UNHEALTHY"] | None = "HEALTHY"
    alerts: tuple[BudgetAlert, ...] = ()


class Point(Model):
    at: AwareDatetime
    state: str = "COMPLETED"


class RestoreJob(Model):
    at: AwareDatetime
    ended: AwareDatetime | None = None
    state: str = "COMPLETED"
    validated: str | None = None


class Backup(Model):
    """What AWS Backup knows of one resource."""

    points: tuple[Point, ...] = ()
    restores: tuple[RestoreJob, ...] = ()


class Trail(Model):
    """`selectors` in CloudTrail's own names, under `EventSelectors` or `AdvancedEventSelectors`."""

    logging: bool = True
    everywhere: bool = True
    validated: bool = True
    delivered: AwareDatetime | None = None
    error: str = ""
    selectors: dict[str, JsonValue] = Field(
        {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]}
    )


class Estate(Model):
    """What is the case in one AWS account. `caller` is the role that the world's credential belongs to."""

    account: Literal["123456789012"]  # the one account that moto has
    region: Literal["us-east-1"]
    caller: str
    buckets: dict[str, Bucket] = Field({})
    secrets: dict[str, Secret] = Field({})
    roles: dict[str, Role] = Field({})
    users: dict[str, User] = Field({})
    trail: tuple[Event, ...] = ()
    trails: dict[str, Trail] = Field({})
    budgets: dict[str, Budget] = Field({})
    backups: dict[str, Backup] = Field({})

    def secret_arn(self, name: str) -> str:
        return f"arn:aws:secretsmanager:{self.region}:{self.account}:secret:{name}-{self.secrets[name].suffix}"

    def iam_arn(self, kind: Literal["role", "user"], name: str) -> str:
        return f"arn:aws:iam::{self.account}:{kind}/{name}"
