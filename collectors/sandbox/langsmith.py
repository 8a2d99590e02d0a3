"""LangSmith on loopback: projects, their retention, and runs that are searched and counted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from statistics import fmean
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, JsonValue

from collectors.evidence import Model
from collectors.sandbox.langsmith_filter import Invalid, Test, parse
from collectors.sandbox.server import Asked, Reply, reply_json
from collectors.sandbox.world import World

Json = dict[str, JsonValue]
FIELDS = frozenset({"id", "name", "run_type", "status", "start_time", "latency", "tags"})
MOST = 100  # runs a page


class Rhythm(Model):
    """Root runs on working days from `first`, every so many minutes between two local hours.

    Latencies (seconds) and acceptance (1 or 0) go round in the order given.
    """

    first: AwareDatetime
    every_minutes: int
    hours: tuple[int, int]
    zone: str
    latencies: tuple[float, ...]
    accepted: tuple[int, ...]


class Marked(Model):
    """One run inside another: a guardrail that was triggered."""

    at: AwareDatetime
    name: str
    tags: tuple[str, ...] = ()
    outputs: Json = {}
    metadata: Json = {}


class ProjectData(Model):
    name: str
    trace_tier: str | None = "longlived"
    longlived_ttl_days: int | None = None
    rhythm: Rhythm | None = None
    marked: tuple[Marked, ...] = ()


class LangSmithWorld(Model):
    """`longlived_ttl_days` is the workspace's own; None = the server does not tell it."""

    tenant: str
    longlived_ttl_days: int | None = None
    base_days: int = 14
    projects: tuple[ProjectData, ...]


@dataclass(frozen=True)
class Run:
    """`latency` in seconds."""

    id: str
    name: str
    run_type: str
    start: datetime
    latency: float
    root: bool
    tags: tuple[str, ...]
    outputs: Json
    metadata: Json
    accepted: int | None = None

    def fields(self) -> dict[str, object]:
        return {
            "id": self.id, "name": self.name, "run_type": self.run_type, "status": "success",
            "start_time": self.start, "latency": self.latency, "tags": self.tags,
        }  # fmt: skip

    def body(self, wanted: frozenset[str]) -> Json:
        """As LangSmith writes it: times without a zone, meaning UTC."""
        start, end = self.start, self.start + timedelta(seconds=self.latency)
        whole: Json = {
            "id": self.id, "name": self.name, "run_type": self.run_type, "status": "success",
            "start_time": _naive(start), "end_time": _naive(end), "tags": list(self.tags), "outputs": self.outputs,
            "inputs": {"document": "an invoice"}, "extra": {"metadata": self.metadata},
        }  # fmt: skip
        return {name: value for name, value in whole.items() if name in wanted | {"id"}}


