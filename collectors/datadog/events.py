"""Reading an event search of Datadog's, logs or audit trail, to its last page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pydantic import JsonValue

from collectors.datadog.client import Session
from collectors.datadog.reading import Shape, at, listing, mapping, pick, text
from collectors.errors import Malformed, Truncated

PAGE = 1000
LONGEST = 100  # pages


@dataclass(frozen=True)
class Read:
    """All events of a search, each cut down to the wanted shape, without repeats."""

    events: tuple[dict[str, JsonValue], ...]
    pages: int


def read_all(
    dd: Session, told: str, scope: str, shape: Shape, page: Callable[[str | None], object], most: int = LONGEST
) -> Read:
    """Follow the cursor until the vendor gives none or no more events; a list that goes on is Truncated."""
    found: dict[str, dict[str, JsonValue]] = {}
    cursor: str | None = None
    for number in range(1, most + 1):
        body = dd.ask(told, scope, partial(page, cursor))
        refuse_partial(body, told)
        events = listing(at(body, "data"), f"Datadog {told}: data")
        found |= {_id(event, told): pick(event, shape) for event in events}
        after = text(at(body, "meta", "page", "after"))
        if after is None or not events:
            return Read(tuple(found.values()), number)
        if after == cursor:
            raise Truncated(f"Datadog {told}: page {number} points to itself, after {len(found)} events")
        cursor = after
    raise Truncated(f"Datadog {told} goes on after {most} pages and {len(found)} events")


def refuse_partial(body: JsonValue, told: str) -> None:
    """A search that the vendor gave up on, or answers with a warning, may lack events."""
    if at(body, "meta", "status") == "timeout":
        raise Truncated(f"Datadog {told}: the search timed out at the vendor and the answer is partial", status=200)
    warnings = at(body, "meta", "warnings")
    if isinstance(warnings, list) and warnings:
        said = " ".join(str(at(warnings[0], "title") or at(warnings[0], "code") or "no title").split())
        raise Truncated(f'Datadog {told}: the answer may be partial, it warns "{said[:160]}"', status=200)


def _id(event: JsonValue, told: str) -> str:
    name = text(at(mapping(event, f"Datadog {told}: an event"), "id"))
    if name is None:
        raise Malformed(f"Datadog {told}: an event has no id")
    return name
