"""Reading CloudTrail's event history: one attribute a lookup, fifty events a page, each name once for a whole batch."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_pascal

from collectors.aws.client import Asking, read
from collectors.errors import Malformed, SourceError, Truncated
from collectors.evidence import Call

HISTORY = timedelta(days=90)
PAGE = 50
PAGES = 40


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_pascal)


class _Resource(_Wire):
    resource_name: str | None = None


class _Event(_Wire):
    event_id: str
    event_name: str
    event_time: AwareDatetime
    event_source: str = ""
    resources: tuple[_Resource, ...] | None = None
    cloud_trail_event: str | None = None


class _Page(_Wire):
    events: tuple[_Event, ...]


@dataclass(frozen=True)
class Event:
    """One event. `record` is the text inside it as an object, None = there is none; `resources` are named beside it."""

    id: str
    name: str
    at: datetime
    source: str
    resources: frozenset[str]
    record: dict[str, JsonValue] | None

    def part(self, *path: str) -> JsonValue:
        """What the record holds under `path`, None where any step is missing."""
        value: JsonValue = self.record
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def text(self, *path: str) -> str:
        """Text under `path`, capped and without half characters; "" for anything else."""
        value = self.part(*path)
        return _whole(value)[:200] if isinstance(value, str) else ""

    @property
    def failed(self) -> bool:
        """The call was refused, so nothing came of it."""
        return self.part("errorCode") is not None


@dataclass(frozen=True)
class _Lookup:
    events: tuple[Event, ...]
    calls: tuple[Call, ...]
    at: datetime
    failure: SourceError | None = None


@dataclass
class Trail:
    """The history of one account and Region. Thread-safe; the same lookup is made once.

    Whatever rests on a lookup is no younger than it: what happened after it was asked is not in it.
    """

    _known: dict[tuple[str, datetime], _Lookup] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def named(self, asking: Asking, name: str, start: datetime) -> tuple[Event, ...]:
        """All events of this name from `start` until now, oldest first."""
        with self._lock:
            known = self._known.get((name, start))
            if known is None:
                known = self._known[name, start] = self._look_up(asking, name, start)
            else:
                asking.log.calls.extend(known.calls)
                asking.log.note(known.calls, known.at)
        if known.failure is not None:
            raise known.failure
        return known.events

    def _look_up(self, asking: Asking, name: str, start: datetime) -> _Lookup:
        before = len(asking.log.calls)
        try:
            events = {event.id: event for event in self._pages(asking, name, start)}
        except SourceError as failure:
            return _Lookup((), tuple(asking.log.calls[before:]), asking.at, failure)
        ordered = tuple(sorted(events.values(), key=lambda event: (event.at, event.id)))
        return _Lookup(ordered, tuple(asking.log.calls[before:]), asking.at)

    def _pages(self, asking: Asking, name: str, start: datetime) -> Iterator[Event]:
        told = f"aws cloudtrail:LookupEvents of {name} from {start.isoformat()} to {asking.at.isoformat()}"
        asked: dict[str, object] = {
            "StartTime": start.isoformat(), "EndTime": asking.at.isoformat(), "MaxResults": PAGE,
            "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}],
        }  # fmt: skip
        for number in range(1, PAGES + 1):
            got = asking.call("LookupEvents", asked).body
            yield from (_event(one, name, told) for one in read(_Page, got, f"{told}, page {number}").events)
            token = got.get("NextToken")
            if not token:
                return
            if asked.get("NextToken") == token:
                raise Truncated(f"{told}: page {number} leads back to itself")
            asked["NextToken"] = str(token)
        raise Truncated(f"{told} did not end after {PAGES} pages of {PAGE}")


def _whole(text: str) -> str:
    """Without half characters, which no seal could hold."""
    return text.encode(errors="replace").decode()


def _event(wire: _Event, name: str, told: str) -> Event:
    if wire.event_name != name:
        raise Malformed(f"{told} answered with an event of another name", status=200)
    resources = frozenset(one.resource_name for one in wire.resources or () if one.resource_name)
    return Event(
        wire.event_id, wire.event_name, wire.event_time, wire.event_source, resources,
        _record(wire.cloud_trail_event, told),
    )  # fmt: skip


def _record(text: str | None, told: str) -> dict[str, JsonValue] | None:
    if text is None:
        return None
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{told}: an event's own record is not JSON", status=200) from error
    if not isinstance(record, dict):
        raise Malformed(f"{told}: an event's own record is not an object", status=200)
    return record
