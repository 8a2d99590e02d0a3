"""One metric query over a window: its value, its samples and the series it rests on.

Questions about one window share their requests (collectors.datadog.together). A highest or lowest value is one only
where the query rolls up by it: the vendor makes long windows coarse. Out of scope: the v1 route, formulas, event data
sources, and how a metric was sent (its type and origin detection say nothing about the value).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import pairwise
from math import gcd

from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.facts import MetricAsk, MetricFacts, Sample
from collectors.datadog.grouping import Group, Wanted
from collectors.datadog.queries import (
    ONE_SERIES,
    Point,
    Scalar,
    Series,
    ask_scalar_group,
    ask_scalars,
    ask_series,
    ask_series_group,
)
from collectors.datadog.reading import capped, listing
from collectors.datadog.together import Asker, Found
from collectors.errors import Malformed, SourceError, resting_on
from collectors.evidence import Answer, Completeness, Evidence, Number, Origin, Resource, Window
from collectors.several import AT_ONCE, ahead

SHORT = timedelta(hours=2)  # a window in which the time to stop is looked for
SAME = 1e-6  # of a sum: what adding up fractions may lose
FINE = 10  # seconds; the finest step the vendor keeps for a metric of one's own


@dataclass(frozen=True)
class Shared:
    """What all questions about one window gave."""

    values: dict[Wanted, Found[Scalar]]
    series: dict[Wanted, Found[Series]]


def metric(conn: Connections, asks: Sequence[MetricAsk]) -> Iterable[Answer]:
    """Value, samples and points of each metric query over its window; questions about one window share requests."""
    return answer_batch(conn, asks, lambda dd: _answering(dd, asks))


def _answering(dd: Session, asks: Sequence[MetricAsk]) -> Callable[[MetricAsk], Answer]:
    known: dict[Window, Shared] = {}

    def answer(ask: MetricAsk) -> Answer:
        _must_see_peaks(ask)
        if not known:
            known.update(_by_window(dd, asks))
        return _answer(dd, ask, known[ask.window])

    return answer


def _by_window(dd: Session, asks: Sequence[MetricAsk]) -> dict[Window, Shared]:
    """Everything that is asked, several windows at a time; the fewer there are, the more requests of each."""
    of: dict[Window, list[MetricAsk]] = {}
    for ask in asks:
        of.setdefault(ask.window, []).append(ask)
    windows = [window for window, group in of.items() if any(map(_sees_peaks, group))]
    each = max(1, AT_ONCE // len(windows))
    with ahead(dd.log, windows, lambda window: _shared(dd, of[window], window, each)) as asked:
        return {window: asked(window) for window in windows}


def _sees_peaks(ask: MetricAsk) -> bool:
    return ask.aggregator not in ("max", "min") or bool(re.search(rf"\.rollup\(\s*{ask.aggregator}\b", ask.query))


def _must_see_peaks(ask: MetricAsk) -> None:
    """A long window is rolled up into averages, of which the highest is no peak, unless the query says otherwise."""
    if not _sees_peaks(ask):
        raise Malformed(
            f"Datadog's {ask.aggregator} of {ask.query} is that of averages over hours, which hides what lay between",
            advice=f"Add .rollup({ask.aggregator}) to the query on the card, then check this item again.",
        )


def _shared(dd: Session, asks: Sequence[MetricAsk], window: Window, requests: int) -> Shared:
    """Every value that is asked over one window, then the points behind those that came."""
    asker = Asker(dd, partial(_scalars, dd, window), partial(_group_scalars, dd, window), requests=requests)
    values = asker.ask([pair for ask in asks for pair in _wanted(ask)])
    came = [ask for ask in asks if all(not isinstance(values[pair].result, SourceError) for pair in _wanted(ask))]
    held = frozenset(ask.query for ask in came if values[_wanted(ask)[0]].get().value is not None)
    rows = replace(_rows_asker(dd, window, held), requests=requests)
    return Shared(values, rows.ask([(ask.query, "") for ask in came]))


def _rows_asker(dd: Session, window: Window, held: frozenset[str]) -> Asker[Series]:
    """A short window is wanted at the finest step, which the vendor coarsens for long answers: each query alone."""
    if window.end - window.start <= SHORT:
        return Asker(dd, partial(_rows, dd, window, held, FINE), None, at_once=1)
    grouped = partial(_group_rows, dd, window)
    return Asker(dd, partial(_rows, dd, window, held, None), grouped)


def _scalars(dd: Session, window: Window, wanted: Sequence[Wanted]) -> list[Scalar]:
    return ask_scalars(dd, wanted, window)


def _group_scalars(dd: Session, window: Window, group: Group) -> dict[str, Scalar]:
    return ask_scalar_group(dd, group, window)


def _group_rows(dd: Session, window: Window, group: Group) -> dict[str, Series]:
    return ask_series_group(dd, group, window)


def _rows(
    dd: Session, window: Window, held: frozenset[str], step: int | None, wanted: Sequence[Wanted]
) -> list[Series]:
    """The series of each query. One of several that has a value and no points is asked again, alone."""
    queries = [query for query, _ in wanted]
    found = ask_series(dd, queries, window, step)
    if len(queries) > 1 and any(query in held and not one.ends for query, one in zip(queries, found, strict=True)):
        raise Malformed("Datadog answered several queries with a value but no points for one of them")
    return found


def _wanted(ask: MetricAsk) -> list[Wanted]:
    own = (ask.query, ask.aggregator)
    return [own] if ask.samples is None else [own, (ask.samples, "sum")]


def _answer(dd: Session, ask: MetricAsk, shared: Shared) -> Evidence:
    used = [shared.values[pair] for pair in _wanted(ask)]
    value, *counted = (found.get() for found in used)
    rows = shared.series[(ask.query, "")]
    calls = [call for found in used for call in found.calls] + list(rows.calls)
    with resting_on(calls):
        points = _one_series(rows.get(), ask)
        _must_add_up(ask, value, rows.get(), points)
        _must_be_filled(rows.get(), points, ask)
    body: dict[str, JsonValue] = {"query": ask.query, "value": value.column, "series": rows.get().attributes}
    for name, scalar in zip(("value", "samples"), (value, *counted), strict=False):
        body[name] = scalar.column
        if scalar.group is not None:
            body[f"{name}_group"] = scalar.group
    return dd.evidence(
        ask, _facts(ask, value, counted[0] if counted else None, points), body, link="/metric/explorer",
        calls=list({id(call): call for call in calls}.values()),
        completeness=Completeness(items=len(points)),
    )  # fmt: skip


def _must_be_filled(series: Series, points: tuple[Point, ...], ask: MetricAsk) -> None:
    """In a short window every time that is named holds a value: a blank may be the run that went on after the flip."""
    blanks = len(listing(series.attributes["times"], "times")) - len(points)
    if blanks and ask.window.end - ask.window.start <= SHORT:
        told = f"Datadog's series of {ask.query} from {ask.window.start} to {ask.window.end}"
        raise Malformed(f"{told} names {blanks} times without a value, so it cannot show that nothing ran then")


def _one_series(series: Series, ask: MetricAsk) -> tuple[Point, ...]:
    if len(series.ends) > 1:
        told = f"Datadog answered {ask.query} with {len(series.ends)} series, and one was asked for"
        raise Malformed(told, advice=ONE_SERIES)
    return series.rows[0] if series.ends else ()


def _must_add_up(ask: MetricAsk, value: Scalar, series: Series, points: Sequence[Point]) -> None:
    """Times are sparse: one without a value may have lost it. Of a count, the sum tells whether anything is missing."""
    told = listing(listing(series.attributes["values"], ask.query)[0], ask.query) if series.ends else []
    if len(told) == len(points) or value.value is None or ask.aggregator != "sum" or ".as_count()" not in ask.query:
        return
    if value.value - sum(point.value for point in points) > SAME * max(1.0, value.value):
        raise Malformed(f"Datadog answered {ask.query} with times that hold no value, and a sum that holds more")


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
