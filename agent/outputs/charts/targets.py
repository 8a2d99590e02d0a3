"""A target against what was measured: the series over the pilot, or only the one value where there is no series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from markupsafe import Markup

from agent.drafting.values import clean, count
from agent.outputs.charts.drawing import (
    LEFT,
    RIGHT,
    WIDTH,
    Picture,
    Scale,
    Times,
    bar,
    dot,
    frame,
    line,
    only_words,
    words,
)
from agent.outputs.charts.drawing import path as line_through
from collectors.datadog.facts import MetricFacts, Sample
from collectors.evidence import Window

_ASKED = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than", "==": "exactly"}
_TOP, _BOTTOM = 14.0, 104.0
_LINE = 13.0  # user units that a line of words takes
_MOST = 2000  # points; a longer series is told and not drawn


@dataclass(frozen=True)
class Wanted:
    """A target as the card sets it."""

    title: str
    op: str
    value: float
    unit: str

    @property
    def told(self) -> str:
        return f"the card asks for {_ASKED[self.op]} {count(self.value, self.unit)}"


def target(name: str, wanted: Wanted, seen: MetricFacts, window: Window, zone: str) -> Picture:
    """The measured value beside the target, and the series that it rests on where the source gave one."""
    title = f"{clean(wanted.title, 80)} against its target"
    value = seen.value
    if value is None or not isfinite(value.value) or not isfinite(wanted.value):
        return only_words(title, f"There is no value to draw; {wanted.told}.")
    if clean(value.unit) != clean(wanted.unit) and {value.unit, wanted.unit} != {"%", "percent"}:
        told = f"Measured as {count(value.value, value.unit)}, which is another unit than the target's; {wanted.told}."
        return only_words(title, told)
    points = [p for p in seen.points if isfinite(p.value) and window.holds(p.at)]
    told = f"It came to {count(value.value, value.unit)}; {wanted.told}."
    if not 1 < len(points) <= _MOST:
        return frame(name, title, told, 56, _one_value(value.value, wanted))
    told += f" The line joins {len(points)} points of the series and is broken where points are missing."
    return frame(name, title, told, 132, _series(points, seen.interval.value, wanted, window, zone))


def _one_value(value: float, wanted: Wanted) -> Iterator[Markup]:
    scale = Scale(min(0.0, value, wanted.value), max(value, wanted.value, 0.0) * 1.15 or 1.0)
    yield words(4, 27, "measured", "row")
    yield (
        bar(scale(0), scale(value), 12, 22, "bar level1")
        if value >= 0
        else bar(scale(value), scale(0), 12, 22, "bar level1")
    )
    yield line(scale(wanted.value), 6, scale(wanted.value), 40, "asked")
    yield words(scale(wanted.value), 52, f"asked {count(wanted.value, wanted.unit)}", "tick")


def _series(points: list[Sample], step: float, wanted: Wanted, window: Window, zone: str) -> Iterator[Markup]:
    times = Times(window.start, window.end, zone)
    values = [*(p.value for p in points), wanted.value]
    low, high = min(values), max(values)
    room = (high - low) * 0.1 or abs(high) * 0.1 or 1.0

    def y(value: float) -> float:
        return _BOTTOM - (value - low + room) / (high - low + 2 * room) * (_BOTTOM - _TOP)

    yield words(4, y(wanted.value) + 4, f"asked {count(wanted.value, wanted.unit)}", "row", 18)
    for value in dict.fromkeys((low, high)):
        if abs(y(value) - y(wanted.value)) > _LINE:
            yield words(4, y(value) + 4, count(value, wanted.unit), "row", 18)
    yield line(LEFT, y(wanted.value), WIDTH - RIGHT, y(wanted.value), "asked")
    for run in unbroken(points, step):
        places = [(times(p.at), y(p.value)) for p in run]
        yield line_through(places, "series") if len(places) > 1 else dot(*places[0], "run")
    yield from times.axis(_BOTTOM + 8)


def unbroken(points: list[Sample], step: float) -> list[list[Sample]]:
    """Runs of points no further apart than the series' own interval allows; between them there is no line."""
    runs = [[points[0]]]
    for before, after in pairwise(points):
        near = not (isfinite(step) and step > 0) or (after.at - before.at).total_seconds() <= 1.5 * step
        runs[-1].append(after) if near else runs.append([after])
    return runs
