"""What the runs that were counted around a drill say about it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from agent.probes.moments import Drill
from collectors.datadog.facts import MetricFacts


@dataclass(frozen=True)
class Stopping:
    """Completed runs between off and on. Seconds after the flip; `step` is what one point may stand for.

    `first` and `last` are the starts of the first and last points that hold a run, None = no such point.
    `throughout`: runs went on until the switch was on again.
    """

    step: float
    first: float | None
    last: float | None
    throughout: bool

    @property
    def over_by(self) -> float | None:
        """The latest that the last run can have ended."""
        return None if self.last is None else self.last + self.step


def stopping_of(metric: MetricFacts, drill: Drill) -> Stopping | None:
    """None when the points have no readable times. Those that reach beyond off or on prove nothing and are left out."""
    step = metric.interval.value
    if not metric.points:
        return Stopping(0, None, None, False)
    if not (isfinite(step) and step > 0):
        return None
    off, on = drill.off.at.value, drill.on.at.value
    length = (on - off).total_seconds()
    starts = [(point.at - off).total_seconds() for point in metric.points if isfinite(point.value) and point.value > 0]
    inside = [start for start in starts if start >= 0 and start + step <= length]
    first, last = min(inside, default=None), max(inside, default=None)
    return Stopping(step, first, last, last is not None and last >= step and length - last < 2 * step)
