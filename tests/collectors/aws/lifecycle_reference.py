"""What S3's documentation says of lifecycle rules, one object and one day at a time: slow, and obvious.

Rules are as S3 writes them. Days count from TODAY; an object that was never destroyed within HORIZON lives for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

TODAY = datetime(2026, 6, 12, tzinfo=UTC)
HORIZON = 40
Wire = Mapping[str, Any]


@dataclass(frozen=True)
class Object:
    """`versioned`: its bytes are a real version; without, they are a null version or the only one there is."""

    key: str
    tags: tuple[tuple[str, str], ...]
    size: int
    created: int
    versioned: bool


def life(rules: Sequence[Wire], one: Object) -> int | None:
    """Days from creation until its bytes are destroyed by a rule; nobody overwrites or deletes it."""
    mine = [rule for rule in rules if rule["Status"] == "Enabled" and selects(rule, one)]
    noncurrent_since: int | None = None
    for day in range(one.created, HORIZON):
        if noncurrent_since is None and any(expires(rule, one, day) for rule in mine):
            if not one.versioned:
                return day - one.created
            noncurrent_since = day
        if noncurrent_since is not None and any(forgets(rule, day - noncurrent_since) for rule in mine):
            return day - one.created
    return None


def selects(rule: Wire, one: Object) -> bool:
    if "Prefix" in rule:
        return one.key.startswith(rule["Prefix"])
    chosen = rule.get("Filter", {})
    wanted = chosen.get("And", chosen)
    tags = wanted.get("Tags", [wanted["Tag"]] if "Tag" in wanted else [])
    return (
        one.key.startswith(wanted.get("Prefix", ""))
        and all((tag["Key"], tag["Value"]) in one.tags for tag in tags)
        and one.size > wanted.get("ObjectSizeGreaterThan", -1)
        and one.size < wanted.get("ObjectSizeLessThan", 1_000)
    )


def expires(rule: Wire, one: Object, day: int) -> bool:
    """Does the rule take the current version on this day? A date goes on to take what is new."""
    told = rule.get("Expiration", {})
    if "Date" in told:
        return TODAY + timedelta(days=day) >= datetime.fromisoformat(told["Date"])
    return "Days" in told and day - one.created >= told["Days"]


def forgets(rule: Wire, noncurrent_for: int) -> bool:
    """Does it take the one noncurrent version there is? Not where the newest are kept."""
    told = rule.get("NoncurrentVersionExpiration")
    return told is not None and not told.get("NewerNoncurrentVersions") and noncurrent_for >= told["NoncurrentDays"]


def every_kind(rules: Sequence[Wire], prefix: str, versioned: Sequence[bool]) -> Iterator[Object]:
    """One object under `prefix` for everything that these rules could tell apart, of today and of each day to come."""
    starts = {prefix, *(start for rule in rules if (start := prefix_of(rule)).startswith(prefix))}
    keys = [start + rest for start in sorted(starts) for rest in ("", "~")]
    labels: list[tuple[tuple[str, str], ...]] = [
        (*t, *u) for t, u in product(((), (("t", "1"),), (("t", "2"),)), ((), (("u", "1"),)))
    ]
    for key, tags, size, created, real in product(keys, labels, range(6), (0, 3, 7), versioned):
        yield Object(key, tags, size, created, real)


def prefix_of(rule: Wire) -> str:
    chosen = rule.get("Filter", {})
    return str(rule.get("Prefix", chosen.get("And", chosen).get("Prefix", "")))
