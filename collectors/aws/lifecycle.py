"""What the lifecycle rules of a bucket mean together for everything under one prefix. Pure; days since creation.

A rule *covers* the prefix when it acts on every object under it, and *touches* it when it acts on some. Both lower the
floor, only the former set the ceiling. Transitions, delete-marker clean-up and aborted uploads destroy nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_pascal

from collectors.evidence import Model

Count = Annotated[int, Field(ge=0, le=2**31 - 1)]  # an Integer of S3's


class Versioning(StrEnum):
    NEVER = "never enabled"
    ENABLED = "Enabled"
    SUSPENDED = "Suspended"


class Wire(Model):
    """S3's own names. Closed: a member that a newer SDK knows and we do not may destroy, so it is not skipped."""

    model_config = ConfigDict(alias_generator=to_pascal)


class Tag(Wire):
    key: str
    value: str


class Conditions(Wire):
    prefix: str | None = None
    tags: tuple[Tag, ...] = ()
    object_size_greater_than: int | None = None
    object_size_less_than: int | None = None


class Filter(Wire):
    prefix: str | None = None
    tag: Tag | None = None
    object_size_greater_than: int | None = None
    object_size_less_than: int | None = None
    all_of: Conditions | None = Field(None, alias="And")


class Expiration(Wire):
    date: AwareDatetime | None = None
    days: Count | None = None
    expired_object_delete_marker: bool | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.date is None and self.days is None and self.expired_object_delete_marker is None:
            raise ValueError("an Expiration names days, a date or delete markers")
        return self


class NoncurrentExpiration(Wire):
    noncurrent_days: Count = 0
    newer_noncurrent_versions: Count = 0


class WireRule(Wire):
    """One rule as botocore parses it."""

    id: str = Field("", alias="ID")
    status: Literal["Enabled", "Disabled"]
    prefix: str | None = None
    filter: Filter | None = None
    expiration: Expiration | None = None
    noncurrent_version_expiration: NoncurrentExpiration | None = None
    transitions: tuple[dict[str, object], ...] = ()
    noncurrent_version_transitions: tuple[dict[str, object], ...] = ()
    abort_incomplete_multipart_upload: dict[str, object] | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        ends = self.expiration or self.noncurrent_version_expiration or self.abort_incomplete_multipart_upload
        if ends is None and not self.transitions and not self.noncurrent_version_transitions:
            raise ValueError("a rule has at least one action")
        return self


class Rule(Model):
    """What one enabled rule selects and destroys. `number` is its place in the configuration.

    `expires`: days after which it takes the current version at the earliest; a date takes new objects too, so 0.
    `expires_all_by`: days after which it has taken every one, None = not bounded (a date that is still to come).
    `forgets`: days after which a noncurrent version is destroyed; `keeps` of the newest of them stay for ever.
    """

    number: int
    name: str
    prefix: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    larger_than: int | None = None
    smaller_than: int | None = None
    expires: int | None = None
    expires_all_by: int | None = None
    forgets: int | None = None
    keeps: int = 0

    @property
    def conditional(self) -> bool:
        return bool(self.tags) or self.larger_than is not None or self.smaller_than is not None


class Limit(Model):
    """A number of days and the rules, by their place, that set it."""

    days: int
    rules: tuple[int, ...]


class Effective(Model):
    """`floor` None = no rule ever destroys; `ceiling` None = some of it stays for ever. `acting` counts from 0."""

    floor: Limit | None
    ceiling: Limit | None
    acting: tuple[int, ...]


def enabled_rules(wire: Sequence[WireRule], now: datetime) -> tuple[Rule, ...]:
    """The rules that act, in the form that `effective` reads."""
    return tuple(_rule(number, rule, now) for number, rule in enumerate(wire) if rule.status == "Enabled")


def _rule(number: int, wire: WireRule, now: datetime) -> Rule:
    chosen = wire.filter or Filter()
    both = chosen.all_of or Conditions()
    prefixes = [p for p in (wire.prefix, chosen.prefix, both.prefix) if p is not None]
    tags = (*both.tags, *((chosen.tag,) if chosen.tag else ()))
    ends, forgets = wire.expiration, wire.noncurrent_version_expiration
    date, days = (ends.date, ends.days) if ends else (None, None)
    come = date is not None and date <= now
    return Rule(
        number=number, name=wire.id or f"rule {number + 1}", prefix=max(prefixes, key=len, default=""),
        tags=tuple((t.key, t.value) for t in tags),
        larger_than=_first(chosen.object_size_greater_than, both.object_size_greater_than),
        smaller_than=_first(chosen.object_size_less_than, both.object_size_less_than),
        expires=0 if date is not None else days, expires_all_by=0 if come else days,
        forgets=forgets.noncurrent_days if forgets else None,
        keeps=forgets.newer_noncurrent_versions if forgets else 0,
    )  # fmt: skip


def _first(one: int | None, other: int | None) -> int | None:
    return other if one is None else one


def effective(rules: Iterable[Rule], prefix: str, versioning: Versioning) -> Effective:
    """Floor and ceiling of what is under `prefix`, for bytes that nobody overwrites or deletes.

    `now` is not needed: dates were turned into days by `enabled_rules`. One day is added to the ceiling, because S3
    rounds up to the next midnight UTC.
    """
    acting = [r for r in rules if _touches(r, prefix) and _overlap(r, r)]
    covering = [r for r in acting if prefix.startswith(r.prefix) and not r.conditional]
    return Effective(
        floor=_floor(acting, versioning), ceiling=_ceiling(covering, versioning),
        acting=tuple(r.number for r in acting),
    )  # fmt: skip


def _touches(rule: Rule, prefix: str) -> bool:
    return prefix.startswith(rule.prefix) or rule.prefix.startswith(prefix)


def _floor(acting: Sequence[Rule], versioning: Versioning) -> Limit | None:
    if versioning is not Versioning.ENABLED:  # suspended: what is written now is a null version, destroyed at once
        return _least(Limit(days=r.expires, rules=(r.number,)) for r in acting if r.expires is not None)
    return _least(
        Limit(days=first.expires + second.forgets, rules=_numbers(first, second))
        for first, second in product(acting, repeat=2)
        if first.expires is not None and second.forgets is not None and not second.keeps and _overlap(first, second)
    )


def _ceiling(covering: Sequence[Rule], versioning: Versioning) -> Limit | None:
    ends = [(r.expires_all_by, r) for r in covering if r.expires_all_by is not None]
    if versioning is Versioning.NEVER:
        return _least(Limit(days=days + 1, rules=(r.number,)) for days, r in ends)
    return _least(
        Limit(days=days + second.forgets + 1, rules=_numbers(first, second))
        for (days, first), second in product(ends, covering)
        if second.forgets is not None and not second.keeps
    )


def _overlap(one: Rule, other: Rule) -> bool:
    """Can one object be selected by both? With itself: by this rule at all?"""
    if not _touches(one, other.prefix):
        return False
    wanted = {*one.tags, *other.tags}
    if len({key for key, _ in wanted}) < len(wanted):  # two values for one key
        return False
    least = max((r.larger_than for r in (one, other) if r.larger_than is not None), default=-1) + 1
    most = [r.smaller_than - 1 for r in (one, other) if r.smaller_than is not None]
    return all(least <= size for size in most)


def _numbers(first: Rule, second: Rule) -> tuple[int, ...]:
    return (first.number,) if first.number == second.number else (first.number, second.number)


def _least(limits: Iterable[Limit]) -> Limit | None:
    return min(limits, key=lambda limit: (limit.days, limit.rules), default=None)
