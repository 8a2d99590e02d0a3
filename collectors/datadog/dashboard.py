"""A dashboard: does it exist, and did the queries behind each of its widgets return data lately?

There is no call for "has this widget data": each widget's metric queries are run, template variables at their defaults.
Handled: groups within groups, the older `q` and the newer `queries`, fields that are null. A widget that asks anything
else (logs, APM, RUM, processes, SLOs …), hides its content elsewhere (powerpack, split graph) or asks an expression
over several queries is "not asked", which is never data. Out of scope: the list of dashboards (it leaves preset ones
out), who may edit one, and shared or public views.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from datadog_api_client.v1.api.dashboards_api import DashboardsApi
from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.facts import DashboardAsk, DashboardFacts, Widget
from collectors.datadog.grouping import Wanted
from collectors.datadog.queries import Series, ask_series, must_lie_within
from collectors.datadog.reading import Shape, at, capped, mapping, pick, text, without_keys, without_people
from collectors.datadog.together import Asker
from collectors.datadog.together import Found as Shared
from collectors.datadog.widgets import Panel, defaults_of, widgets_of
from collectors.errors import Malformed, resting_on
from collectors.evidence import Answer, Call, Completeness, Evidence, Origin, Resource, State, Time, Window, pointer
from collectors.held import Held
from collectors.several import Outcome, outcomes

SCOPE = "dashboards_read"
PEOPLE = ("author_handle", "author_name", "notify_list")
KEPT: Shape = {"id": None, "title": None, "modified_at": None, "template_variables": None, "widgets": None}
STEP = 300  # seconds; enough to see that data arrives, and keeps the evidence small


@dataclass(frozen=True)
class Board:
    """One dashboard as it was read, less people, and the calls for it; `queries` are those behind its widgets.

    All of a batch are read before the first one is answered, so each is held packed until then.
    """

    held: Held[dict[str, JsonValue]]
    queries: tuple[Wanted, ...]
    calls: tuple[Call, ...]


def dashboard(conn: Connections, asks: Sequence[DashboardAsk]) -> Iterable[Answer]:
    """Each data widget's queries, template variables at their defaults, run over the recent window."""
    return answer_batch(conn, asks, lambda dd: _answering(dd, asks))


def _answering(dd: Session, asks: Sequence[DashboardAsk]) -> Callable[[DashboardAsk], Answer]:
    """Every dashboard is read first; then those of one window share the requests for their widgets' queries."""
    boards: dict[str, Outcome[Board]] = {}
    series: dict[Window, dict[Wanted, Shared[Series]]] = {}

    def answer(ask: DashboardAsk) -> Answer:
        if not boards:
            boards.update(_boards(dd, asks))
        own = boards[ask.id].get()
        if ask.recent not in series:
            with_it = [boards[one.id].result for one in asks if one.recent == ask.recent]
            series[ask.recent] = _run(dd, [board for board in with_it if isinstance(board, Board)], ask.recent)
        with resting_on(own.calls):
            return _answer(dd, ask, own, series[ask.recent])

    return answer


def _boards(dd: Session, asks: Sequence[DashboardAsk]) -> dict[str, Outcome[Board]]:
    """What came of each dashboard. One that could not be read has no queries; its own answer says why."""
    ids = list(dict.fromkeys(ask.id for ask in asks))
    at = dd.conn.clock()
    found = dict(zip(ids, outcomes(dd.log, ids, partial(_read, dd)), strict=True))
    dd.log.note((call for came in found.values() for call in came.calls), at)
    return found


def _run(dd: Session, boards: Sequence[Board], window: Window) -> dict[Wanted, Shared[Series]]:
    def plain(wanted: Sequence[Wanted]) -> list[Series]:
        return ask_series(dd, [query for query, _ in wanted], window, STEP)

    return Asker(dd, plain, None).ask([one for board in boards for one in board.queries])


def _read(dd: Session, id: str) -> Board:
    before = len(dd.log.calls)
    told = f"dashboard {id}"
    raw = dd.ask(told, SCOPE, lambda: dd.api(DashboardsApi).get_dashboard(dashboard_id=id))
    if text(at(mapping(raw, f"Datadog's {told}"), "id")) != id:
        raise Malformed(f"Datadog answered the question about {told} with another dashboard")
    kept = mapping(without_people(without_keys(pick(raw, KEPT), PEOPLE)), told)
    queries = tuple((query, "") for widget in _panels(kept, told) for query in widget.asked())
    return Board(Held.of(kept), queries, tuple(dd.log.calls[before:]))


def _panels(kept: dict[str, JsonValue], told: str) -> tuple[Panel, ...]:
    return tuple(widgets_of(kept.get("widgets"), "/dashboard/widgets", defaults_of(kept), told))


def _answer(dd: Session, ask: DashboardAsk, board: Board, series: Mapping[Wanted, Shared[Series]]) -> Evidence:
    kept = board.held.get()
    panels = _panels(kept, f"dashboard {ask.id}")
    answers = [{query: series[(query, "")].get() for query in widget.asked()} for widget in panels]
    shared = [call for one in board.queries for call in series[one].calls]
    with resting_on(shared):
        for query, found in (each for answer in answers for each in answer.items()):
            must_lie_within(found, ask.recent, STEP, f"answer to {query}")
    return dd.evidence(
        ask, _facts(kept, panels, answers),
        {"dashboard": kept, "answers": [_body(answer) for answer in answers]},
        link=f"/dashboard/{ask.id}", calls=list({id(call): call for call in (*board.calls, *shared)}.values()),
        completeness=Completeness(items=len(panels)), redacted=(*PEOPLE, "people's addresses"),
    )  # fmt: skip


def _body(answer: Mapping[str, Series]) -> JsonValue:
    return [{"query": query, **series.attributes} for query, series in answer.items()]


def _facts(
    kept: dict[str, JsonValue], panels: Sequence[Panel], answers: Sequence[Mapping[str, Series]]
) -> DashboardFacts:  # fmt: skip
    title = text(kept.get("title"))
    return DashboardFacts(
        dashboard=Resource(
            value=capped(title or str(kept["id"]), 200), pointer="/dashboard/title" if title else "/dashboard/id"
        ),
        widgets=tuple(_widget(widget, answers[i], i) for i, widget in enumerate(panels)),
    )


def _widget(widget: Panel, answer: Mapping[str, Series], i: int) -> Widget:
    title, kind = text(widget.definition.get("title")), text(widget.definition.get("type"))
    return Widget(
        title=Resource(value=capped(title or f"untitled {kind or 'widget'}", 200),
                       pointer=f"{widget.pointer}/title" if title else widget.pointer),
        state=State(value=_state(widget, answer), origin=Origin.CODE),
        last_point=_last_point(answer, i),
    )  # fmt: skip


def _last_point(answer: Mapping[str, Series], i: int) -> Time | None:
    """How recent a widget is: as its stalest query, each at its newest point."""
    newest = [
        (max(last, key=lambda point: point.at), n)
        for n, series in enumerate(answer.values())
        if (last := [row[-1] for row in series.ends if row])
    ]
    if not newest:
        return None
    point, n = min(newest, key=lambda each: each[0].at)
    return Time(value=point.at, pointer=pointer("answers", i, n, "times", point.index))


def _state(widget: Panel, answer: Mapping[str, Series]) -> str:
    """ "empty" when any query that was run gave nothing, else "not asked" when any was not run, else "data"."""
    if any(not any(series.ends) for series in answer.values()):
        return "empty"
    return "not asked" if None in widget.queries else "data"
