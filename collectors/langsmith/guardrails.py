"""Collector `langsmith.guardrail_runs`: the runs that match a filter in a window, read to the last page.

LangSmith writes a run's times without a zone and means UTC. That is not taken on trust: the window is asked for with
its offset, and a run that then lies outside it makes the answer malformed. Each project is asked about by itself: that
a run names its project, by which the runs of several could be told apart, is not confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from collectors import wire
from collectors.asking import Asking
from collectors.connections import Connections
from collectors.datadog.facts import LogEvent
from collectors.errors import Malformed, Truncated
from collectors.evidence import Answer, Completeness, Number, Origin, Resource, State, Time, pointer
from collectors.http import json_of
from collectors.langsmith.client import SCOPE, answer_all
from collectors.langsmith.facts import GuardrailRunsAsk, GuardrailRunsFacts
from collectors.langsmith.project import Project, Projects, projects
from collectors.langsmith.retention import link_of
from collectors.langsmith.stats import within
from collectors.wire import InstantOrUtc, Json, Wire

PATH = "/api/v1/runs/query"
PAGE, MOST_PAGES = 100, 100
WANTED = ("id", "name", "run_type", "status", "start_time", "outputs", "extra")


class _Run(Wire):
    id: str
    start_time: InstantOrUtc


class _Cursors(Wire):
    next: str | None = None


class _Page(Wire):
    runs: list[JsonValue]
    cursors: _Cursors | None = None


@dataclass(frozen=True)
class _Read:
    runs: list[Json]
    pages: int


def guardrail_runs(conn: Connections, asks: Sequence[GuardrailRunsAsk]) -> Iterable[Answer]:
    """Every run of a project that matches the filter in the window, with what its outcome says."""
    return answer_all(conn, asks, lambda asking: _answering(asking, asks))


def _answering(asking: Asking, asks: Sequence[GuardrailRunsAsk]) -> Callable[[GuardrailRunsAsk], Answer]:
    known = projects(asking, [ask.project for ask in asks])
    return lambda ask: _answer(known, ask)


def _answer(known: Projects, ask: GuardrailRunsAsk) -> Answer:
    mark = len(known.asking.log.calls)
    project = known.find(ask.project)
    known.must_hold(project, ask.window)
    what = f"runs of {ask.project} where {ask.filter} from {ask.window.start} to {ask.window.end}"
    told = known.asking.told(what, "POST", PATH)
    read = _read(known.asking, project, ask, what, told)
    runs = [_kept(run, ask) for run in read.runs]
    body: Json = {"project": project.body, "query": ask.filter, "runs": list(runs)}
    return known.asking.sealed(
        ask, _facts(ask, runs, told), body, since=mark, link=link_of(project),
        completeness=Completeness(pages=read.pages, items=len(runs)),
        redacted=("inputs", "outputs and metadata but for the outcome", "everything else of a run"),
    )  # fmt: skip


def _read(asking: Asking, project: Project, ask: GuardrailRunsAsk, what: str, told: str) -> _Read:
    asked: Json = {
        "session": [project.id], "start_time": ask.window.start.isoformat(), "limit": PAGE, "select": list(WANTED),
        "filter": within(ask.window, ask.filter),
    }  # fmt: skip
    runs: dict[str, Json] = {}
    seen: set[str] = set()
    for number in range(1, MOST_PAGES + 1):
        page = wire.read(_Page, json_of(asking.post(PATH, what, asked), told, scope=SCOPE), told)
        found = wire.objects(page.runs, told)
        runs |= {wire.read(_Run, run, told).id: run for run in found}
        cursor = page.cursors.next if page.cursors else None
        if not cursor:
            return _Read(list(runs.values()), number)
        if cursor in seen or not found:
            raise Truncated(f"{told} gave a next page that leads nowhere after {len(runs)} runs")
        seen.add(cursor)
        asked = {**asked, "cursor": cursor}
    raise Truncated(f"{told} did not end within {MOST_PAGES} pages of {PAGE}")


def _path(run: Json, ask: GuardrailRunsAsk) -> tuple[str, ...] | None:
    """Where the run says its outcome."""
    for root in (("outputs",), ("extra", "metadata")):
        for inner in (tuple(ask.outcome.split(".")), (ask.outcome,)):
            at: JsonValue = run
            for step in (*root, *inner):
                at = at.get(step) if isinstance(at, dict) else None
            if isinstance(at, str | int | float) and at != "":
                return (*root, *inner)
    return None


def _kept(run: Json, ask: GuardrailRunsAsk) -> Json:
    slim = {name: run[name] for name in ("id", "start_time", "run_type", "status") if isinstance(run.get(name), str)}
    path = _path(run, ask)
    kept: Json = {**slim, "name": wire.clean(str(run.get("name") or ""), 200)}
    if path is None:
        return kept
    value: JsonValue = run
    for step in path:
        assert isinstance(value, dict)
        value = value[step]
    return kept | {"outcome": wire.clean(str(value).lower() if isinstance(value, bool) else str(value), 80)}


def _facts(ask: GuardrailRunsAsk, runs: Sequence[Json], told: str) -> GuardrailRunsFacts:
    events = [_event(ask, run, i, told) for i, run in enumerate(runs)]
    return GuardrailRunsFacts(
        query=Resource(value=wire.clean(ask.filter, 200), pointer="/query"),
        count=Number(value=len(events), unit="events", origin=Origin.CODE),
        events=tuple(sorted(events, key=lambda event: event.at.value)),
    )


def _event(ask: GuardrailRunsAsk, run: Json, i: int, told: str) -> LogEvent:
    read = wire.read(_Run, run, told)
    if not ask.window.holds(read.start_time):
        raise Malformed(f"{told} gave run {read.id[:40]}, which began outside the asked window", status=200)
    return LogEvent(
        event=Resource(value=read.id[:200], pointer=pointer("runs", i, "id"), at=read.start_time),
        at=Time(value=read.start_time, at=read.start_time, pointer=pointer("runs", i, "start_time")),
        outcome=State(value=str(run["outcome"]), pointer=pointer("runs", i, "outcome")) if "outcome" in run else None,
    )
