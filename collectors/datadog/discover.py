"""Which dashboards and monitors Datadog has. Those like the subject's come with the metric queries that they show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from datadog_api_client.v1.api.dashboards_api import DashboardsApi
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog.client import SETTINGS, Session, session
from collectors.datadog.reading import at, listing, mapping, text
from collectors.discovery import Listing, Named, detailed, endless, listed, unseen
from collectors.errors import Malformed, NotConfigured

DASHBOARDS, MONITORS = "dashboards_read", "monitors_read"
PAGE, MOST_PAGES, DEPTH = 100, 50, 12
_METRIC = re.compile(r"[a-z0-9]+:[\w.]+\{[^{}]*\}[^<>=]*")  # aggregation:metric{where}, with what is done to it


def discover(conn: Connections, subject: str) -> list[Listing]:
    """Dashboards that people made (Datadog does not list its own), and monitors."""
    access = conn.datadog
    if access is None or not (access.api_key and access.app_key):
        absent = NotConfigured(f"Datadog was not asked: {SETTINGS} are not both set")
        return [unseen("datadog", kind, absent) for kind in ("dashboard", "monitor")]
    with session(conn, access) as dd:
        return [
            listed("datadog", "dashboard", lambda: detailed(subject, [*_dashboards(dd)], lambda one: _shown(dd, one))),
            listed("datadog", "monitor", lambda: _monitors(dd)),
        ]


def _pages(what: str, page: Callable[[int], JsonValue]) -> Iterator[dict[str, JsonValue]]:
    """The objects of all pages; `page` gives the list that begins with page number n."""
    for number in range(MOST_PAGES):
        found = listing(page(number), f"Datadog {what}")
        yield from (mapping(one, f"Datadog {what}") for one in found)
        if len(found) < PAGE:
            return
    raise endless(f"Datadog {what}", MOST_PAGES)


def _dashboards(dd: Session) -> Iterator[Named]:
    def page(number: int) -> JsonValue:
        read = dd.api(DashboardsApi)
        body = dd.ask("list of dashboards", DASHBOARDS, lambda: read.list_dashboards(count=PAGE, start=number * PAGE))
        return at(body, "dashboards")

    for one in _pages("list of dashboards", page):
        id, title = text(one.get("id")), text(one.get("title"))
        if id is None:
            raise Malformed("Datadog lists a dashboard without an id", status=200)
        yield Named(kind="dashboard", id=id, name=title or id, said=text(one.get("description")) or "")


def _monitors(dd: Session) -> Iterator[Named]:
    def page(number: int) -> JsonValue:
        read = dd.api(MonitorsApi)
        return dd.ask("list of monitors", MONITORS, lambda: read.list_monitors(page=number, page_size=PAGE))

    for one in _pages("list of monitors", page):
        id = one.get("id")
        if not isinstance(id, int) or isinstance(id, bool):
            raise Malformed("Datadog lists a monitor without an id", status=200)
        tags = [tag for tag in listing(one.get("tags") or [], "Datadog: tags") if isinstance(tag, str)]
        query = text(one.get("query")) or ""
        yield Named(
            kind="monitor", id=str(id), name=text(one.get("name")) or str(id), said=" ".join([*tags, query]),
            related=tuple(_queries(query)),
        )  # fmt: skip


def _shown(dd: Session, dashboard: Named) -> list[Named]:
    """The metric queries of a dashboard's widgets, its variables filled with their defaults."""
    told = f"dashboard {dashboard.id}"
    body = dd.ask(told, DASHBOARDS, lambda: dd.api(DashboardsApi).get_dashboard(dashboard_id=dashboard.id))
    variables = _defaults(at(body, "template_variables"))
    filled = (re.sub(r"\$(\w+)", lambda v: variables.get(v[1], "*"), one) for one in _texts(at(body, "widgets"), 0))
    return list({one.id: one for text_ in filled for one in _queries(text_)}.values())


def _defaults(variables: JsonValue) -> dict[str, str]:
    found = {}
    for one in variables if isinstance(variables, list) else []:
        name, prefix, first = text(at(one, "name")), text(at(one, "prefix")), at(one, "defaults")
        default = text(first[0]) if isinstance(first, list) and first else text(at(one, "default"))
        if name and prefix and default and default != "*":
            found[name] = f"{prefix}:{default}"
    return found


def _texts(value: JsonValue, depth: int) -> Iterator[str]:
    """Every text under a `q` or `query`, in order, as deep as widgets are nested in earnest."""
    if depth > DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("q", "query") and isinstance(inner, str):
                yield inner
            yield from _texts(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, depth + 1)


def _queries(said: str) -> Iterator[Named]:
    for found in _METRIC.findall(said):
        query = found.strip().rstrip(",")
        yield Named(kind="metric query", id=query, name=query)
