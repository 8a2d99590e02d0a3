"""pagerduty.responses: how soon a person answered each incident of a service that was created in a window.

The key needs services.read and incidents.read. Each incident's own log tells who acknowledged or resolved it and when;
what a program did does not count. An incident's `acknowledgements` would not do: they are empty once it is resolved.

Out of scope: whether what was done helped; urgencies that were changed later (today's counts); incidents that were
merged into others keep the answers that they had until then; what people did outside PagerDuty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pydantic import JsonValue

from collectors.connections import Connections
from collectors.errors import Malformed
from collectors.evidence import Answer, Completeness, Evidence, Number, Origin, Window
from collectors.pagerduty import batch, paging
from collectors.pagerduty.batch import Asked, Key
from collectors.pagerduty.client import Outcome, Reader, Trail
from collectors.pagerduty.facts import Response, ResponsesAsk, ResponsesFacts
from collectors.pagerduty.incidents import CREATED, each_once, pieces
from collectors.pagerduty.paging import Listing
from collectors.pagerduty.reading import Node, named, page_of, person, resource, state, time
from collectors.pagerduty.service import services

ANSWERS = ("acknowledge_log_entry", "resolve_log_entry")
PEOPLE = ("user", "user_reference")


@dataclass(frozen=True)
class Found:
    """All that the questions of one batch need; a long window is asked for in pieces, each incident's log by itself."""

    services: Mapping[str, Outcome]
    created: Mapping[Key, Outcome]
    logs: Mapping[str, Outcome]


def responses(conn: Connections, asks: Sequence[ResponsesAsk]) -> Iterable[Answer]:
    """The incidents of a service that were created in a window, and when a person first answered each."""
    return batch.answers(conn, asks, _gather, _evidence)


def _gather(reader: Reader, asks: Sequence[ResponsesAsk], now: datetime) -> Found:
    found = services(reader, (ask.service for ask in asks))
    known = [ask for ask in asks if found[ask.service].got]
    keys = [(ask.service, piece) for ask in known for piece in pieces(ask.window)]
    created = CREATED.of(reader, keys, lambda id, window: False)
    ids = [id for ask in known for id in batch.readable(partial(_ids, ask, created))]
    listings = {id: _log(id) for id in dict.fromkeys(ids)}
    read = paging.read_all(reader, listings.values())
    return Found(found, created, {id: read[listing] for id, listing in listings.items()})


def _log(id: str) -> Listing:
    path = f"/incidents/{id}/log_entries"
    return Listing(path, "log_entries", (("time_zone", "UTC"),), permission="incidents.read")


def _ids(ask: ResponsesAsk, created: Mapping[Key, Outcome]) -> tuple[str, ...]:
    items = [item for piece in pieces(ask.window) if (got := created[ask.service, piece].got) for item in got.items]
    return tuple(item["id"].text() for item in map(Node, items) if ask.window.holds(item["created_at"].instant()))


def _evidence(ask: ResponsesAsk, found: Found, trail: Trail, asked: Asked) -> Evidence:
    body = _body(ask, found, trail)
    kept = Node(body)
    return Evidence(
        request_type=ask.type, params=ask.params(), source=asked.account(kept["service"]),
        collected_at=asked.collected(trail), link=page_of(kept["service"]),
        facts=read(kept), calls=trail.asked(), body=body,
        redacted=(*sorted(trail.removed), "the incidents' logs, but for who answered and when"),
        completeness=Completeness(pages=trail.pages, items=len(list(kept["incidents"])), note="items are incidents"),
    )  # fmt: skip


def _body(ask: ResponsesAsk, found: Found, trail: Trail) -> dict[str, JsonValue]:
    of = trail.take(found.services[ask.service]).body
    lists = [trail.take(found.created[ask.service, piece]).items for piece in pieces(ask.window)]
    seen = [item for item in each_once(item for items in lists for item in items) if _inside(item, ask.window)]
    logs: dict[str, JsonValue] = {}
    for incident in map(Node, seen):
        id = incident["id"].text()
        logs[id] = _answers(id, trail.take(found.logs[id]).items)
    return {"service": of, "incidents": seen, "answers": logs}


def _inside(item: JsonValue, window: Window) -> bool:
    return window.holds(Node(item)["created_at"].instant())


def _answers(id: str, entries: Sequence[JsonValue]) -> list[JsonValue]:
    """What people did to answer it, oldest first. A log that does not begin with the incident is not its own."""
    read = [Node(entry) for entry in entries]
    if not any(entry["type"].text() == "trigger_log_entry" for entry in read):
        raise Malformed(f"PagerDuty's log of incident {id} does not tell that it was triggered")
    if any(entry["incident"]["id"].text() != id for entry in read if entry["incident"].given):
        raise Malformed(f"PagerDuty's log of incident {id} tells of another")
    own = [entry for entry in read if entry["type"].text() in ANSWERS and entry["agent"]["type"].value in PEOPLE]
    own.sort(key=lambda entry: entry["created_at"].instant())
    return [
        {"type": entry["type"].text(), "created_at": entry["created_at"].text(), "agent": _agent(entry["agent"])}
        for entry in own
    ]


def _agent(agent: Node) -> dict[str, JsonValue]:
    return {"id": agent["id"].text(), "type": agent["type"].text(), "summary": named(agent).text()}


def read(body: Node) -> ResponsesFacts:
    """The facts that a kept body holds; Malformed when it does not hold them."""
    found = tuple(_response(item, body["answers"][item["id"].text()]) for item in body["incidents"])
    return ResponsesFacts(
        service=resource(named(body["service"])), service_state=state(body["service"]["status"]),
        count=Number(value=len(found), unit="incidents", origin=Origin.CODE), responses=found,
    )  # fmt: skip


def _response(incident: Node, answers: Node) -> Response:
    first = next(iter(answers), None)
    return Response(
        incident=resource(incident["id"]), urgency=state(incident["urgency"]), created=time(incident["created_at"]),
        answered=time(first["created_at"]) if first else None,
        by=person(first["agent"]["summary"], first["agent"]["id"].text()) if first else None,
    )  # fmt: skip
