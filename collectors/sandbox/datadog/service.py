"""Datadog's HTTP API over one world: routes, keys, and the vendor's shapes of answers and refusals."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import JsonValue

from collectors.sandbox.datadog import slos, synthetics
from collectors.sandbox.datadog.data import Facts, Synthetic
from collectors.sandbox.datadog.metrics import Telemetry
from collectors.sandbox.datadog.queries import scalar, timeseries
from collectors.sandbox.datadog.search import DEFAULT_PAGE, Events, Search, search
from collectors.sandbox.datadog.trails import audit_events, log_events
from collectors.sandbox.server import Asked, Reply, reply_json
from collectors.sandbox.world import World

LIMITS = {
    "X-RateLimit-Limit": "100", "X-RateLimit-Period": "10", "X-RateLimit-Remaining": "99", "X-RateLimit-Reset": "10",
    "X-RateLimit-Name": "sandbox",
}  # fmt: skip
SUMMARY = {
    "id", "title", "description", "author_handle", "layout_type", "url", "is_read_only", "created_at", "modified_at",
}  # fmt: skip


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, *said: str) -> None:
        super().__init__(*said)
        self.status, self.said = status, said


class Datadog:
    """One world's Datadog account. Read-only: every route answers from what was true when it was made."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._facts = Facts.model_validate(world.vendor("datadog"))
        self._telemetry = Telemetry(self._facts, world.clock)
        self._logs = Events(log_events(self._facts, world.clock))
        self._audit = Events(audit_events(self._facts, world.clock))

    def answer(self, asked: Asked) -> Reply:
        try:
            return reply_json(self._route(asked), headers=LIMITS)
        except slos.Missing:
            return reply_json({"errors": ["SLO not found"]}, 404, LIMITS)
        except Refused as refused:
            return reply_json({"errors": list(refused.said)}, refused.status, LIMITS)
        except ValueError as bad:  # BadQuery, BadSearch, a number or a body that cannot be read
            return reply_json({"errors": [str(bad)]}, 400, LIMITS)

    def _route(self, asked: Asked) -> JsonValue:
        self._check_keys(asked)
        for method, path, handler in _ROUTES:
            found = re.fullmatch(path, asked.path)
            if found and method == asked.method:
                return handler(self, asked, found)
        raise Refused(404, "Not found")

    def _check_keys(self, asked: Asked) -> None:
        """A missing key is 401 and a wrong one 403; /validate looks at the API key alone."""
        right = {"dd-api-key": self._world.credentials.datadog_api_key}
        if asked.path != "/api/v1/validate":
            right["dd-application-key"] = self._world.credentials.datadog_app_key
        for header, key in right.items():
            if not asked.headers.get(header):
                raise Refused(401, "Unauthorized")
            if asked.headers[header] != key:
                raise Refused(403, "Forbidden")

    def _validate(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return {"valid": True}

    def _scalar(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return scalar(self._telemetry, asked.json(), self._world.clock, self._facts.metric_retention_days)

    def _timeseries(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return timeseries(self._telemetry, asked.json(), self._world.clock, self._facts.metric_retention_days)

    def _dashboards(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        """Summaries only: widgets come when one dashboard is asked for."""
        start, size = int(asked.one("start") or 0), int(asked.one("count") or 100)
        shown = [{k: v for k, v in one.items() if k in SUMMARY} for one in self._facts.dashboards[start : start + size]]
        return {"dashboards": [*shown]}

    def _dashboard(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return _one(self._facts.dashboards, "id", found[1], f"Dashboard with ID {found[1]} not found")

    def _monitor(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        if not found[1].isdigit():
            raise Refused(400, "The value provided for parameter 'monitor_id' is invalid")
        return _shown(asked, _one(self._facts.monitors, "id", int(found[1]), "Monitor not found"))

    def _monitors(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        every: list[JsonValue] = [_shown(asked, monitor) for monitor in self._facts.monitors]
        if asked.one("page") is None:
            return every
        page, size = int(asked.one("page") or 0), int(asked.one("page_size") or 100)
        return every[page * size : (page + 1) * size]

    def _rules(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        page, size = int(asked.one("page") or 0), int(asked.one("per_page") or 100)
        return {"data": list(self._facts.notification_rules[page * size : (page + 1) * size])}

    def _index(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return _one(self._facts.indexes, "name", found[1], "Index not found")

    def _indexes(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return {"indexes": list(self._facts.indexes)}

    def _index_order(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        """As the world's file has them."""
        return {"index_names": [index["name"] for index in self._facts.indexes]}

    def _archives(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return {"data": list(self._facts.archives)}

    def _slos(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        """Those with the given ids, or all; an id that nobody has is left out."""
        ids = asked.one("ids")
        wanted = None if ids is None else {id.strip() for id in ids.split(",")}
        start, size = int(asked.one("offset") or 0), int(asked.one("limit") or 1000)
        every = [slo.object for slo in self._facts.slos if wanted is None or slo.object["id"] in wanted]
        return {"data": list(every[start : start + size]), "errors": None}

    def _slo(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return {"data": slos.one(self._facts.slos, found[1]).object, "error": None}

    def _slo_history(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return slos.history(slos.one(self._facts.slos, found[1]), asked, self._telemetry)

    def _slo_corrections(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return {"data": list(slos.one(self._facts.slos, found[1]).corrections)}

    def _tests(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return {"tests": [one.object for one in self._facts.synthetics]}

    def _test(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return self._synthetic(found[1]).object

    def _test_results(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        test, span = self._synthetic(found[1]), (asked.one("from_ts"), asked.one("to_ts"))
        return synthetics.results(test, *span, self._world.clock)

    def _synthetic(self, id: str) -> Synthetic:
        for one in self._facts.synthetics:
            if one.object["public_id"] == id:
                return one
        raise Refused(404, "Synthetics test not found")

    def _search_logs(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return search(self._logs, _search_of(asked.json()), self._world.clock)

    def _search_audit(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        return search(self._audit, _search_of(asked.json()), self._world.clock)

    def _list_audit(self, asked: Asked, found: re.Match[str]) -> JsonValue:
        given: dict[str, JsonValue] = {
            "filter": {name: asked.one(f"filter[{name}]") for name in ("query", "from", "to")},
            "page": {"limit": int(asked.one("page[limit]") or DEFAULT_PAGE), "cursor": asked.one("page[cursor]")},
            "sort": asked.one("sort"),
        }
        return search(self._audit, _search_of(given), self._world.clock)


def _one(things: tuple[dict[str, JsonValue], ...], key: str, wanted: JsonValue, missing: str) -> dict[str, JsonValue]:
    for thing in things:
        if thing[key] == wanted:
            return thing
    raise Refused(404, missing)


def _shown(asked: Asked, monitor: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Downtimes are only there for who asks for them."""
    if asked.one("group_states") not in (None, "all", "alert", "warn", "no data"):
        raise Refused(400, "Invalid value for group_states")
    if (asked.one("with_downtimes") or "").lower() == "true":
        return monitor
    return {k: v for k, v in monitor.items() if k != "matching_downtimes"}


def _search_of(body: JsonValue) -> Search:
    asked = body if isinstance(body, dict) else {}
    wanted, page = asked.get("filter"), asked.get("page")
    wanted, page = wanted if isinstance(wanted, dict) else {}, page if isinstance(page, dict) else {}
    cursor = page.get("cursor")
    return Search(
        query=str(wanted.get("query") or "*"), start=wanted.get("from") or "now-15m", end=wanted.get("to") or "now",
        descending=asked.get("sort") == "-timestamp", limit=int(str(page.get("limit") or DEFAULT_PAGE)),
        cursor=None if cursor is None else str(cursor),
    )  # fmt: skip


_Handler = Callable[[Datadog, Asked, "re.Match[str]"], JsonValue]
_ROUTES: tuple[tuple[str, str, _Handler], ...] = (
    ("GET", "/api/v1/validate", Datadog._validate),
    ("POST", "/api/v2/query/scalar", Datadog._scalar),
    ("POST", "/api/v2/query/timeseries", Datadog._timeseries),
    ("GET", "/api/v1/dashboard", Datadog._dashboards),
    ("GET", "/api/v1/dashboard/([^/]+)", Datadog._dashboard),
    ("GET", "/api/v1/monitor", Datadog._monitors),
    ("GET", "/api/v1/monitor/([^/]+)", Datadog._monitor),
    ("GET", "/api/v2/monitor/notification_rule", Datadog._rules),
    ("POST", "/api/v2/audit/events/search", Datadog._search_audit),
    ("GET", "/api/v2/audit/events", Datadog._list_audit),
    ("POST", "/api/v2/logs/events/search", Datadog._search_logs),
    ("GET", "/api/v1/logs/config/indexes", Datadog._indexes),
    ("GET", "/api/v1/logs/config/index-order", Datadog._index_order),
    ("GET", "/api/v1/logs/config/indexes/([^/]+)", Datadog._index),
    ("GET", "/api/v2/logs/config/archives", Datadog._archives),
    ("GET", "/api/v1/slo", Datadog._slos),
    ("GET", "/api/v1/slo/([^/]+)", Datadog._slo),
    ("GET", "/api/v1/slo/([^/]+)/history", Datadog._slo_history),
    ("GET", "/api/v1/slo/([^/]+)/corrections", Datadog._slo_corrections),
    ("GET", "/api/v1/synthetics/tests", Datadog._tests),
    ("GET", "/api/v1/synthetics/tests/([^/]+)", Datadog._test),
    ("GET", "/api/v1/synthetics/tests/([^/]+)/results", Datadog._test_results),
)