class LangSmith:
    """Answers as the projects of `world` stand at its clock; runs that retention has deleted are gone."""

    def __init__(self, world: World) -> None:
        self._key = world.credentials.langsmith_api_key
        self._clock = world.clock
        self._world = LangSmithWorld.model_validate(world.vendor("langsmith"))
        self._projects = {_id(self._world.tenant, one.name): one for one in self._world.projects}
        self._runs = {id: self._kept(one) for id, one in self._projects.items()}

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("x-api-key") != self._key:
            return reply_json({"detail": "Invalid token"}, 401)
        handler = _ROUTES.get((asked.method, asked.path))
        if handler is None:
            return reply_json({"detail": "Not Found"}, 404)
        try:
            return handler(self, asked)
        except Invalid as error:
            return reply_json({"detail": f"Invalid filter: {error}"}, 400)

    def _sessions(self, asked: Asked) -> Reply:
        named, part = asked.one("name"), asked.one("name_contains") or ""
        found: list[JsonValue] = [
            self._project(id, one)
            for id, one in sorted(self._projects.items(), key=lambda item: item[1].name)
            if (named is None or one.name == named) and part in one.name
        ]
        offset, limit = int(asked.one("offset") or 0), min(int(asked.one("limit") or MOST), MOST)
        return reply_json(found[offset : offset + limit])

    def _project(self, id: str, one: ProjectData) -> Json:
        return {
            "id": id, "name": one.name, "tenant_id": self._world.tenant, "start_time": "2026-03-02T14:00:00+00:00",
            "trace_tier": one.trace_tier, "longlived_ttl_days": one.longlived_ttl_days, "extra": {"metadata": {}},
        }  # fmt: skip

    def _ttl(self, asked: Asked) -> Reply:
        days = self._world.longlived_ttl_days
        if days is None:
            return reply_json({"detail": "Not Found"}, 404)
        return reply_json({"tenant_id": self._world.tenant, "longlived_ttl_days": days, "is_custom": True})

    def _query(self, asked: Asked) -> Reply:
        body = _object(asked)
        found = sorted(self._matching(body), key=lambda run: run.start, reverse=True)
        cursor, limit = body.get("cursor"), body.get("limit")
        start = int(cursor) if isinstance(cursor, str) and cursor.isdigit() else 0
        size = min(limit, MOST) if isinstance(limit, int) else MOST
        selected = body.get("select")
        wanted = frozenset(str(name) for name in selected) if isinstance(selected, list) else FIELDS
        page: list[JsonValue] = [run.body(wanted) for run in found[start : start + size]]
        following = str(start + size) if start + size < len(found) else None
        return reply_json({"runs": page, "cursors": {"next": following, "prev": None}})

    def _stats(self, asked: Asked) -> Reply:
        return reply_json(_statistics(list(self._matching(_object(asked)))))

    def _matching(self, body: Json) -> Iterator[Run]:
        sessions, since, text = body.get("session"), body.get("start_time"), body.get("filter")
        test: Test = parse(text, FIELDS) if isinstance(text, str) else lambda run: True
        start = datetime.fromisoformat(since) if isinstance(since, str) else self._clock - timedelta(days=1)
        for id in sessions if isinstance(sessions, list) else []:
            for run in self._runs.get(str(id), ()):
                if run.start >= start and (run.root or not body.get("is_root")) and test(run.fields()):
                    yield run

    def _kept(self, one: ProjectData) -> tuple[Run, ...]:
        days = self._world.base_days
        if one.trace_tier == "longlived":
            days = one.longlived_ttl_days or self._world.longlived_ttl_days or 400
        first = self._clock - timedelta(days=days)
        return tuple(run for run in (*_rhythm(one), *_marked(one)) if first <= run.start < self._clock)


_ROUTES: dict[tuple[str, str], Callable[[LangSmith, Asked], Reply]] = {
    ("GET", "/api/v1/sessions"): LangSmith._sessions,
    ("GET", "/workspaces/current/ttl-settings"): LangSmith._ttl,
    ("POST", "/api/v1/runs/query"): LangSmith._query,
    ("POST", "/api/v1/runs/stats"): LangSmith._stats,
}


def _object(asked: Asked) -> Json:
    body = asked.json()
    return body if isinstance(body, dict) else {}


def _id(*parts: str) -> str:
    return str(uuid5(NAMESPACE_URL, "/".join(parts)))


def _naive(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat()


def _rhythm(one: ProjectData) -> Iterator[Run]:
    """A hundred days of it: more than any world lasts."""
    plan = one.rhythm
    if plan is None:
        return
    zone, number = ZoneInfo(plan.zone), 0
    for day in (plan.first.astimezone(zone).date() + timedelta(days=i) for i in range(100)):
        if day.weekday() > 4:
            continue
        for minute in range(plan.hours[0] * 60, plan.hours[1] * 60, plan.every_minutes):
            start = datetime.combine(day, time(minute // 60, minute % 60), zone)
            latency = plan.latencies[number % len(plan.latencies)]
            accepted = plan.accepted[number % len(plan.accepted)]
            id = _id(one.name, start.isoformat())
            yield Run(id, "invoice_recon", "chain", start, latency, True, (), {}, {}, accepted)
            number += 1


def _marked(one: ProjectData) -> Iterator[Run]:
    for mark in one.marked:
        id = _id(one.name, mark.name, mark.at.isoformat())
        yield Run(id, mark.name, "tool", mark.at, 0.2, False, mark.tags, mark.outputs, mark.metadata)


def _statistics(runs: list[Run]) -> Json:
    latencies = sorted(run.latency for run in runs)
    scores = [run.accepted for run in runs if run.accepted is not None]
    return {
        "run_count": len(runs), "latency_p50": _percentile(latencies, 50), "latency_p99": _percentile(latencies, 99),
        "error_rate": 0.0 if runs else None, "total_tokens": 1800 * len(runs), "total_cost": round(0.01 * len(runs), 2),
        "last_run_start_time": _naive(max(run.start for run in runs)) if runs else None,
        "feedback_stats": {"acceptance": {"n": len(scores), "avg": round(fmean(scores), 4)}} if scores else {},
    }  # fmt: skip


def _percentile(ordered: list[float], percent: int) -> float | None:
    return ordered[math.ceil(len(ordered) * percent / 100) - 1] if ordered else None
