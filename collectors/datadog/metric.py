"""One metric query over a window: its value, its samples and the series it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import gcd

from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.facts import MetricAsk, MetricFacts, Sample
from collectors.datadog.queries import ONE_SERIES, Point, Scalar, Series, ask_scalars, ask_series
from collectors.datadog.reading import capped
from collectors.errors import Malformed, SourceError
from collectors.evidence import Answer, Call, Completeness, Evidence, Number, Origin, Resource, Window

AT_ONCE = 20  # queries in one scalar request
SHORT = timedelta(hours=2)  # a window in which the time to stop is looked for
FINE = 10  # seconds; the finest step the vendor keeps for a metric of one's own

Wanted = tuple[str, str]  # query, aggregator


@dataclass(frozen=True)
class Shared:
    """The values that several questions about one window share, and the calls that gave them."""

    found: dict[Wanted, Scalar | SourceError]
    calls: tuple[Call, ...]

    def __getitem__(self, wanted: Wanted) -> Scalar:
        found = self.found[wanted]
        if isinstance(found, SourceError):
            raise found
        return found


def metric(conn: Connections, asks: Sequence[MetricAsk]) -> list[Answer]:
    """Value, samples and points of each metric query over its window; questions about one window share a request."""
    return answer_batch(conn, asks, lambda dd: _answering(dd, asks))


def _answering(dd: Session, asks: Sequence[MetricAsk]) -> Callable[[MetricAsk], Answer]:
    known: dict[Window, Shared] = {}

    def answer(ask: MetricAsk) -> Answer:
        if ask.window not in known:
            known[ask.window] = _shared(dd, [other for other in asks if other.window == ask.window], ask.window)
        return _answer(dd, ask, known[ask.window])

    return answer


def _shared(dd: Session, asks: Sequence[MetricAsk], window: Window) -> Shared:
    """Every value that is asked over one window."""
    before = len(dd.log.calls)
    wanted = list(dict.fromkeys(pair for ask in asks for pair in _wanted(ask)))
    found: dict[Wanted, Scalar | SourceError] = {}
    for i in range(0, len(wanted), AT_ONCE):
        found |= _values(dd, wanted[i : i + AT_ONCE], window)
    return Shared(found, tuple(dd.log.calls[before:]))


def _wanted(ask: MetricAsk) -> list[Wanted]:
    own = (ask.query, ask.aggregator)
    return [own] if ask.samples is None else [own, (ask.samples, "sum")]


def _values(dd: Session, wanted: Sequence[Wanted], window: Window) -> dict[Wanted, Scalar | SourceError]:
    """One request for all; when it is refused for what one query says, each alone, so that only that one fails."""
    try:
        return dict(zip(wanted, ask_scalars(dd, wanted, window), strict=True))
    except Malformed as failure:
        if len(wanted) == 1:
            return {wanted[0]: failure}
    except SourceError as failure:
        return dict.fromkeys(wanted, failure)
    found: dict[Wanted, Scalar | SourceError] = {}
    for pair in wanted:
        found |= _values(dd, [pair], window)
    return found


def _answer(dd: Session, ask: MetricAsk, shared: Shared) -> Evidence:
    value = shared[(ask.query, ask.aggregator)]
    counted = None if ask.samples is None else shared[(ask.samples, "sum")]
    before = len(dd.log.calls)
    short = ask.window.end - ask.window.start <= SHORT
    series = ask_series(dd, [ask.query], ask.window, FINE if short else None)
    points = _one_series(series, ask)
    body: dict[str, JsonValue] = {"query": ask.query, "value": value.column, "series": series.attributes}
    if counted is not None:
        body["samples"] = counted.column
    return dd.evidence(
        ask, _facts(ask, value, counted, points), body, link="/metric/explorer",
        calls=[*shared.calls, *dd.log.calls[before:]], completeness=Completeness(items=len(points)),
    )  # fmt: skip


def _one_series(series: Series, ask: MetricAsk) -> tuple[Point, ...]:
    if len(series.rows) > 1:
        told = f"Datadog answered {ask.query} with {len(series.rows)} series, and one was asked for"
        raise Malformed(told, advice=ONE_SERIES)
    return series.rows[0][1] if series.rows else ()


def _facts(ask: MetricAsk, value: Scalar, counted: Scalar | None, points: tuple[Point, ...]) -> MetricFacts:
    return MetricFacts(
        query=Resource(value=capped(ask.query, 200), pointer="/query"),
        value=None if value.value is None else Number(value=value.value, unit=value.unit, pointer="/value/values/0"),
        samples=_samples(counted, points),
        points=tuple(Sample(at=point.at, value=point.value) for point in points),
        interval=Number(value=_interval(ask.window, points), unit="seconds", origin=Origin.CODE),
    )


def _samples(counted: Scalar | None, points: tuple[Point, ...]) -> Number:
    """The counting query's sum where there is one, else the number of points. No data is none counted."""
    if counted is None:
        return Number(value=len(points), unit="samples", origin=Origin.CODE)
    if counted.value is None:
        return Number(value=0, unit="samples", pointer="/samples/values")
    return Number(value=counted.value, unit="samples", pointer="/samples/values/0")


def _interval(window: Window, points: tuple[Point, ...]) -> float:
    """Seconds that one point may stand for, never too few: all points lie on this step; one alone says nothing.

    The answer does not name its step, and the vendor may answer at a coarser one than was asked.
    """
    steps = gcd(*(round((b.at - a.at).total_seconds() * 1000) for a, b in pairwise(points)))
    return steps / 1000 if steps else (window.end - window.start).total_seconds()
