"""Log events that match a query in a window, read to the last page.

Many searches that differ in one value are made as one (`searches`). Handled: absolute times, the cursor to its end (a
page may be short and still point on; the last may be bare), a search that timed out or warns with status 200,
attributes that are nested or carry their dots. What the search does not look into it does not say either: flex and
archived logs, rows that restriction queries on the role take away, logs that an index excluded, dropped at its daily
limit or no longer keeps. That can only make events fewer, so an event proves itself, and a search without one proves
nothing: its rule is unknown. Out of scope: counting by the aggregation route, whose numbers show no event.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.model.logs_list_request import LogsListRequest
from datadog_api_client.v2.model.logs_list_request_page import LogsListRequestPage
from datadog_api_client.v2.model.logs_query_filter import LogsQueryFilter
from datadog_api_client.v2.model.logs_sort import LogsSort
from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog import searches
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.events import LONGEST, PAGE, Read, read_all
from collectors.datadog.facts import LogEvent, LogsAsk, LogsFacts
from collectors.datadog.filters import denied
from collectors.datadog.grouping import Group, Wanted
from collectors.datadog.reading import Shape, at, capped, instant, without_people
from collectors.datadog.together import Asker, Found
from collectors.errors import Malformed, resting_on
from collectors.evidence import (
    Answer,
    Completeness,
    Evidence,
    Number,
    Origin,
    Resource,
    State,
    Time,
    Window,
    pointer,
)

SCOPE = "logs_read_data"
KEPT = 1000  # events of one outcome; a rule needs to see that it happened, and how often, not every time
NAMED = 200  # characters of a query in a sentence: one search for many is long


@dataclass(frozen=True)
class Told:
    """One search as it is kept: of `count` events within the window, out of `items` that came on `pages`."""

    kept: list[dict[str, JsonValue]]
    count: int
    items: int
    pages: int


def logs(conn: Connections, asks: Sequence[LogsAsk]) -> Iterable[Answer]:
    """Every log event that matches the query in the window, with what its outcome attribute says."""
    return answer_batch(conn, asks, lambda dd: _answering(dd, asks))


def _answering(dd: Session, asks: Sequence[LogsAsk]) -> Callable[[LogsAsk], Answer]:
    """The searches of one window and outcome are made when the first of them is wanted, one after the other: three in
    ten seconds is all that we may, and whoever waits for a turn among others may be told that it took too long.
    """
    found: dict[tuple[Window, str], dict[Wanted, Found[Told]]] = {}

    def answer(ask: LogsAsk) -> Answer:
        alike = (ask.window, ask.outcome)
        if alike not in found:
            queries = [(one.query, "") for one in asks if (one.window, one.outcome) == alike]
            asker = Asker(
                dd, lambda wanted: [_search(dd, ask, query) for query, _ in wanted], partial(_group, dd, ask),
                at_once=1, groups=searches.groups, requests=1,
            )  # fmt: skip
            found[alike] = asker.ask(queries)
        own = found[alike][ask.query, ""]
        with resting_on(own.calls):
            return _answer(dd, ask, own)

    return answer


def _search(dd: Session, alike: LogsAsk, query: str) -> Told:
    ask = alike.model_copy(update={"query": query})
    return _told(ask, _read(dd, ask, LONGEST))


def _group(dd: Session, alike: LogsAsk, group: Group) -> dict[str, Told]:
    """What each member's own search would have given, by the value of the group's term."""

    def read(query: str, most: int) -> Read:
        return _read(dd, alike.model_copy(update={"query": query}), most)

    own = {value: alike.model_copy(update={"query": wanted[0]}) for value, wanted in group.members.items()}
    return {value: _told(own[value], events) for value, events in searches.parted(group, read).items()}


def _read(dd: Session, ask: LogsAsk, most: int) -> Read:
    return read_all(dd, _named(ask), SCOPE, _shape(ask), partial(_page, dd, ask), most)


def _named(ask: LogsAsk) -> str:
    return f"log search {capped(ask.query, NAMED)} from {ask.window.start} to {ask.window.end}"


def _told(ask: LogsAsk, read: Read) -> Told:
    inside = [event for event in read.events if ask.window.holds(_time(event, _named(ask)))]
    _must_match(ask, inside, _named(ask))
    return Told(_newest_of_each(ask, inside), len(inside), len(read.events), read.pages)


def _answer(dd: Session, ask: LogsAsk, found: Found[Told]) -> Evidence:
    read = found.get()
    body: dict[str, JsonValue] = {"query": ask.query, "events": without_people(list(read.kept))}
    cut = len(read.kept) < read.count
    left = f"{read.count} events counted, the newest {KEPT} of each outcome kept" if cut else ""
    return dd.evidence(
        ask, _facts(ask, read.kept, _named(ask), read.count), body, link=_link(ask), calls=found.calls,
        completeness=Completeness(pages=read.pages, items=read.items, note=left),
        redacted=("message", "host", "tags", "every attribute that neither query nor outcome names"),
    )  # fmt: skip


def _must_match(ask: LogsAsk, events: Sequence[dict[str, JsonValue]], told: str) -> None:
    """Malformed where an event says of itself that it is another than was asked for."""
    for event in events:
        if term := denied(ask.query, partial(_said, event)):
            raise Malformed(f"Datadog {told}: event {event['id']} contradicts {term}, so the query was not heeded")


def _said(event: dict[str, JsonValue], name: str) -> JsonValue:
    """What the event says of a field of the query: of `@name` among its own, else of its service or status."""
    if not name.startswith("@"):
        return at(event, "attributes", name) if name in ("service", "status") else None
    inner, whole = at(event, "attributes", "attributes"), _path(name)
    nested = at(inner, *whole)
    return at(inner, ".".join(whole)) if nested is None else nested


def _newest_of_each(ask: LogsAsk, events: Sequence[dict[str, JsonValue]]) -> list[dict[str, JsonValue]]:
    """All events of a short list; of a long one the newest of each outcome, in the order they were read."""
    if len(events) <= KEPT:
        return list(events)
    kept: list[dict[str, JsonValue]] = []
    seen = Counter[str | None]()
    for event in sorted(events, key=lambda one: str(at(one, "attributes", "timestamp")), reverse=True):
        said = _outcome(ask, event, "")
        seen[said.value if said else None] += 1
        if seen[said.value if said else None] <= KEPT and len(kept) < KEPT * 20:
            kept.append(event)
    return kept[::-1]


def _page(dd: Session, ask: LogsAsk, cursor: str | None) -> object:
    page = LogsListRequestPage(limit=PAGE) if cursor is None else LogsListRequestPage(limit=PAGE, cursor=cursor)
    wanted = LogsQueryFilter(query=ask.query, _from=ask.window.start.isoformat(), to=ask.window.end.isoformat())
    request = LogsListRequest(filter=wanted, page=page, sort=LogsSort.TIMESTAMP_ASCENDING)
    return dd.api(LogsApi).list_logs(body=request)


def _path(name: str) -> tuple[str, ...]:
    return tuple(name.removeprefix("@").split("."))


def _shape(ask: LogsAsk) -> Shape:
    """What is kept of an event: when, which service, and the attributes that the query or the card names."""
    named: dict[str, Any] = {}
    for name in (ask.outcome, *re.findall(r"@[\w.-]+(?=:)", ask.query)):
        _add(named, _path(name))
        named[".".join(_path(name))] = None  # an attribute may carry its dots in its own name
    return {"id": None, "attributes": {"timestamp": None, "service": None, "status": None, "attributes": named}}


def _add(shape: dict[str, Any], path: tuple[str, ...]) -> None:
    if len(path) == 1:
        shape[path[0]] = None
    elif (inside := shape.setdefault(path[0], {})) is not None:
        _add(inside, path[1:])


def _facts(ask: LogsAsk, kept: Sequence[dict[str, JsonValue]], told: str, count: int) -> LogsFacts:
    events = sorted((_event(ask, event, i, told) for i, event in enumerate(kept)), key=lambda event: event.at.value)
    return LogsFacts(
        query=Resource(value=capped(ask.query, 200), pointer="/query"),
        count=Number(value=count, unit="events", origin=Origin.CODE),
        events=tuple(events),
    )


def _event(ask: LogsAsk, event: dict[str, JsonValue], i: int, told: str) -> LogEvent:
    here = pointer("events", i)
    when = _time(event, told)
    return LogEvent(
        event=Resource(value=capped(str(event["id"]), 200), pointer=here + "/id", at=when),
        at=Time(value=when, pointer=here + "/attributes/timestamp", at=when),
        outcome=_outcome(ask, event, here),
    )


def _outcome(ask: LogsAsk, event: dict[str, JsonValue], here: str) -> State | None:
    """The attribute as one word, whether it is nested or named with its dots; None where the event does not say."""
    inner = at(event, "attributes", "attributes")
    whole = _path(ask.outcome)
    for path in (whole, (".".join(whole),)):
        value = at(inner, *path)
        if isinstance(value, str | int | float) and value != "":
            said = str(value).lower() if isinstance(value, bool) else str(value)
            return State(value=capped(said, 80), pointer=here + pointer("attributes", "attributes", *path))
    return None


def _time(event: dict[str, JsonValue], told: str) -> datetime:
    when = instant(at(event, "attributes", "timestamp"))
    if when is None:
        raise Malformed(f"Datadog {told}: event {event['id']} has no time with a zone")
    return when


def _link(ask: LogsAsk) -> str:
    start, end = (int(edge.timestamp() * 1000) for edge in (ask.window.start, ask.window.end))
    return "/logs?" + urlencode({"query": ask.query, "from_ts": start, "to_ts": end, "live": "false"})
