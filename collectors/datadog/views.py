"""Which people opened a dashboard in a browser, by the audit trail.

A look is an API request event of a user's browser session; our own reading makes the same event under a key, whose
owner's name it carries, and does not count (a session of that owner is their own look, and does). Many dashboards are
searched for at once (`searches`), since each event names the one it is about. Before its oldest
event the trail knows nothing: it is kept 7 days by default and 90 at most, so a longer window is blind. Handled: times
that are absolute, a status code that is text, pages to the last. Out of scope: the usage routes (the vendor's client
keeps them off; they count only where RUM runs, name the last viewer only, and their zero is no zero), looks at
embedded, shared and public views, which are other events, and the option of a time offset, for relative times alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlencode

from datadog_api_client.v2.api.audit_api import AuditApi
from datadog_api_client.v2.model.audit_logs_query_filter import AuditLogsQueryFilter
from datadog_api_client.v2.model.audit_logs_query_page_options import AuditLogsQueryPageOptions
from datadog_api_client.v2.model.audit_logs_search_events_request import AuditLogsSearchEventsRequest
from datadog_api_client.v2.model.audit_logs_sort import AuditLogsSort
from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog import searches
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.events import LONGEST, PAGE, Read, read_all, refuse_partial
from collectors.datadog.facts import DashboardViewsAsk, DashboardViewsFacts, View
from collectors.datadog.grouping import Wanted
from collectors.datadog.reading import Shape, at, capped, instant, listing, pick, text, without_people
from collectors.datadog.together import Asker, Found
from collectors.errors import Blind, Malformed, SourceError, resting_on
from collectors.evidence import Answer, Call, Completeness, Evidence, Person, Resource, Time, Window, pointer

SCOPE = "audit_logs_read"
NAMED = 240  # characters of a query in a sentence: one search for many is long
LONGEST_KEPT = timedelta(days=90)  # the most that the vendor keeps of an audit trail
EVENT: Shape = {
    "id": None,
    "attributes": {
        "timestamp": None,
        "attributes": {
            "action": None, "auth_method": None, "usr": {"uuid": None},
            "evt": {"name": None, "actor": {"type": None}},
            "http": {"method": None, "status_code": None, "url_details": {"path": None}},
        },
    },
}  # fmt: skip
OLDEST_TOLD = "search for the oldest audit event"
OLDEST: Shape = {"id": None, "attributes": {"timestamp": None}}


def dashboard_views(conn: Connections, asks: Sequence[DashboardViewsAsk]) -> Iterable[Answer]:
    """Who opened the dashboard in a browser session within the window; reads by keys do not count."""
    return answer_batch(conn, asks, lambda dd: _answering(dd, asks))


@dataclass
class Trail:
    """Where the trail begins, asked once for all questions of a batch."""

    dd: Session
    calls: tuple[Call, ...] = ()
    _found: JsonValue | SourceError = None

    def oldest(self) -> JsonValue:
        if self._found is None:
            before = len(self.dd.log.calls)
            try:
                self._found = oldest(self.dd)
            except SourceError as failure:
                self._found = failure
            self.calls = tuple(self.dd.log.calls[before:])
        if isinstance(self._found, SourceError):
            raise self._found.resting_on(self.calls)
        return self._found


def _answering(dd: Session, asks: Sequence[DashboardViewsAsk]) -> Callable[[DashboardViewsAsk], Answer]:
    """The searches of one window are made when the first of them is wanted, and the trail reaches back that far."""
    trail = Trail(dd)
    found: dict[Window, dict[Wanted, Found[Read]]] = {}

    def answer(ask: DashboardViewsAsk) -> Answer:
        first = trail.oldest()
        with resting_on(trail.calls):
            oldest = _oldest(first, ask)
        if ask.window not in found:
            queries = [(query_for(one.id), "") for one in asks if one.window == ask.window]
            found[ask.window] = _searched(dd, ask.window, queries)
        views = found[ask.window][query_for(ask.id), ""]
        with resting_on((*trail.calls, *views.calls)):
            return _answer(dd, ask, oldest, views.get(), (*trail.calls, *views.calls))

    return answer


def _searched(dd: Session, window: Window, queries: Sequence[Wanted]) -> dict[Wanted, Found[Read]]:
    def read(query: str, most: int = LONGEST) -> Read:
        told = f"audit search {capped(query, NAMED)} from {window.start} to {window.end}"
        return read_all(dd, told, SCOPE, EVENT, partial(_page, dd, query, window), most)

    asker = Asker(
        dd, lambda wanted: [read(query) for query, _ in wanted], partial(searches.parted, read=read), at_once=1,
        groups=searches.groups,
    )  # fmt: skip
    return asker.ask(queries)


def _answer(
    dd: Session, ask: DashboardViewsAsk, oldest: tuple[JsonValue, datetime], read: Read, calls: Sequence[Call]
) -> Evidence:  # fmt: skip
    first, since = oldest
    told = f"audit search for views of dashboard {ask.id} from {ask.window.start} to {ask.window.end}"
    seen = [event for event in read.events if _by_a_person(event, ask)]
    body: dict[str, JsonValue] = {"dashboard": ask.id, "oldest": first, "events": list(seen)}
    facts = DashboardViewsFacts(
        dashboard=Resource(value=ask.id, pointer="/dashboard"),
        from_=Time(value=since, pointer="/oldest/attributes/timestamp", at=since),
        views=tuple(sorted((_view(e, i, told) for i, e in enumerate(seen)), key=lambda view: view.at.value)),
    )
    return dd.evidence(
        ask, facts, body, link=_link(ask), calls=calls,
        completeness=Completeness(pages=read.pages, items=len(read.events), note=_left_out(read, seen)),
        redacted=("usr.email", "usr.id", "network.client.ip", "http.useragent", "org"),
    )  # fmt: skip


def _left_out(read: Read, seen: Sequence[object]) -> str:
    return f"{len(read.events) - len(seen)} reads left out that were made by keys or by nobody named"


def query_for(dashboard: str) -> str:
    """The events that opening a dashboard leaves; reading it by the API leaves the same ones."""
    return (
        "@evt.name:Request @action:accessed @http.method:GET @http.status_code:200 "
        f"@http.url_details.path:/api/v1/dashboard/{dashboard}"
    )


def _search(dd: Session, query: str, start: datetime, end: datetime, page: AuditLogsQueryPageOptions) -> object:
    wanted = AuditLogsQueryFilter(query=query, _from=start.isoformat(), to=end.isoformat())
    request = AuditLogsSearchEventsRequest(filter=wanted, page=page, sort=AuditLogsSort.TIMESTAMP_ASCENDING)
    return dd.api(AuditApi).search_audit_logs(body=request)


def _page(dd: Session, query: str, window: Window, cursor: str | None) -> object:
    page = AuditLogsQueryPageOptions(limit=PAGE)
    if cursor is not None:
        page.cursor = cursor
    return _search(dd, query, window.start, window.end, page)


def oldest(dd: Session) -> JsonValue:
    """The oldest event that the trail still holds, unredacted; Blind when it holds none."""
    now = dd.conn.clock()
    page = AuditLogsQueryPageOptions(limit=1)
    body = dd.ask(OLDEST_TOLD, SCOPE, lambda: _search(dd, "*", now - LONGEST_KEPT - timedelta(days=1), now, page))
    refuse_partial(body, OLDEST_TOLD)
    found = listing(at(body, "data"), f"Datadog {OLDEST_TOLD}: data")
    if not found:
        raise Blind("Datadog's audit trail holds no event at all: it is switched off, or the key may not see it")
    if instant(at(found[0], "attributes", "timestamp")) is None:
        raise Malformed(f"Datadog {OLDEST_TOLD}: the event has no time with a zone")
    return found[0]


def _oldest(event: JsonValue, ask: DashboardViewsAsk) -> tuple[JsonValue, datetime]:
    """The oldest event, redacted, and when it was: before it, silence means nothing."""
    since = begins(event)
    if since > ask.window.start:
        told = f"Datadog's audit trail begins at {since} and cannot say who opened dashboard {ask.id}"
        raise Blind(f"{told} since {ask.window.start}")
    return without_people(pick(event, OLDEST)), since


def begins(oldest: JsonValue) -> datetime:
    """When the trail's oldest event was."""
    when = instant(at(oldest, "attributes", "timestamp"))
    assert when is not None  # `oldest` refused one without
    return when


