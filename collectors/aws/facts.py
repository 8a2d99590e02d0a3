"""AWS: questions and typed answers; no client is imported here."""

from __future__ import annotations

from typing import ClassVar

from collectors.evidence import Facts, Model, Number, Request, Resource, State, Time


class RetentionAsk(Request):
    """How long everything under a prefix of a bucket is really kept."""

    type: ClassVar[str] = "s3.retention"
    bucket: str
    prefix: str = ""


class RetentionFacts(Facts):
    """`floor`: days for which no rule destroys what is under the prefix, None = no rule ever does.

    `ceiling`: days after which all of it is gone, None = some of it stays for ever. `lock` is "none", "GOVERNANCE" or
    "COMPLIANCE"; `lock_days` is the default period. `floor_rule` names the rule that sets the floor.
    """

    bucket: Resource
    prefix: Resource
    floor: Number | None
    ceiling: Number | None
    floor_rule: Resource | None
    ceiling_rule: Resource | None
    rules: Number
    versioning: State
    lock: State
    lock_days: Number | None


class SecretRotationAsk(Request):
    """When the value of one secret was replaced."""

    type: ClassVar[str] = "aws.secret_rotation"
    secret: str


class Rotation(Model):
    """One new value: the creation of a version that is or was current."""

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
