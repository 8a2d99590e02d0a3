"""Collector `s3.retention`: the effective retention of everything under a prefix of a bucket.

What the bucket's settings promise for bytes that nobody overwrites or deletes. The lock is a default for what is newly
written; it never lengthens the floor, and the ceiling is no earlier than its end. Out of scope: periods, legal holds
and event holds that a writer sets on one object, and objects older than a rule or a lock (they are seen by reading
objects, which we never do); copies that people, jobs or backups make, and how long a copy lives, which the rules of its
own bucket settle (give it a row on the card); transitions, after which an object must be restored to be read, and the
least size for them; that removal comes some time after its day; what is left where somebody overwrites or deletes;
encryption, public access, policies and MFA delete, on which no period hangs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from collectors.aws.client import SETTING, Asking, Params, answer_all, read
from collectors.aws.facts import RetentionAsk, RetentionFacts
from collectors.aws.failures import Absent
from collectors.aws.lifecycle import Effective, Limit, Versioning, WireRule, effective, enabled_rules
from collectors.aws.lock import lock_of
from collectors.aws.owner import Caller, Owner, or_another_owner
from collectors.aws.replication import copies_of, replication
from collectors.connections import Connections, not_configured
from collectors.errors import Malformed
from collectors.evidence import Answer, Completeness, Evidence, Number, Origin, Resource, State, pointer

NO_RULES = frozenset({"NoSuchLifecycleConfiguration"})
NO_LOCK = frozenset({"ObjectLockConfigurationNotFoundError"})


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Lifecycle(_Wire):
    rules: tuple[WireRule, ...] = Field(alias="Rules")


class _VersioningAnswer(_Wire):
    status: Literal["Enabled", "Suspended"] | None = Field(None, alias="Status")


def retention(conn: Connections, asks: Sequence[RetentionAsk]) -> Iterable[Answer]:
    """Effective floor and ceiling in days, versioning, default lock and copies of a bucket's prefix, from S3."""
    if conn.aws is None:
        return not_configured("aws", asks, conn.clock(), SETTING)
    caller = Caller(conn, conn.aws)
    return answer_all(conn, asks, "s3", lambda asking, ask: _one(asking, ask, caller.owner(asking, ask)))


def _one(asking: Asking, ask: RetentionAsk, owner: Owner) -> Evidence:
    asked: dict[str, JsonValue] = {"Bucket": ask.bucket, "ExpectedBucketOwner": owner.account}
    body: dict[str, JsonValue] = {"asked": {**asked, "Prefix": ask.prefix}, **owner.body}
    with or_another_owner(owner.account):
        # First of all: its 200 is what proves that the bucket is there when the others say that nothing is set.
        body["versioning"] = _versioning(asking, asked)
        body["lifecycle"] = _asked(asking, "GetBucketLifecycleConfiguration", asked, NO_RULES)
        body["object_lock"] = _asked(asking, "GetObjectLockConfiguration", asked, NO_LOCK)
        body["replication"] = replication(asking, asked)
    facts, rules = _facts(asking, ask, owner, body)
    return asking.sealed(
        ask, facts, body, page=f"https://console.aws.amazon.com/s3/buckets/{quote(ask.bucket)}?tab=management",
        account=owner.account, completeness=Completeness(items=rules, note="neither list has pages"),
        redacted=owner.removed,
    )  # fmt: skip


def _versioning(asking: Asking, asked: Params) -> JsonValue:
    """The SDK reads any well-formed XML as "never enabled"; a stranger's page must not pass for that."""
    got = asking.call("GetBucketVersioning", asked)
    if not re.match(rb"\s*(<\?xml[^>]*\?>)?\s*<\w*Versioning\w*[\s/>]", got.raw):
        what = f"aws s3:GetBucketVersioning (bucket {asked['Bucket']})"
        raise Malformed(f"{what} answered 200 with something that is no versioning configuration", status=200)
    return got.body


def _asked(asking: Asking, operation: str, asked: Params, absent: frozenset[str]) -> JsonValue:
    try:
        return asking.call(operation, asked, absent).body
    except Absent as missing:
        return {"Error": {"Code": missing.code, "Status": missing.status}}


def _facts(asking: Asking, ask: RetentionAsk, owner: Owner, body: dict[str, JsonValue]) -> tuple[RetentionFacts, int]:
    rules = _rules(body["lifecycle"], ask.bucket)
    status = read(_VersioningAnswer, body["versioning"], f"aws s3:GetBucketVersioning (Bucket {ask.bucket})").status
    versioning = Versioning(status) if status else Versioning.NEVER
    found = effective(enabled_rules(rules, asking.at), ask.prefix, versioning)
    lock = lock_of(body["object_lock"], ask.bucket, asking.at)
    copies = copies_of(body["replication"], ask.bucket, ask.prefix)
    ceiling, ceiling_rule = copies.bounded(*lock.gone_by(_days(found.ceiling), _named(found.ceiling, rules)))
    facts = RetentionFacts(
        bucket=Resource(value=ask.bucket, pointer=pointer("asked", "Bucket")),
        prefix=Resource(value=ask.prefix, pointer=pointer("asked", "Prefix")), owner=owner.fact,
        floor=_days(found.floor), ceiling=ceiling,
        floor_rule=_named(found.floor, rules), ceiling_rule=ceiling_rule,
        rules=_count(found), versioning=_state(versioning), lock=lock.mode, lock_days=lock.period,
        replication=copies.read, copies=copies.replicas,
    )  # fmt: skip
    return facts, len(rules)


def _rules(answer: JsonValue, bucket: str) -> tuple[WireRule, ...]:
    if isinstance(answer, dict) and "Error" in answer:
        return ()
    return read(_Lifecycle, answer, f"aws s3:GetBucketLifecycleConfiguration (Bucket {bucket})").rules


def _count(found: Effective) -> Number:
    return Number(value=len(found.acting), unit="rules", origin=Origin.CODE)


def _state(versioning: Versioning) -> State:
    told = versioning is not Versioning.NEVER
    return State(value=versioning, pointer=pointer("versioning", "Status") if told else pointer("versioning"))


def _days(limit: Limit | None) -> Number | None:
    return None if limit is None else Number(value=limit.days, unit="days", origin=Origin.CODE)


def _named(limit: Limit | None, rules: Sequence[WireRule]) -> Resource | None:
    if limit is None:
        return None
    names = " with ".join(rules[n].id or f"rule {n + 1}" for n in limit.rules)
    only = limit.rules[0]
    at: tuple[str | int, ...] = ()
    if len(limit.rules) == 1:
        at = (only, "ID") if rules[only].id else (only,)
    return Resource(value=names[:200], pointer=pointer("lifecycle", "Rules", *at))
