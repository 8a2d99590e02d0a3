"""pagerduty.incidents: the incidents of a service that were open at some time in a window, and their priorities.

The key needs services.read, priorities.read and incidents.read.

Asked for: what was created in the window or in the BEFORE ahead of it, and all that is open now whenever it was
created (one that was reopened is open, or resolved again later). Beside them, for an empty list means little without:
the service's state and its maintenance windows. Incidents are never asked for by user: resolved ones are assigned to
nobody.

Out of scope: an incident created more than BEFORE ahead of the window and resolved since it began, for only the whole
history of the service would show it; a priority that was lowered later, of which only an incident's own log tells
(today's counts); whether anything is connected to the service that could open an incident, for the contract does not
say what `include[]=integrations` gives; who changed the service (/audit/records: a month at most, not in all plans).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from collectors.connections import Connections
from collectors.evidence import Answer, Completeness, Evidence, Number, Origin, Time, Window
from collectors.pagerduty import batch, paging
from collectors.pagerduty.batch import Asked, Key, Shared
from collectors.pagerduty.client import Outcome, Reader, Trail, span, utc
from collectors.pagerduty.facts import Incident, IncidentsAsk, IncidentsFacts
from collectors.pagerduty.maintenance import maintenance, overlapping
from collectors.pagerduty.paging import Listing
from collectors.pagerduty.reading import Node, named, page_of, resource, state, time
from collectors.pagerduty.service import services

LONGEST = timedelta(days=150)  # PagerDuty refuses a window of more than six months
BEFORE = timedelta(days=90)
EDGE = timedelta(seconds=1)  # whether PagerDuty's bounds include their own instant is not told: ours decide
PRIORITIES = Listing("/priorities", "priorities", loose=True)


@dataclass(frozen=True)
class Found:
    """All that the questions of one batch need; a long window is asked for in pieces."""

    services: Mapping[str, Outcome]
    priorities: Outcome
    created: Mapping[Key, Outcome]
    open: Mapping[Key, Outcome]
    maintenance: Mapping[str, Outcome]


def incidents(conn: Connections, asks: Sequence[IncidentsAsk]) -> Iterable[Answer]:
    """The incidents of a service that were open in a window, whatever their urgency, with their priorities."""
    return batch.answers(conn, asks, _gather, _evidence)


def _gather(reader: Reader, asks: Sequence[IncidentsAsk], now: datetime) -> Found:
    found = services(reader, (ask.service for ask in asks))
    known = [ask for ask in asks if found[ask.service].got]
    priorities = paging.read_all(reader, (PRIORITIES,))[PRIORITIES]
    keys = [(ask.service, piece) for ask in known for piece in _pieces(ask.window)]
    return Found(
        found, priorities,
        CREATED.of(reader, keys, lambda id, window: _none_since(found[id], window.start)),
        OPEN.of(reader, [(ask.service, ask.window) for ask in known], lambda id, _: _none_open(found[id])),
        maintenance(reader, (ask.service for ask in known)),
    )  # fmt: skip


def _created(services: tuple[str, ...], window: Window) -> Listing:
    """The incidents of some services that were created in the window, whatever became of them."""
    asked = (("since", utc(window.start - EDGE)), ("until", utc(window.end + EDGE)))
    return _listing(services, asked, span(window))


def _open(services: tuple[str, ...], window: Window) -> Listing:
    """The incidents of some services that are open now, whenever they were created."""
    asked = (("date_range", "all"), ("statuses[]", ("triggered", "acknowledged")))
    return _listing(services, asked, " of those that are open")


def _listing(services: tuple[str, ...], asked: paging.Pairs, about: str) -> Listing:
    of = (("service_ids[]", services), ("include[]", ("priorities",)))
    return Listing(
        "/incidents", "incidents", (*asked, ("time_zone", "UTC"), ("sort_by", "created_at:asc"), *of), about
    )  # fmt: skip


CREATED, OPEN = Shared(_created, "service", cut=True), Shared(_open, "service")


def _none_since(service: Outcome, start: datetime) -> bool:
    """Whether the service itself says that its last incident was earlier, or that it never had one."""
    last = Node(dict(service.got.body) if service.got else {})["last_incident_timestamp"]
    return last.given and (last.absent or bool(batch.readable(lambda: ("",) if last.instant() < start else ())))


def _none_open(service: Outcome) -> bool:
    """Whether the service itself says that nothing is open: it is then active, and neither warning nor critical."""
    return service.got is not None and service.got.body.get("status") == "active"


def _pieces(window: Window) -> list[Window]:
    """The window, and what lies shortly before it, in pieces that PagerDuty answers for."""
    return pieces(Window(start=window.start - BEFORE, end=window.end))


def pieces(window: Window) -> list[Window]:
    """The window in pieces that PagerDuty answers for."""
    cuts = [window.start]
    while window.end - cuts[-1] > LONGEST:
        cuts.append(cuts[-1] + LONGEST)
    return [Window(start=start, end=end) for start, end in zip(cuts, [*cuts[1:], window.end], strict=True)]


def _evidence(ask: IncidentsAsk, found: Found, trail: Trail, asked: Asked) -> Evidence:
    body = _body(ask, found, trail)
    kept = Node(body)
    return Evidence(
        request_type=ask.type, params=ask.params(), source=asked.account(kept["service"]),
        collected_at=asked.collected(trail), link=page_of(kept["service"]),
        facts=read(kept, ask.window), calls=trail.asked(), body=body,
        redacted=tuple(sorted(trail.removed)),
        completeness=Completeness(
            pages=trail.pages, items=len(list(kept["incidents"])),
            note=f"items are incidents, created since {BEFORE.days} days before the window or open now",
        ),
    )  # fmt: skip


def _body(ask: IncidentsAsk, found: Found, trail: Trail) -> dict[str, JsonValue]:
    """The answers by a short name; the service first, for an unknown one has no incidents either."""
    of = trail.take(found.services[ask.service]).body
    priorities = list(trail.take(found.priorities).items)
    lists = [found.created[ask.service, piece] for piece in _pieces(ask.window)]
    read = [*lists, found.open[ask.service, ask.window]]
    return {
        "service": of, "priorities": priorities,
        "incidents": each_once(item for outcome in read for item in trail.take(outcome).items),
        "maintenance": list(trail.take(found.maintenance[ask.service]).items),
    }  # fmt: skip


def each_once(items: Iterable[JsonValue]) -> list[JsonValue]:
    """What was read later tells how it is now."""
    return list({Node(item)["id"].text(): item for item in items}.values())


def read(body: Node, window: Window) -> IncidentsFacts:
    """The facts that a kept body holds; Malformed when it does not hold them."""
    seen = [_incident(item) for item in body["incidents"]]
    inside = tuple(incident for incident in seen if _was_open(incident, window))
    return IncidentsFacts(
        service=resource(named(body["service"])), service_state=state(body["service"]["status"]),
        count=Number(value=len(inside), unit="incidents", origin=Origin.CODE), incidents=inside,
        priorities=tuple(state(_name(priority)) for priority in body["priorities"]),
        maintenance=tuple(overlapping(body["maintenance"], window)),
    )  # fmt: skip


def _was_open(incident: Incident, window: Window) -> bool:
    created, resolved = incident.created.value, incident.resolved
    over = resolved is not None and created <= resolved.value <= window.start
    return window.holds(created) or (created < window.start and not over)


def _incident(item: Node) -> Incident:
    priority = None if item["priority"].absent else state(_name(item["priority"]))
    return Incident(
        incident=resource(item["id"]), created=time(item["created_at"]), resolved=_resolved(item), priority=priority
    )  # fmt: skip


def _resolved(item: Node) -> Time | None:
    """When it was closed for good; None for one that is open, or does not tell."""
    if item["status"].text() != "resolved":
        return None
    return next((time(item[key]) for key in ("resolved_at", "last_status_change_at") if not item[key].absent), None)


def _name(priority: Node) -> Node:
    return priority["summary"] if priority["name"].absent else priority["name"]
