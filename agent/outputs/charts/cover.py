"""Who is on call from launch on, primary and backup, and where nobody is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from markupsafe import Markup

from agent.drafting.overview import listing
from agent.drafting.values import clean, instant
from agent.outputs.charts.drawing import LETTER, ROW, Picture, Times, bar, frame, row_label, words
from collectors.evidence import Window
from collectors.pagerduty.facts import OnCallFacts, Shift

_LEVELS = ((1, "primary"), (2, "backup"))
_TITLE = "On-call cover from launch on"


def cover(name: str, seen: OnCallFacts, window: Window, zone: str) -> Picture:
    """Each level's shifts over the window; what no shift covers is drawn as a gap and told."""
    times = Times(window.start, window.end, zone)
    holes = {role: gaps(_of(seen, level), window) for level, role in _LEVELS}
    parts = [part for i, (level, role) in enumerate(_LEVELS) for part in _row(times, i, role, _of(seen, level), holes)]
    told = _told(seen, holes, window, zone)
    return frame(name, _TITLE, told, 2 * ROW + 40, [*parts, *times.axis(2 * ROW + 12)])


def gaps(shifts: Sequence[Shift], window: Window) -> list[tuple[datetime, datetime]]:
    """The spans of the window that no shift covers, in order."""
    found, reached = [], window.start
    for shift in sorted(shifts, key=lambda one: one.start.value):
        if shift.start.value > reached:
            found.append((reached, min(shift.start.value, window.end)))
        reached = max(reached, shift.end.value)
    if reached < window.end:
        found.append((reached, window.end))
    return [(a, b) for a, b in found if a < b]


def _of(seen: OnCallFacts, level: int) -> list[Shift]:
    return [shift for shift in seen.shifts if shift.level == level]


def _row(
    times: Times, index: int, role: str, shifts: Sequence[Shift], holes: dict[str, list[tuple[datetime, datetime]]]
) -> Iterator[Markup]:
    y = 6 + index * ROW
    yield row_label(y + 11, role)
    for shift in shifts:
        x1, x2 = times(shift.start.value), times(shift.end.value)
        until = instant(shift.end.value, times.zone)
        yield bar(x1, x2, y, 22, f"bar level{index + 1}", f"{shift.person.value} until {until}")
        named = _fitting(clean(shift.person.value, 80), x2 - x1 - 10)
        if named:
            yield words(x1 + 5, y + 15, named, "inside")
    for start, end in holes[role]:
        yield bar(times(start), times(end), y, 22, "bar gap", f"nobody from {instant(start, times.zone)}")


def _fitting(name: str, room: float) -> str:
    """The name, the first word of it, or its initials: the longest that fits; "" where not even those do."""
    shorter = (name, name.split(" ")[0], "".join(word[:1] for word in name.split()))
    return next((one for one in shorter if one and len(one) * LETTER <= room), "")


def _told(seen: OnCallFacts, holes: dict[str, list[tuple[datetime, datetime]]], window: Window, zone: str) -> str:
    parts = []
    for level, role in _LEVELS:
        people = list(dict.fromkeys(clean(shift.person.value, 80) for shift in _of(seen, level)))
        parts.append(f"{role}: {listing(people) if people else 'nobody'}")
        if people and holes[role]:
            start, end = holes[role][0]
            more = f", the first of {len(holes[role])} gaps" if len(holes[role]) > 1 else ""
            parts.append(f"nobody is {role} from {instant(start, zone)} until {instant(end, zone)}{more}")
        elif people:
            parts.append(f"no gap in the {role}'s cover")
    return f"From {instant(window.start, zone)} until {instant(window.end, zone)}: {'; '.join(parts)}."
