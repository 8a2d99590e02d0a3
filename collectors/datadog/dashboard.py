"""A dashboard: does it exist, and did the queries behind each of its widgets return data lately?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from datadog_api_client.v1.api.dashboards_api import DashboardsApi
from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.facts import DashboardAsk, DashboardFacts, Widget
from collectors.datadog.queries import Series, ask_series
from collectors.datadog.reading import Shape, at, capped, listing, mapping, pick, text, without_keys, without_people
from collectors.errors import Malformed
from collectors.evidence import Answer, Completeness, Evidence, Origin, Resource, State, Time, pointer

SCOPE = "dashboards_read"
PEOPLE = ("author_handle", "author_name", "notify_list")
KEPT: Shape = {"id": None, "title": None, "modified_at": None, "template_variables": None, "widgets": None}
STEP = 300  # seconds; enough to see that data arrives, and keeps the evidence small
WITHOUT_DATA = frozenset({"note", "free_text", "image", "iframe"})
# A metric query of the older kind, alone: an expression over several is not taken apart.
PLAIN = re.compile(
    r"(avg|sum|min|max|count|p\d\d?):[\w.]+\{[^{}]*\}(\s*by\s*\{[^{}]*\})?(\.(as_count|as_rate|rollup|fill)\([\w\s,]*\))*"
)


@dataclass(frozen=True)
class Found:
    """A widget that shows data: where it stands in the dashboard, and its queries; None = one we do not run."""

    pointer: str
    definition: dict[str, JsonValue]
    queries: tuple[str | None, ...]


def dashboard(conn: Connections, asks: Sequence[DashboardAsk]) -> list[Answer]:
    """Each data widget's queries, template variables at their defaults, run over the recent window."""
    return answer_batch(conn, asks, lambda dd: lambda ask: _answer(dd, ask))


def _answer(dd: Session, ask: DashboardAsk) -> Evidence:
    before = len(dd.log.calls)
    told = f"dashboard {ask.id}"
    raw = dd.ask(told, SCOPE, lambda: dd.api(DashboardsApi).get_dashboard(dashboard_id=ask.id))
    if text(at(mapping(raw, f"Datadog's {told}"), "id")) != ask.id:
        raise Malformed(f"Datadog answered the question about {told} with another dashboard")
    kept = mapping(without_people(without_keys(pick(raw, KEPT), PEOPLE)), told)
    found = tuple(_widgets(kept.get("widgets"), "/dashboard/widgets", _defaults(kept), told))
    answers = [_run(dd, widget, ask) for widget in found]
    return dd.evidence(
        ask, _facts(kept, found, answers), {"dashboard": kept, "answers": [_body(answer) for answer in answers]},
        link=f"/dashboard/{ask.id}", calls=dd.log.calls[before:], completeness=Completeness(items=len(found)),
        redacted=(*PEOPLE, "people's addresses"),
    )  # fmt: skip


def _defaults(board: dict[str, JsonValue]) -> Mapping[str, tuple[str, str]]:
    """What each template variable stands for as the dashboard opens: ("env:production", "production")."""
    given = board.get("template_variables")
    return {
        name: _default(variable)
        for variable in (given if isinstance(given, list) else [])
        if (name := text(at(variable, "name"))) and at(variable, "type") != "group"
    }


def _default(variable: JsonValue) -> tuple[str, str]:
    several, prefix = at(variable, "defaults"), text(at(variable, "prefix"))
    given = several if isinstance(several, list) and several else [at(variable, "default")]
    values = [value for value in given if isinstance(value, str) and value]
    if not values or "*" in values:
        return "*", "*"
    if len(values) > 1:
        joined = ",".join(values)
        return (f"{prefix} IN ({joined})" if prefix else joined), f"({' OR '.join(values)})"
    return (f"{prefix}:{values[0]}" if prefix else values[0]), values[0]


