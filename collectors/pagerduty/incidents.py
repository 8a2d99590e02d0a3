"""pagerduty.incidents: the incidents of a service that were created in a window, and what the priorities mean.

The key needs services.read, priorities.read and incidents.read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from collectors.connections import Connections
from collectors.evidence import Answer, Completeness, Evidence, Number, Origin, Window
from collectors.pagerduty import batch
from collectors.pagerduty.batch import Asked, Key
from collectors.pagerduty.client import Got, Outcome, Reader, Trail, span, utc
from collectors.pagerduty.facts import Incident, IncidentsAsk, IncidentsFacts
from collectors.pagerduty.reading import Node, named, page_of, resource, state, time
from collectors.pagerduty.service import service

LONGEST = timedelta(days=150)  # PagerDuty refuses a window of more than six months


@dataclass(frozen=True)
class Found:
    """All that the questions of one batch need; a long window is asked for in pieces."""

    services: Mapping[str, Outcome]
    priorities: Outcome
    incidents: Mapping[Key, Outcome]


def incidents(conn: Connections, asks: Sequence[IncidentsAsk]) -> list[Answer]:
    """The incidents of a service that were created in a window, whatever their urgency, with their priorities."""
    return batch.answers(conn, asks, _gather, _evidence)


def _gather(reader: Reader, asks: Sequence[IncidentsAsk], now: datetime) -> Found:
    services = reader.each((ask.service for ask in asks), lambda id: service(reader, id))
    known = [ask for ask in asks if services[ask.service].got]
    priorities = reader.each(("/priorities",), lambda path: reader.pages(path, "priorities", {}, loose=True))
    keys = [(ask.service, piece) for ask in known for piece in _pieces(ask.window)]
    return Found(services, priorities["/priorities"], batch.shared(reader, keys, _created, "service"))


def _created(reader: Reader, services: tuple[str, ...], window: Window) -> Got:
    """The incidents of some services that were created in the window, whatever became of them."""
    params = {"since": utc(window.start), "until": utc(window.end), "time_zone": "UTC", "sort_by": "created_at:asc"}
    of = {"service_ids[]": list(services), "include[]": ["priorities"]}
    return reader.pages("/incidents", "incidents", {**params, **of}, about=span(window))


def _pieces(window: Window) -> list[Window]:
    """The window in pieces that PagerDuty answers for."""
    cuts = [window.start]
    while window.end - cuts[-1] > LONGEST:
        cuts.append(cuts[-1] + LONGEST)
    return [Window(start=start, end=end) for start, end in zip(cuts, [*cuts[1:], window.end], strict=True)]


def _evidence(ask: IncidentsAsk, found: Found, trail: Trail, asked: Asked) -> Evidence:
    body = _body(ask, found, trail)
    kept = Node(body)
    return Evidence(
        request_type=ask.type, params=ask.params(), source=asked.account(kept["service"]), collected_at=asked.at,
        link=page_of(kept["service"]), facts=read(kept, ask.window), calls=trail.asked(), body=body,
        redacted=tuple(sorted(trail.removed)),
        completeness=Completeness(pages=trail.pages, items=len(list(kept["incidents"])), note="items are incidents"),
    )  # fmt: skip


def _body(ask: IncidentsAsk, found: Found, trail: Trail) -> dict[str, JsonValue]:
    """The answers by a short name; the service first, for an unknown one has no incidents either."""
    of = trail.take(found.services[ask.service]).body
    priorities = list(trail.take(found.priorities).items)
    seen: dict[str, JsonValue] = {}
    for piece in _pieces(ask.window):
        for item in trail.take(found.incidents[ask.service, piece]).items:
            seen[Node(item)["id"].text()] = item
    return {"service": of, "priorities": priorities, "incidents": list(seen.values())}


def read(body: Node, window: Window) -> IncidentsFacts:
    """The facts that a kept body holds; Malformed when it does not hold them."""
    created = [_incident(item) for item in body["incidents"]]
    inside = tuple(incident for incident in created if window.holds(incident.created.value))
    return IncidentsFacts(
        service=resource(named(body["service"])), service_state=state(body["service"]["status"]),
        count=Number(value=len(inside), unit="incidents", origin=Origin.CODE), incidents=inside,
        priorities=tuple(state(_name(priority)) for priority in body["priorities"]),
    )  # fmt: skip


def _incident(item: Node) -> Incident:
    priority = None if item["priority"].absent else state(_name(item["priority"]))
    return Incident(incident=resource(item["id"]), created=time(item["created_at"]), priority=priority)


def _name(priority: Node) -> Node:
    return priority["summary"] if priority["name"].absent else priority["name"]
