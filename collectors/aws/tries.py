"""Each permission that a gate's requests need, tried on the buckets, secrets, roles and users that cards name.

One read by itself, so that a refusal hides no other. A thing that is not there shows nothing of the permission, but for
a role or user, and for settings that a bucket may lack: there AWS says so only to those who may know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from collectors.aws import guard_tries
from collectors.aws.client import ALLOWED, Account, Got, Params
from collectors.aws.facts import IamIdentityAsk, IamKeysAsk, RetentionAsk, SecretRotationAsk, TrailRotationsAsk
from collectors.aws.failures import Absent
from collectors.aws.identity import MISSING
from collectors.aws.replication import NO_RULES as NO_REPLICATION
from collectors.aws.retention import NO_LOCK, NO_RULES
from collectors.connections import AwsAccess, Connections, SourceCheck
from collectors.evidence import Request
from collectors.http import CallLog
from collectors.tries import Trial, first_of_each

SETTINGS: Mapping[str, frozenset[str]] = MappingProxyType({
    "GetBucketVersioning": frozenset(), "GetBucketLifecycleConfiguration": NO_RULES,
    "GetObjectLockConfiguration": NO_LOCK, "GetBucketReplication": NO_REPLICATION,
})  # fmt: skip
A = TypeVar("A", bound=Request)


@dataclass
class _Desk:
    """Clients of the services as they are needed; `log` hears every call."""

    conn: Connections
    access: AwsAccess
    stack: ExitStack
    log: CallLog
    _open: dict[str, Account] = field(default_factory=dict)

    def trial(
        self, service: str, operation: str, params: Params, about: str, absent: frozenset[str] = frozenset()
    ) -> Trial:  # fmt: skip
        permission = ALLOWED[service, operation]
        return Trial(permission, about, partial(self._ask, service, operation, params, absent))

    def _ask(self, service: str, operation: str, params: Params, absent: frozenset[str]) -> Got | None:
        """None where AWS says that there is none."""
        if service not in self._open:
            self._open[service] = self.stack.enter_context(closing(Account(self.conn, self.access, service)))
        try:
            return self._open[service].call(self.log, operation, params, absent)
        except Absent:
            return None


def trials(conn: Connections, check: SourceCheck, asks: Sequence[Request]) -> Iterator[Trial]:
    """For the first few things of each type of request."""
    if conn.aws is None:
        return
    with ExitStack() as stack:
        desk = _Desk(conn, conn.aws, stack, conn.log("aws"))
        for bucket in first_of_each(_of(asks, RetentionAsk), lambda ask: ask.bucket):
            yield from _bucket(desk, bucket, check.account)
        for secret in first_of_each(_of(asks, SecretRotationAsk), lambda ask: ask.secret):
            yield from _secret(desk, secret.secret)
        for identity in first_of_each(_of(asks, IamIdentityAsk), lambda ask: ask.name):
            yield from _identity(desk, identity.name)
        for user in first_of_each(_of(asks, IamKeysAsk), lambda ask: ask.name):
            yield from _keys(desk, user.name)
        for history in first_of_each(_of(asks, TrailRotationsAsk), lambda ask: (ask.secret, ask.name)):
            yield from _subject(desk, history)
        yield from guard_tries.trials(desk.trial, asks, check.account)


def _of(asks: Sequence[Request], kind: type[A]) -> list[A]:
    return [ask for ask in asks if isinstance(ask, kind)]


def _bucket(desk: _Desk, ask: RetentionAsk, account: str) -> Iterator[Trial]:
    asked = {"Bucket": ask.bucket, "ExpectedBucketOwner": ask.owner or account}
    for operation, absent in SETTINGS.items():
        yield desk.trial("s3", operation, asked, f"bucket {ask.bucket}", absent)


def _secret(desk: _Desk, secret: str) -> Iterator[Trial]:
    yield _described(desk, secret)
    asked = {"SecretId": secret, "MaxResults": 1}
    yield desk.trial("secretsmanager", "ListSecretVersionIds", asked, f"secret {secret}")


def _described(desk: _Desk, secret: str) -> Trial:
    return desk.trial("secretsmanager", "DescribeSecret", {"SecretId": secret}, f"secret {secret}")


def _identity(desk: _Desk, name: str) -> Iterator[Trial]:
    """A role takes no permission on users."""
    role = desk.trial("iam", "GetRole", {"RoleName": name}, f"role {name}", MISSING)
    yield role
    for trial in _user(desk, name):
        if role.got is not None:
            trial.read = None
        yield trial


def _user(desk: _Desk, name: str) -> list[Trial]:
    asked, about = {"UserName": name}, f"user {name}"
    return [
        desk.trial("iam", "GetUser", asked, about, MISSING),
        desk.trial("iam", "ListAccessKeys", {**asked, "MaxItems": 1}, about, MISSING),
    ]


def _keys(desk: _Desk, name: str) -> Iterator[Trial]:
    user, listed = _user(desk, name)
    yield user
    yield listed
    if isinstance(listed.got, Got) and (id := _first_key(listed.got)):
        yield desk.trial("iam", "GetAccessKeyLastUsed", {"AccessKeyId": id}, f"user {name}")


def _first_key(listed: Got) -> str | None:
    rows = listed.body.get("AccessKeyMetadata")
    first = rows[0] if isinstance(rows, list) and rows else None
    id = first.get("AccessKeyId") if isinstance(first, dict) else None
    return id if isinstance(id, str) else None


def _subject(desk: _Desk, ask: TrailRotationsAsk) -> Iterator[Trial]:
    if ask.secret is not None:
        yield _described(desk, ask.secret)
    else:
        yield from _user(desk, str(ask.name))
