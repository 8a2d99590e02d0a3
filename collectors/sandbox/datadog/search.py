"""Event search as Datadog does it: terms that must all hold, a window, an order, and pages by cursor."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from pydantic import JsonValue

TERM = re.compile(r'(-?)(@?[\w.-]+):(?:"([^"]*)"|\(([^()"]+)\)|([^\s"()]+))|(\*)')
Term = tuple[bool, str, tuple[str, ...]]  # must it hold; the name; values any of which will do
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
DEFAULT_PAGE, LARGEST_PAGE = 10, 1000


class BadSearch(ValueError):
    """A search that the stand-in, or the vendor, does not understand."""


class Event(NamedTuple):
    """One event: when it happened, what it can be found by, and the vendor's shape of it."""

    at: datetime
    fields: Mapping[str, str]
    shape: dict[str, JsonValue]


@dataclass(frozen=True)
class Search:
    query: str = "*"
    start: JsonValue = "now-15m"
    end: JsonValue = "now"
    descending: bool = False
    limit: int = DEFAULT_PAGE
    cursor: str | None = None


class Events:
    """What can be searched, found by its fields: nobody goes through ten thousand subjects' events for one of them."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._by_field: dict[tuple[str, str], list[int]] = defaultdict(list)
        for i, event in enumerate(events):
            for field in event.fields.items():
                self._by_field[field].append(i)

    def that_may_match(self, terms: Sequence[Term]) -> Iterator[Event]:
        """In their order, those that the term with the fewest lets through; all where no term names whole values."""
        named = [
            [self._by_field.get((name, value), []) for value in set(values)]
            for wanted, name, values in terms
            if wanted and not any("*" in value for value in values)
        ]
        if not named:
            return iter(self._events)
        fewest = min(named, key=lambda lists: sum(map(len, lists)))
        return (self._events[i] for i in sorted(i for one in fewest for i in one))


def search(events: Events, asked: Search, now: datetime) -> dict[str, JsonValue]:
    """One page. A page with events always points on; the one after the last is bare, without any `meta`."""
    if not 1 <= asked.limit <= LARGEST_PAGE:
        raise BadSearch(f"page limit must be between 1 and {LARGEST_PAGE}")
    start, end, terms = _instant(asked.start, now), _instant(asked.end, now), parse(asked.query)
    found = sorted(
        (one for one in events.that_may_match(terms) if start <= one.at < end and _matches(one, terms)),
        key=lambda event: event.at, reverse=asked.descending,
    )  # fmt: skip
    skipped = _skipped(asked.cursor)
    page: list[JsonValue] = [dict(event.shape) for event in found[skipped : skipped + asked.limit]]
    if asked.cursor is not None and not page:
        return {"data": []}
    meta: dict[str, JsonValue] = {"elapsed": 12, "request_id": "sandbox", "status": "done"}
    if page:
        meta["page"] = {"after": base64.urlsafe_b64encode(json.dumps([skipped + len(page)]).encode()).decode()}
    return {"data": page, "meta": meta}


def parse(query: str) -> tuple[Term, ...]:
    """(must hold, name, values any of which will do) of each term; names of attributes keep their @."""
    if TERM.sub("", query).strip():
        raise BadSearch(f"Invalid query: {query}")
    return tuple((not found[1], found[2], _values(found)) for found in TERM.finditer(query) if not found[6])


def _values(found: re.Match[str]) -> tuple[str, ...]:
    if found[4] is not None:
        return tuple(found[4].split(" OR "))
    return (found[3] if found[3] is not None else found[5],)


def _matches(event: Event, terms: Sequence[Term]) -> bool:
    return all(_holds(event.fields.get(name), values) == wanted for wanted, name, values in terms)


def _holds(actual: str | None, values: tuple[str, ...]) -> bool:
    if actual is None:
        return False
    plain, patterns = _read(values)
    return actual in plain or any(pattern.fullmatch(actual) for pattern in patterns)


@lru_cache(maxsize=256)
def _read(values: tuple[str, ...]) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """The values that stand for themselves, and those with a `*`, of which a search may name a hundred."""
    starred = [".*".join(re.escape(part) for part in value.split("*")) for value in values if "*" in value]
    return frozenset(value for value in values if "*" not in value), tuple(map(re.compile, starred))


def _skipped(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(cursor))[0])
    except (ValueError, TypeError, IndexError, binascii.Error) as error:
        raise BadSearch("Invalid cursor") from error


def _instant(given: JsonValue, now: datetime) -> datetime:
    """An ISO time, epoch milliseconds, or `now` less something."""
    text = str(given)
    if relative := re.fullmatch(r"now(?:-(\d+)([smhdw]))?", text):
        return now - timedelta(**{UNITS[relative[2]]: int(relative[1])}) if relative[1] else now
    if re.fullmatch(r"\d{12,14}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadSearch(f"Invalid time: {text}") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def flat(value: JsonValue, prefix: str = "@") -> dict[str, str]:
    """What attributes can be found by: {"evt": {"name": "Request"}} → {"@evt.name": "Request"}."""
    if not isinstance(value, dict):
        return {prefix.removesuffix("."): value if isinstance(value, str) else json.dumps(value)}
    return {name: found for k, v in value.items() for name, found in flat(v, f"{prefix}{k}.").items()}
