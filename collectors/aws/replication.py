"""Where a bucket's replication sends copies of what is written under a prefix. Pure, but for the one question.

A rule *covers* the prefix when it selects every object under it, and *touches* it when it selects some; of these, what
is encrypted with a key of KMS may be left out. A copy never lengthens the floor of the bucket that was asked about:
it lies elsewhere. Nor is anything gone after so many days while a copy may live on: the ceiling is none then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from collectors.aws.client import Asking, Params, read
from collectors.aws.facts import Replica
from collectors.aws.failures import Absent
from collectors.aws.lifecycle import Tag, Wire
from collectors.errors import Denied
from collectors.evidence import Number, Resource, State, pointer

OPERATION = "GetBucketReplication"
NO_RULES = frozenset({"ReplicationConfigurationNotFoundError"})
INNER = ("replication", "ReplicationConfiguration", "Rules")
READ, UNREAD = "read", "denied"


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Conditions(Wire):
    prefix: str | None = None
    tags: tuple[Tag, ...] = ()


class _Filter(Wire):
    """Closed: a member that we do not know narrows what is copied."""

    prefix: str | None = None
    tag: Tag | None = None
    all_of: _Conditions | None = Field(None, alias="And")


class _Destination(_Wire):
    bucket: Annotated[str, Field(min_length=1)] = Field(alias="Bucket")
    account: str | None = Field(None, alias="Account")


class _Markers(_Wire):
    status: Literal["Enabled", "Disabled"] | None = Field(None, alias="Status")


class _Rule(_Wire):
    id: str = Field("", alias="ID")
    status: Literal["Enabled", "Disabled"] = Field(alias="Status")
    prefix: str | None = Field(None, alias="Prefix")
    filter: _Filter = Field(_Filter(), alias="Filter")
    destination: _Destination = Field(alias="Destination")
    markers: _Markers = Field(_Markers(), alias="DeleteMarkerReplication")

    @property
    def start(self) -> str:
        both = self.filter.all_of or _Conditions()
        named = (p for p in (self.prefix, self.filter.prefix, both.prefix) if p is not None)
        return max(named, key=len, default="")

    @property
    def conditional(self) -> bool:
        return self.filter.tag is not None or bool(self.filter.all_of and self.filter.all_of.tags)


class _Replication(_Wire):
    rules: Annotated[tuple[_Rule, ...], Field(min_length=1)] = Field(alias="Rules")


class Copies(BaseModel):
    """`read` is "read", or "denied" where the permission is missing; `replicas` are empty then."""

    model_config = ConfigDict(frozen=True)

    read: State
    replicas: tuple[Replica, ...] = ()

    def bounded(self, ceiling: Number | None, rule: Resource | None) -> tuple[Number | None, Resource | None]:
        """The ceiling and what sets it: none where copies are made or may be, and then the rule that makes them."""
        if self.read.value != READ:
            return None, None
        return (None, self.replicas[0].rule) if self.replicas else (ceiling, rule)


def replication(asking: Asking, asked: Params) -> JsonValue:
    """The bucket's replication, or the code for "none", or that we may not see it, which no other answer hangs on.

    Raises SourceError for every other failure, a credential that is not accepted included.
    """
    try:
        return asking.call(OPERATION, asked, NO_RULES).body
    except Absent as missing:
        return {"Error": {"Code": missing.code, "Status": missing.status}}
    except Denied as failure:
        if not failure.scope:
            raise
        return {"Error": {"Code": UNREAD, "Status": failure.status, "Needs": failure.scope}}


def copies_of(answer: JsonValue, bucket: str, prefix: str) -> Copies:
    """What of `prefix` is copied, and where to, by every rule that is enabled."""
    if isinstance(answer, dict) and isinstance(error := answer.get("Error"), dict):
        at = pointer("replication", "Error", "Code")
        return Copies(read=State(value=UNREAD if error.get("Code") == UNREAD else READ, pointer=at))
    inner = answer.get("ReplicationConfiguration") if isinstance(answer, dict) else None
    rules = read(_Replication, inner, f"aws s3:{OPERATION} (Bucket {bucket})").rules
    return Copies(read=State(value=READ, pointer=pointer("replication")), replicas=_replicas(rules, prefix))


def _replicas(rules: Sequence[_Rule], prefix: str) -> tuple[Replica, ...]:
    return tuple(
        _replica(place, rule, prefix)
        for place, rule in enumerate(rules)
        if rule.status == "Enabled" and (prefix.startswith(rule.start) or rule.start.startswith(prefix))
    )


def _replica(place: int, rule: _Rule, prefix: str) -> Replica:
    at, to = (*INNER, place), rule.destination
    named = (*at, "ID") if rule.id else at
    account = to.account and Resource(value=to.account[:200], pointer=pointer(*at, "Destination", "Account"))
    covers = prefix.startswith(rule.start) and not rule.conditional
    told = rule.markers.status
    return Replica(
        rule=Resource(value=rule.id[:200] or f"replication rule {place + 1}", pointer=pointer(*named)),
        objects=State(value="covers" if covers else "touches", pointer=pointer(*at)),
        bucket=Resource(
            value=(to.bucket.rpartition(":")[2] or to.bucket)[:200], pointer=pointer(*at, "Destination", "Bucket")
        ),
        account=account or None,
        delete_markers=State(
            value=told or "not said", pointer=pointer(*at, *(("DeleteMarkerReplication", "Status") if told else ()))
        ),
    )