def filled(query: str, defaults: Mapping[str, tuple[str, str]]) -> str | None:
    """The query as people see it when the dashboard opens; None when a variable is unknown."""
    for name in sorted(defaults, key=len, reverse=True):
        scope, value = defaults[name]
        query = re.sub(rf"\${re.escape(name)}\.value(?![\w-])", lambda _, v=value: v, query)  # type: ignore[misc]
        query = re.sub(rf"\${re.escape(name)}(?![\w-])", lambda _, s=scope: s, query)  # type: ignore[misc]
    return None if "$" in query else query


def _widgets(
    widgets: JsonValue, here: str, defaults: Mapping[str, tuple[str, str]], told: str
) -> Iterator[Found]:  # fmt: skip
    for i, widget in enumerate(listing(widgets, f"Datadog's {told}: widgets")):
        definition = mapping(at(widget, "definition"), f"Datadog's {told}: a widget's definition")
        inside = f"{here}/{i}/definition"
        if definition.get("type") == "group":
            yield from _widgets(definition.get("widgets"), f"{inside}/widgets", defaults, told)
        elif str(definition.get("type")) not in WITHOUT_DATA:
            yield Found(inside, definition, tuple(_queries(definition.get("requests"), defaults)))


def _queries(requests: JsonValue, defaults: Mapping[str, tuple[str, str]]) -> Iterator[str | None]:
    """Every metric query of a widget; None for each request of a kind that we do not run."""
    each = list(requests.values()) if isinstance(requests, dict) else requests
    if not isinstance(each, list) or not each:
        yield None
        return
    for request in each:
        old, new = text(at(request, "q")), at(request, "queries")
        if old is not None:
            query = filled(old.strip(), defaults)
            yield query if query and PLAIN.fullmatch(query) else None
        elif isinstance(new, list) and new:
            for query_of in new:
                known = at(query_of, "data_source") == "metrics" and text(at(query_of, "query"))
                yield filled(known, defaults) if known else None
        else:
            yield None


def _run(dd: Session, widget: Found, ask: DashboardAsk) -> Series | None:
    """The series of all the widget's queries that we run, None where there are none."""
    queries = list(dict.fromkeys(query for query in widget.queries if query is not None))
    return ask_series(dd, queries, ask.recent, STEP) if queries else None


def _body(answer: Series | None) -> JsonValue:
    return None if answer is None else dict(answer.attributes)


def _facts(
    board: dict[str, JsonValue], found: Sequence[Found], answers: Sequence[Series | None]
) -> DashboardFacts:  # fmt: skip
    title = text(board.get("title"))
    return DashboardFacts(
        dashboard=Resource(
            value=capped(title or str(board["id"]), 200), pointer="/dashboard/title" if title else "/dashboard/id"
        ),
        widgets=tuple(
            _widget(widget, answer, i) for i, (widget, answer) in enumerate(zip(found, answers, strict=True))
        ),
    )


def _widget(widget: Found, answer: Series | None, i: int) -> Widget:
    title, kind = text(widget.definition.get("title")), text(widget.definition.get("type"))
    last = None if answer is None else max((row[-1] for _, row in answer.rows if row), key=lambda p: p.at, default=None)
    return Widget(
        title=Resource(value=capped(title or f"untitled {kind or 'widget'}", 200),
                       pointer=f"{widget.pointer}/title" if title else widget.pointer),
        state=State(value=_state(widget, answer), origin=Origin.CODE),
        last_point=None if last is None else Time(value=last.at, pointer=pointer("answers", i, "times", last.index)),
    )  # fmt: skip


def _state(widget: Found, answer: Series | None) -> str:
    """ "empty" when any query that was run gave nothing, else "not asked" when any was not run, else "data"."""
    asked = len({query for query in widget.queries if query is not None})
    if answer is not None and len({query for query, points in answer.rows if points}) < asked:
        return "empty"
    return "not asked" if None in widget.queries else "data"
