"""The drill on one line of time: flag off, the runs counted around it, flag on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from math import isfinite

from markupsafe import Markup

from agent.drafting.values import instant
from agent.outputs.charts.drawing import LEFT, RIGHT, WIDTH, Picture, Times, bar, dot, frame, line, only_words, words
from collectors.datadog.facts import MetricFacts
from collectors.evidence import Time
from collectors.launchdarkly.facts import FlagChange, FlagHistoryFacts

_TITLE = "The kill-switch drill"
_AROUND = 0.25  # of its length is shown before and after


def drill(name: str, history: FlagHistoryFacts, runs: MetricFacts | None, zone: str) -> Picture:
    """The latest complete off/on pair. `runs` None = telemetry was not asked, or could not be seen."""
    pair = latest_pair(history)
    if pair is None:
        return only_words(_TITLE, "No complete drill, off and on again, was seen, so there is nothing to draw.")
    off, on = pair
    edge = (on.at.value - off.at.value) * _AROUND + timedelta(seconds=30)
    times = Times(off.at.value - edge, on.at.value + edge, zone)
    last = last_run(runs, off.at, on.at)
    body = [*_switch(times, off, on), *_runs(times, runs), *_last(times, off, last), *times.axis(104)]
    return frame(name, _TITLE, _told(off, on, runs, last, zone), 132, body)


def latest_pair(history: FlagHistoryFacts) -> tuple[FlagChange, FlagChange] | None:
    changes = sorted(history.changes, key=lambda change: change.at.value)
    pairs = [(a, b) for a, b in pairwise(changes) if (a.turned.value, b.turned.value) == ("off", "on")]
    return pairs[-1] if pairs else None


def last_run(runs: MetricFacts | None, off: Time, on: Time) -> float | None:
    """Seconds from the flip to the start of the last point between off and on that holds a run."""
    points = runs.points if runs else ()
    after = [(p.at - off.value).total_seconds() for p in points if _counts(p.value) and off.value <= p.at < on.value]
    return max(after, default=None)


def _counts(value: float) -> bool:
    return isfinite(value) and value > 0


def _switch(times: Times, off: FlagChange, on: FlagChange) -> Iterator[Markup]:
    x1, x2 = times(off.at.value), times(on.at.value)
    yield bar(LEFT, x1, 30, 12, "bar level1")
    yield bar(x1, x2, 30, 12, "bar gap", "the flag was off")
    yield bar(x2, WIDTH - RIGHT, 30, 12, "bar level1")
    yield words(4, 41, "flag", "row")
    for x, told in ((x1, f"off {_clock(off, times)}"), (x2, f"on {_clock(on, times)}")):
        yield line(x, 22, x, 96, "mark")
        yield words(x, 16, told, "tick")


def _clock(change: FlagChange, times: Times) -> str:
    return instant(change.at.value, times.zone).split(", ", 1)[1]


def _runs(times: Times, runs: MetricFacts | None) -> Iterator[Markup]:
    yield words(4, 78, "runs", "row")
    if runs is None:
        yield words(LEFT, 78, "not seen", "label")
        return
    for point in runs.points:
        if _counts(point.value) and times.start <= point.at <= times.end:
            yield dot(times(point.at), 74, "run")


def _last(times: Times, off: FlagChange, last: float | None) -> Iterator[Markup]:
    """Named beside the dot it stands for."""
    if last is not None:
        at = times(off.at.value + timedelta(seconds=last))
        yield words(at + 8, 78, f"last run, {last:g} s after the flip", "label")


def _told(off: FlagChange, on: FlagChange, runs: MetricFacts | None, last: float | None, zone: str) -> str:
    told = f"The flag was turned off at {instant(off.at.value, zone)} and on again at {instant(on.at.value, zone)}. "
    if runs is None:
        return told + "The runs around it could not be seen, so none are drawn."
    if not runs.points:
        return told + "No run was counted around it, so none are drawn."
    if last is None:
        return told + "Each dot is a count of runs; none was counted while it was off."
    return told + f"Each dot is a count of runs; the last while it was off stands {last:g} seconds after the flip."
