"""Who is on call when: a weekly rota and its overrides, for any span of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from itertools import pairwise
from zoneinfo import ZoneInfo

from collectors.sandbox.pagerduty.estate import Schedule

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Span:
    """One stretch of time, in UTC; `user` None = nobody. `override` = by an override."""

    start: datetime
    end: datetime
    user: str | None
    override: bool = False

    def clipped(self, since: datetime, until: datetime) -> Span:
        return replace(self, start=max(self.start, since), end=min(self.end, until))


def spans(schedule: Schedule, since: datetime, until: datetime) -> list[Span]:
    """The stretches that overlap [since, until], whole and in order; a turn ends at the latest with the week."""
    merged: list[Span] = []
    for piece in _pieces(schedule, since - WEEK, until + WEEK):
        last = merged[-1] if merged else None
        same = last and (last.user, last.override, last.end) == (piece.user, piece.override, piece.start)
        if last and same and not _handover(schedule, piece.start):
            merged[-1] = replace(last, end=piece.end)
        else:
            merged.append(piece)
    return [span for span in merged if span.end > since and span.start <= until]


def never_off(schedule: Schedule) -> bool:
    """One person, every day, and nobody steps in."""
    users = {turn.user for turn in schedule.rota}
    days = {day for turn in schedule.rota for day in turn.days}
    return len(users) == 1 and days == set(range(1, 8)) and not schedule.overrides


def _pieces(schedule: Schedule, since: datetime, until: datetime) -> Iterator[Span]:
    """The days, cut at the edges of overrides; the later override wins."""
    for day in _days(schedule, since, until):
        inside = [o for o in schedule.overrides if o.start < day.end and o.end > day.start]
        cuts = (
            {day.start, day.end} | {o.start.astimezone(UTC) for o in inside} | {o.end.astimezone(UTC) for o in inside}
        )
        edges = sorted(cut for cut in cuts if day.start <= cut <= day.end)
        for start, end in pairwise(edges):
            over = [o for o in inside if o.start <= start < o.end]
            yield Span(start, end, over[-1].user if over else day.user, bool(over))


def _days(schedule: Schedule, since: datetime, until: datetime) -> Iterator[Span]:
    zone = ZoneInfo(schedule.zone)
    day = max(since, schedule.starts).astimezone(zone).date()
    while _midnight(day, zone) < until:
        on = next((turn.user for turn in schedule.rota if day.isoweekday() in turn.days), None)
        yield Span(_midnight(day, zone), _midnight(day + timedelta(days=1), zone), on)
        day += timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock_time(), zone).astimezone(UTC)


def _handover(schedule: Schedule, instant: datetime) -> bool:
    local = instant.astimezone(ZoneInfo(schedule.zone))
    return local.isoweekday() == 1 and local.time() == clock_time()
