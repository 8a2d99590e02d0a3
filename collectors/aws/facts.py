"""AWS: questions and typed answers; no client is imported here."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from collectors.evidence import Facts, Model, Number, Request, Resource, State, Time, Window


class RetentionAsk(Request):
    """How long everything under a prefix of a bucket is really kept.

    `owner` is the account whose bucket it must be; None = the account that our own credentials belong to.
    """

    type: ClassVar[str] = "s3.retention"
    bucket: str
    prefix: str = ""
    owner: str | None = Field(None, pattern=r"^\d{12}$")


class Replica(Model):
    """Copies that one enabled replication rule makes of what is newly written. Their own retention was not asked.

    `objects`: the rule "covers" the prefix (selects all that is under it) or "touches" it (selects some). `bucket` is
    where copies go, `account` None = the rule names none. `delete_markers`: "Enabled", "Disabled" or "not said".
    """

    rule: Resource
    objects: State
    bucket: Resource
    account: Resource | None
    delete_markers: State


class RetentionFacts(Facts):
    """`floor`: days for which no rule destroys what is under the prefix, None = no rule ever does.

    `ceiling`: days after which all of it is gone, a default lock included; None = nothing says so: no rule takes all of
    it, or copies are made elsewhere, or may be (`replication` "denied" = that was not ours to read; else "read").
    `floor_rule` and `ceiling_rule` name the rule that decides each, for copies the replication rule that makes them.
    `lock` is "none", "GOVERNANCE" or "COMPLIANCE"; `lock_days` is the default period. `owner` is the account that S3
    was told must own the bucket: it answers for no other.
    """

    bucket: Resource
    prefix: Resource
    owner: Resource
    floor: Number | None
    ceiling: Number | None
    floor_rule: Resource | None
    ceiling_rule: Resource | None
    rules: Number
    versioning: State
    lock: State
    lock_days: Number | None
    replication: State
    copies: tuple[Replica, ...]


class SecretRotationAsk(Request):
    """When the value of one secret was replaced."""

    type: ClassVar[str] = "aws.secret_rotation"
    secret: str


class Rotation(Model):
    """One new value: the creation of a version that is or was current.

    `version` is a version's id, or the last four characters of an access key; `stage` its label, the key's state, or
    the name of the event that made it current.
    """

    at: Time
    version: Resource
    stage: State


class SecretRotationFacts(Facts):
    """`rotations` oldest first, the secret's own creation excluded (a first value is no rotation).

    `state`: "active", "deleted" or "rotation failing".
    """

    secret: Resource
    state: State
    created: Time | None
    rotations: tuple[Rotation, ...]


class IamIdentityAsk(Request):
    """Does the role or user exist, and is it usable?"""

    type: ClassVar[str] = "aws.iam"
    name: str


class AccessKey(Model):
    """`key` shows the last four characters only."""

    key: Resource
    state: State
    created: Time


class IamIdentityFacts(Facts):
    """`kind`: "role" or "user"; `state`: "active", or "inactive" for a user all of whose keys are switched off."""

    identity: Resource
    kind: State
    state: State
    keys: tuple[AccessKey, ...]


class IamKeysAsk(Request):
    """When the access keys of a user were replaced; `window` is the time that the answer must be sure of."""

    type: ClassVar[str] = "aws.iam_keys"
    name: str
    window: Window


class UsedKey(AccessKey):
    """`used` None = never, as far as IAM tracks it."""

    used: Time | None


class IamKeysFacts(SecretRotationFacts):
    """`secret` is the user, `created` when the user was. A rotation: an active key all of whose elders are not.

    `state`: "active" with one active key, "half rotated" with more, "inactive" with none.
    """

    keys: tuple[UsedKey, ...]


class TrailRotationsAsk(Request):
    """When a secret (by name or ARN) or the access keys of a user (`name`) were replaced, by the event history.

    `window` must lie within the ninety days that the history goes back.
    """

    type: ClassVar[str] = "cloudtrail.rotations"
    secret: str | None = None
    name: str | None = None
    window: Window

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.secret is None) == (self.name is None):
            raise ValueError("name either a secret or a user (name), not both")
        return self


class TrailEvent(Model):
    """Something that was done, by the name of the call or of the service's own event."""

    event: State
    at: Time


class TrailRotationsFacts(SecretRotationFacts):
    """`rotations` since the window began; `unproven` are events that hint at one and do not prove it.

    `state` as for the secret or the user's keys, or "rotation may have failed".
    """

    unproven: tuple[TrailEvent, ...]