def _by_a_person(event: JsonValue, ask: DashboardViewsAsk) -> bool:
    """A browser session of a named user that opened this very dashboard; an application key acts as its owner."""
    inner = at(event, "attributes", "attributes")
    when = instant(at(event, "attributes", "timestamp"))
    return (
        at(inner, "auth_method") == "SESSION"
        and at(inner, "evt", "actor", "type") == "USER"
        and at(inner, "http", "method") == "GET"
        and str(at(inner, "http", "status_code")) == "200"
        and at(inner, "http", "url_details", "path") == f"/api/v1/dashboard/{ask.id}"
        and text(at(inner, "usr", "uuid")) is not None
        and when is not None
        and ask.window.holds(when)
    )


def _view(event: JsonValue, i: int, told: str) -> View:
    here = pointer("events", i, "attributes")
    when = instant(at(event, "attributes", "timestamp"))
    who = text(at(event, "attributes", "attributes", "usr", "uuid"))
    if when is None or who is None:
        raise Malformed(f"Datadog {told}: an event lacks its time or its user")
    return View(
        person=Person(value=who, id=who, pointer=here + "/attributes/usr/uuid", at=when),
        at=Time(value=when, pointer=here + "/timestamp", at=when),
    )


def _link(ask: DashboardViewsAsk) -> str:
    start, end = (int(edge.timestamp() * 1000) for edge in (ask.window.start, ask.window.end))
    return "/audit-trail?" + urlencode({"query": query_for(ask.id), "from_ts": start, "to_ts": end})
