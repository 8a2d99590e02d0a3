"""Metric queries answered from a world's rules: parsed just enough, computed from the single events underneath."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from collectors.sandbox.datadog.data import Facts, Metric, Tags

QUERY = re.compile(
    r"(?P<agg>avg|sum|min|max|count|p\d\d?):(?P<metric>[\w.]+)\{(?P<scope>[^{}]*)\}"
    r"(?:\s*by\s*\{(?P<by>[^{}]*)\})?(?:\.(?:as_count|as_rate)\(\))?"
)
UNITS: Mapping[str, JsonValue] = {
    "percent": {"family": "percentage", "name": "percent", "plural": "percent", "short_name": "%", "scale_factor": 1.0},
    "second": {"family": "time", "name": "second", "plural": "seconds", "short_name": "s", "scale_factor": 1.0},
    "hour": {"family": "time", "name": "hour", "plural": "hours", "short_name": "hr", "scale_factor": 3600.0},
    "dollar": {"family": "money", "name": "dollar", "plural": "dollars", "short_name": "$", "scale_factor": 1.0},
}
FINEST, MOST_POINTS = 10, 1500
STEPS = ((2 * 3600, 10), (6 * 3600, 60), (86400, 300), (2 * 86400, 600), (7 * 86400, 3600), (math.inf, 14400))


class BadQuery(ValueError):
    """A query that the stand-in, or the vendor, does not understand."""


class Event(NamedTuple):
    """One value as it was sent. `at` in epoch seconds."""

    at: float
    value: float
    tags: Tags


@dataclass(frozen=True)
class Query:
    aggregate: str
    metric: str
    wanted: tuple[tuple[str, frozenset[str]], ...]
    by: tuple[str, ...]

    def takes(self, tags: Tags) -> bool:
        return all(tags.get(name) in values for name, values in self.wanted)

    def group(self, tags: Tags) -> tuple[str, ...]:
        return tuple(f"{name}:{tags.get(name, 'N/A')}" for name in self.by)


class Telemetry:
    """Every value of a world up to its clock, and the answers to queries over them."""

    def __init__(self, facts: Facts, clock: datetime) -> None:
        self._events = {metric.name: _events(facts, metric, clock) for metric in facts.metrics}
        self._metrics = {metric.name: metric for metric in facts.metrics}
        self._tagged: dict[str, dict[tuple[str, str], list[Event]]] = {
            name: _tagged(events) for name, events in self._events.items()
        }

    def groups(self, query: Query, start: float, end: float) -> dict[tuple[str, ...], list[Event]]:
        """The events of each series in a window; none at all for an unknown metric or scope."""
        found: dict[tuple[str, ...], list[Event]] = defaultdict(list)
        for event in self._of(query):
            if start <= event.at < end and query.takes(event.tags):
                found[query.group(event.tags)].append(event)
        return dict(sorted(found.items()))

    def _of(self, query: Query) -> Sequence[Event]:
        """Those that a query may take: a world of ten thousand subjects is not gone through for one of them."""
        tagged = self._tagged.get(query.metric, {})
        single = [(name, *values) for name, values in query.wanted if len(values) == 1]
        kept = [tagged.get((name, value), []) for name, value in single]
        return min(kept, key=len) if kept else self._events.get(query.metric, ())

    def unit(self, query: Query) -> JsonValue:
        metric = self._metrics.get(query.metric)
        return None if metric is None or metric.unit is None else [UNITS[metric.unit], None]

    def points(self, query: Query, events: Sequence[Event], step: float) -> dict[float, float]:
        """One value for each step in which something was sent."""
        steps: dict[float, list[float]] = defaultdict(list)
        for event in events:
            steps[event.at // step * step].append(event.value)
        return {at: _reduce(query.aggregate, values) for at, values in sorted(steps.items())}

    def scalar(self, query: Query, events: Sequence[Event], aggregator: str, step: float) -> float:
        """One value for a whole window. An average or percentile is that of the events, not of the steps."""
        if query.aggregate == "avg" and aggregator in ("avg", "mean"):
            return _reduce("avg", [event.value for event in events])
        if aggregator == "percentile":
            return _reduce(query.aggregate, [event.value for event in events])
        steps = list(self.points(query, events, step).values())
        return steps[-1] if aggregator == "last" else _reduce("avg" if aggregator == "mean" else aggregator, steps)


def _tagged(events: Sequence[Event]) -> dict[tuple[str, str], list[Event]]:
    """The events of each tag's value, in their order."""
    found: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        for name, value in event.tags.items():
            found[name, value].append(event)
    return found


def parse(text: str) -> Query:
    """`agg:metric{scope} by {tags}.as_count()` with scopes of `tag:value`, `tag IN (a,b)` and `*`."""
    found = QUERY.fullmatch(text.strip())
    if found is None:
        raise BadQuery(f"Error parsing query: unable to parse {text}")
    by = tuple(name.strip() for name in (found["by"] or "").split(",") if name.strip())
    return Query(found["agg"], found["metric"], tuple(_scope(found["scope"])), by)


def _scope(text: str) -> Iterable[tuple[str, frozenset[str]]]:
    if re.search(r" (?:AND|IN) ", text) and (re.search(r",(?![^(]*\))", text) or "!" in text):
        raise BadQuery(f"Error parsing query: the operators , and ! cannot stand beside AND and IN in {text}")
    for term in re.split(r",(?![^(]*\))| AND ", text):
        one, several = (
            re.fullmatch(r"([\w.-]+):([\w./-]+)", term.strip()),
            re.fullmatch(r"([\w.-]+) IN \(([^()]*)\)", term.strip()),
        )
        if one:
            yield one[1], frozenset({one[2]})
        elif several:
            yield several[1], frozenset(value.strip() for value in several[2].split(","))
        elif term.strip() != "*":
            raise BadQuery(f"Error parsing query: unable to parse scope {term.strip()}")


def step_for(seconds: float, asked: float | None) -> float:
    """The vendor coarsens the step with the window; a finer one is granted while it gives few enough points."""
    usual = next(step for limit, step in STEPS if seconds <= limit)
    return usual if asked is None else max(asked, FINEST, seconds / MOST_POINTS)


def _events(facts: Facts, metric: Metric, clock: datetime) -> list[Event]:
    zone = ZoneInfo(facts.zone)
    listed = [Event(p.at.timestamp(), p.value, metric.tags) for p in metric.points if p.at < clock]
    if metric.points:
        return listed
    worked = (
        Event(at.timestamp(), metric.value(i, at.astimezone(zone).weekday()), runs.tags)
        for runs in facts.runs
        for i, at in runs.instants(zone, clock)
    )
    return sorted(worked, key=lambda event: event.at)


def _percentile(values: Sequence[float], share: int) -> float:
    return sorted(values)[max(0, math.ceil(share / 100 * len(values)) - 1)]


_REDUCE: Mapping[str, Callable[[Sequence[float]], float]] = {
    "avg": lambda values: math.fsum(values) / len(values),
    "sum": math.fsum,
    "min": min,
    "max": max,
    "count": len,
}


def _reduce(aggregate: str, values: Sequence[float]) -> float:
    if aggregate.startswith("p"):
        return _percentile(values, int(aggregate[1:]))
    return round(float(_REDUCE[aggregate](values)), 6)
