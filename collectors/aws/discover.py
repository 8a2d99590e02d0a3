"""Which buckets, secrets, roles and users an AWS account has: names and descriptions, never values nor objects.

Secrets are those of the one Region that is set. A bucket's objects are not listed, so what is kept under which prefix
is seen only where a lifecycle rule names the prefix; rules are read of buckets like the subject's and of those that
seem to hold logs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

from pydantic import BaseModel, ConfigDict, JsonValue

from collectors.aws.client import SETTING, Account, read
from collectors.aws.failures import Absent
from collectors.connections import Connections
from collectors.discovery import Listing, Named, endless, listed, unseen, with_more
from collectors.errors import NotConfigured, SourceError, Truncated
from collectors.http import CallLog
from collectors.likeness import words

KINDS = {"bucket": "s3", "secret": "secretsmanager", "role": "iam", "user": "iam"}
LOGS = {"audit", "audits", "log", "logs", "logging", "archive", "archives", "trail", "retention"}
MOST_PAGES, PAGE, MOST_RULES_READ = 50, 100, 40
NO_RULES = frozenset({"NoSuchLifecycleConfiguration"})


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Bucket(_Read):
    Name: str


class _Secret(_Read):
    Name: str
    Description: str = ""


class _Role(_Read):
    RoleName: str
    Description: str = ""


class _User(_Read):
    UserName: str


class _Buckets(_Read):
    Buckets: tuple[_Bucket, ...]  # of an account without any it is there and empty


class _Secrets(_Read):
    SecretList: tuple[_Secret, ...]
    NextToken: str | None = None


class _Roles(_Read):
    Roles: tuple[_Role, ...]
    IsTruncated: bool = False
    Marker: str | None = None


class _Users(_Read):
    Users: tuple[_User, ...]
    IsTruncated: bool = False
    Marker: str | None = None


def discover(conn: Connections, subject: str) -> list[Listing]:
    """Buckets, secrets, roles and users; each kind stands for itself when it may not be listed."""
    return [_kind(conn, subject, kind) for kind in KINDS]


def _kind(conn: Connections, subject: str, kind: str) -> Listing:
    if conn.aws is None:
        return unseen("aws", kind, NotConfigured(f"aws was not asked: {SETTING} are not set"))
    reading: dict[str, Callable[[_Asking], Iterator[Named]]] = {
        "bucket": lambda asking: _buckets(asking, subject), "secret": _secrets, "role": _roles, "user": _users,
    }  # fmt: skip
    try:
        with closing(Account(conn, conn.aws, KINDS[kind])) as account:
            return listed("aws", kind, lambda: reading[kind](_Asking(account, conn.log("aws"))))
    except SourceError as failure:
        return unseen("aws", kind, failure)


class _Asking:
    def __init__(self, account: Account, log: CallLog) -> None:
        self._account, self._log = account, log

    def call(self, operation: str, params: dict[str, object], absent: frozenset[str] = frozenset()) -> JsonValue:
        return self._account.call(self._log, operation, params, absent).body


def _buckets(asking: _Asking, subject: str) -> Iterator[Named]:
    told = "aws s3:ListBuckets"
    listed_ones = read(_Buckets, asking.call("ListBuckets", {}), told).Buckets
    found = [Named(kind="bucket", id=one.Name, name=one.Name) for one in listed_ones]
    ranked = sorted(found, key=lambda one: (-one.like(subject), not LOGS & {*words(one.name)}, one.id))
    looked_into = {one.id for one in ranked[:MOST_RULES_READ] if one.like(subject) or LOGS & {*words(one.name)}}
    for one in found:
        yield with_more(one, lambda bucket: _prefixes(asking, bucket.id)) if one.id in looked_into else one


def _prefixes(asking: _Asking, bucket: str) -> Iterator[Named]:
    """The prefixes that a bucket's lifecycle rules name."""
    try:
        body = asking.call("GetBucketLifecycleConfiguration", {"Bucket": bucket}, NO_RULES)
    except Absent:
        return
    rules = body.get("Rules") if isinstance(body, dict) else None
    for rule in rules if isinstance(rules, list) else []:
        prefix = _prefix(rule)
        if prefix:
            yield Named(kind="prefix", id=prefix, name=prefix)


def _prefix(rule: JsonValue) -> str:
    places = [rule, rule.get("Filter") if isinstance(rule, dict) else None]
    places.append(places[1].get("And") if isinstance(places[1], dict) else None)
    found = (place.get("Prefix") for place in places if isinstance(place, dict))
    return next((prefix for prefix in found if isinstance(prefix, str) and prefix), "")


def _secrets(asking: _Asking) -> Iterator[Named]:
    params: dict[str, object] = {"MaxResults": PAGE}
    for _ in range(MOST_PAGES):
        page = read(_Secrets, asking.call("ListSecrets", params), "aws secretsmanager:ListSecrets")
        yield from (Named(kind="secret", id=s.Name, name=s.Name, said=s.Description) for s in page.SecretList)
        if not page.NextToken:
            return
        params = {**params, "NextToken": page.NextToken}
    raise endless("aws secretsmanager:ListSecrets", MOST_PAGES)


def _marked(page: _Roles | _Users) -> str:
    """Where the next page begins; Truncated where a page says that there is one and not where."""
    if not page.Marker:
        raise Truncated("an AWS list says that it goes on, and not from where")
    return page.Marker


def _roles(asking: _Asking) -> Iterator[Named]:
    params: dict[str, object] = {"MaxItems": PAGE}
    for _ in range(MOST_PAGES):
        page = read(_Roles, asking.call("ListRoles", params), "aws iam:ListRoles")
        yield from (Named(kind="role", id=r.RoleName, name=r.RoleName, said=r.Description) for r in page.Roles)
        if not page.IsTruncated:
            return
        params = {**params, "Marker": _marked(page)}
    raise endless("aws iam:ListRoles", MOST_PAGES)


def _users(asking: _Asking) -> Iterator[Named]:
    params: dict[str, object] = {"MaxItems": PAGE}
    for _ in range(MOST_PAGES):
        page = read(_Users, asking.call("ListUsers", params), "aws iam:ListUsers")
        yield from (Named(kind="user", id=u.UserName, name=u.UserName) for u in page.Users)
        if not page.IsTruncated:
            return
        params = {**params, "Marker": _marked(page)}
    raise endless("aws iam:ListUsers", MOST_PAGES)
