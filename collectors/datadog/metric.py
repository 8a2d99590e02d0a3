"""One metric query over a window: its value, its samples and the series it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from collectors.connections import Connections
from collectors.datadog.client import Session, answer_batch, app_url
from collectors.datadog.facts import MetricAsk, MetricFacts, Sample
from collectors.datadog.queries import FINE, SHORT, Point, Scalar, Series, ask_scalars, ask_series
from collectors.errors import Malformed, SourceError
from collectors.evidence import (
    Answer,
    Completeness,
    Evidence,
    JsonValue,
    Number,
    Origin,
    Resource,
    Window,
)

AT_ONCE = 20  # queries in one scalar request

Wanted = tuple[str, str]  # query, aggregator


def metric(conn: Connections, asks: Sequence[MetricAsk]) -> list[Answer]:
    """Value, samples and points of each metric query over its window; questions about one window share a request."""
    return answer_batch(conn, asks, lambda dd: _answering(dd, asks))


def _answering(dd: Session, asks: Sequence[MetricAsk]) -> Callable[[MetricAsk], Answer]:
    known: dict[Window, dict[Wanted, Scalar | SourceError]] = {}

    def answer(ask: MetricAsk) -> Answer:
        if ask.window not in known:
            known[ask.window] = _scalars(dd, [other for other in asks if other.window == ask.window], ask.window)
        return _answer(dd, ask, known[ask.window])

    return answer


def _wanted(ask: MetricAsk) -> list[Wanted]:
    own = (ask.query, ask.aggregator)
    return [own] if ask.samples is None else [own, (ask.samples, "sum")]


def _scalars(dd: Session, asks: Sequence[MetricAsk], window: Window) -> dict[Wanted, Scalar | SourceError]:
    """Every value that is asked over one window. A query that spoils a shared request fails alone."""
    wanted = list(dict.fromkeys(pair for ask in asks for pair in _wanted(ask)))
    found: dict[Wanted, Scalar | SourceError] = {}
    for i in range(0, len(wanted), AT_ONCE):
        some = wanted[i : i + AT_ONCE]
        try:
            found |= dict(zip(some, ask_scalars(dd, some, window), strict=True))
        except Malformed as failure:
            found |= {some[0]: failure} if len(some) == 1 else {pair: _alone(dd, pair, window) for pair in some}
        except SourceError as failure:
            found |= dict.fromkeys(some, failure)
    return found


def _alone(dd: Session, pair: Wanted, window: Window) -> Scalar | SourceError:
    try:
        return ask_scalars(dd, [pair], window)[0]
    except SourceError as failure:
        return failure


def _answer(dd: Session, ask: MetricAsk, known: dict[Wanted, Scalar | SourceError]) -> Evidence:
    value = _known(known[(ask.query, ask.aggregator)])
    counted = None if ask.samples is None else _known(known[(ask.samples, "sum")])
    series = ask_series(dd, [ask.query], ask.window)
    points = _one_series(series, ask)
    body: dict[str, JsonValue] = {"value": value.column, "series": series.attributes}
    if counted is not None:
        body["samples"] = counted.column
    return Evidence(
        request_type=ask.type, params=ask.params(), source=dd.source, collected_at=dd.conn.clock(),
        link=f"{app_url(dd.source.base_url)}/metric/explorer", facts=_facts(ask, value, counted, points),
        calls=tuple(dd.log.calls), completeness=Completeness(items=len(points)), body=body,
    )  # fmt: skip


def _known(found: Scalar | SourceError) -> Scalar:
    if isinstance(found, SourceError):
        raise found
    return found


def _one_series(series: Series, ask: MetricAsk) -> tuple[Point, ...]:
    if len(series.rows) > 1:
        raise Malformed(
            f"Datadog answered {ask.query} with {len(series.rows)} series, and one was asked for",
            advice="Write the query on the card so that it gives a single series (no `by {…}`), then check again.",
        )
    return series.rows[0][1] if series.rows else ()


def _facts(ask: MetricAsk, value: Scalar, counted: Scalar | None, points: tuple[Point, ...]) -> MetricFacts:
    return MetricFacts(
        query=Resource(value=ask.query[:200], pointer="/value/name"),
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
    """Seconds that one point may stand for, never too few: the least gap between points, else what was asked."""
    steps = [(b.at - a.at).total_seconds() for a, b in zip(points, points[1:], strict=False) if b.at > a.at]
    whole = (window.end - window.start).total_seconds()
    return min(steps, default=FINE if window.end - window.start <= SHORT else whole)
