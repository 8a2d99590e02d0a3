"""Collector `langsmith.run_stats`: one number over the root runs of a project in a window.

The question takes several projects, and then gives one number for all of them: so each is asked about by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from pydantic import JsonValue

from collectors import wire
from collectors.asking import Asking
from collectors.connections import Connections
from collectors.errors import Malformed
from collectors.evidence import Answer, Completeness, Number, Origin, Resource, Window, pointer
from collectors.http import json_of
from collectors.langsmith.client import SCOPE, answer_all
from collectors.langsmith.facts import RunStatsAsk, RunStatsFacts
from collectors.langsmith.project import Projects, projects
from collectors.langsmith.retention import link_of
from collectors.wire import Json

PATH = "/api/v1/runs/stats"
UNITS = {
    "run_count": "runs", "latency_p50": "seconds", "latency_p99": "seconds", "error_rate": "fraction",
    "total_tokens": "tokens", "total_cost": "USD",
}  # fmt: skip


def run_stats(conn: Connections, asks: Sequence[RunStatsAsk]) -> Iterable[Answer]:
    """Count, latency, error rate, tokens, cost or a feedback score of a project's root runs that began in a window."""
    return answer_all(conn, asks, lambda asking: _answering(asking, asks))


def within(window: Window, also: str | None) -> str:
    """LangSmith's filter for runs that began in the half-open window."""
    edges = [f'gte(start_time, "{window.start.isoformat()}")', f'lt(start_time, "{window.end.isoformat()}")']
    return f"and({', '.join([*edges, also] if also else edges)})"


def _answering(asking: Asking, asks: Sequence[RunStatsAsk]) -> Callable[[RunStatsAsk], Answer]:
    known = projects(asking, [ask.project for ask in asks])
    return lambda ask: _answer(known, ask)


def _answer(known: Projects, ask: RunStatsAsk) -> Answer:
    asking, mark = known.asking, len(known.asking.log.calls)
    project = known.find(ask.project)
    known.must_hold(project, ask.window)
    what = f"{ask.statistic} of {ask.project} from {ask.window.start} to {ask.window.end}"
    # `start_time` stands beside the filter: without it LangSmith would choose how far back it looks.
    asked: Json = {
        "session": [project.id], "start_time": ask.window.start.isoformat(), "is_root": True,
        "filter": within(ask.window, ask.filter),
    }  # fmt: skip
    told = asking.told(what, "POST", PATH)
    stats = _asked_only(json_of(asking.post(PATH, what, asked), told, scope=SCOPE), ask)
    return asking.sealed(
        ask, _facts(stats, ask, told), {"project": project.body, "query": asked, "stats": stats}, since=mark,
        link=link_of(project), completeness=Completeness(items=1), redacted=("every statistic that was not asked for",),
    )  # fmt: skip


def _asked_only(stats: Json, ask: RunStatsAsk) -> Json:
    kept = wire.kept(stats, ("run_count", ask.statistic))
    if not ask.statistic.startswith("feedback."):
        return kept
    key = ask.statistic.removeprefix("feedback.")
    scores = stats.get("feedback_stats")
    score = scores.get(key) if isinstance(scores, dict) else None
    return kept | {"feedback_stats": {key: wire.kept(score, ("n", "avg"))} if isinstance(score, dict) else {}}


def _facts(stats: Json, ask: RunStatsAsk, told: str) -> RunStatsFacts:
    runs = _count(stats.get("run_count"), pointer("stats", "run_count"), "runs", told)
    value, samples = _value(stats, ask, runs, told)
    name = f"{ask.statistic} of {ask.project}" + (f" where {ask.filter}" if ask.filter else "")
    return RunStatsFacts(
        query=Resource(value=wire.clean(name, 200), pointer=pointer("query", "filter")),
        value=value,
        samples=samples,
        points=(),
        interval=Number(value=0, unit="seconds", origin=Origin.CODE),
    )


def _value(stats: Json, ask: RunStatsAsk, runs: Number, told: str) -> tuple[Number | None, Number]:
    """The value and what it rests on. Without a run there is nothing to measure: a filter may simply be wrong."""
    if ask.statistic.startswith("feedback."):
        return _score(stats, ask.statistic.removeprefix("feedback."), runs, told)
    if runs.value == 0 or stats.get(ask.statistic) is None:
        return None, runs
    at = pointer("stats", ask.statistic)
    return _number(stats[ask.statistic], at, UNITS[ask.statistic], told), runs


def _score(stats: Json, key: str, runs: Number, told: str) -> tuple[Number | None, Number]:
    scores = stats["feedback_stats"]
    score = scores.get(key) if isinstance(scores, dict) else None
    if not isinstance(score, dict) or runs.value == 0:
        return None, Number(value=0, unit="scores", origin=Origin.CODE)
    given = _count(score.get("n"), pointer("stats", "feedback_stats", key, "n"), "scores", told)
    if given.value == 0 or score.get("avg") is None:
        return None, given
    return _number(score["avg"], pointer("stats", "feedback_stats", key, "avg"), "", told), given


def _count(value: JsonValue, at: str, unit: str, told: str) -> Number:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Malformed(f"{told} answered with a body whose {at} is no count", status=200)
    return Number(value=value, unit=unit, pointer=at)


def _number(value: JsonValue, at: str, unit: str, told: str) -> Number:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise Malformed(f"{told} answered with a body whose {at} is no number", status=200)
    return Number(value=value, unit=unit, pointer=at)
