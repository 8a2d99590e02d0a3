"""schedules.yaml of the overlay: which sweeps run when. Times are those of the clock on the wall, in a time zone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from agent import yaml_lines
from agent.errors import ConfigError, nearest
from agent.yaml_lines import Loc
from collectors.evidence import Model

FILE = "schedules.yaml"
PARTS = "minute hour day month weekday, for example 0 6 * * 1"


class Schedule(Model):
    """One sweep that comes back. `due_within`: days; `subjects`: none = as `everything` and `due_within` say;
    `only_changed`: its digest is shown without a line for what did not change."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)
    cron: str = Field(description="minute hour day month weekday, as cron has it")
    zone: str = Field(description="an IANA name, such as America/New_York")
    gates: tuple[str, ...] = Field(min_length=1)
    due_within: int = Field(14, ge=0, le=3650)
    everything: bool = False
    only_changed: bool = False
    subjects: tuple[str, ...] = ()
    batch: bool = True

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        from croniter import CroniterError, croniter

        if len(value.split()) != 5:
            raise ValueError(f"{value!r} has not five parts: {PARTS}")
        if re.search(r"\b[HR]\b", value, re.IGNORECASE):
            raise ValueError(f"{value!r} leaves its time to chance, which every worker would draw anew: {PARTS}")
        try:
            croniter(value, datetime(2026, 1, 1)).get_next(datetime)
        except CroniterError as error:
            raise ValueError(f"{value!r} is no time that ever comes ({error}): {PARTS}") from error
        return value

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; write for example America/New_York or UTC") from error
        return value

    @cached_property
    def key(self) -> str:
        """Under which its ticks are kept: with another time it is another schedule, and begins anew."""
        return f"{self.id} {self.cron} {self.zone}"

    def last(self, now: datetime) -> datetime:
        """The newest tick that is not after `now`, in UTC.

        A time that the clock skips comes as late as it would have without; of one that it repeats, the first counts.
        """
        from croniter import croniter

        wall = now.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        steps = croniter(self.cron, wall + timedelta(seconds=1))
        while True:
            tick = self._instant(steps.get_prev(datetime))
            if tick <= now:
                return tick

    def next(self, now: datetime) -> datetime:
        """The first tick after `now`, in UTC."""
        from croniter import croniter

        wall = now.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        steps = croniter(self.cron, wall - timedelta(hours=3))  # a skipped or repeated hour moves what the wall shows
        while True:
            tick = self._instant(steps.get_next(datetime))
            if tick > now:
                return tick

    def _instant(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=ZoneInfo(self.zone), fold=0).astimezone(UTC)


class Schedules(Model):
    """The whole file."""

    schedules: tuple[Schedule, ...] = ()


def load(path: Path, gates: Collection[str], subjects: Collection[str]) -> tuple[Schedule, ...]:
    """The schedules of a file; none where there is none. A ConfigError names every mistake with its line and key."""
    if not path.exists():
        return ()
    data, lines = yaml_lines.read(path)
    found = yaml_lines.checked(path, data or {}, lines, Schedules).schedules
    rows = [
        f"{path}:{yaml_lines.line_of(loc, lines)}: {yaml_lines.dotted(loc)}: {said}"
        for number, one in enumerate(found)
        for loc, said in _mistakes(("schedules", number), one, found[:number], gates, subjects)
    ]
    if rows:
        raise ConfigError("\n".join(rows))
    return found


def _mistakes(
    at: Loc, one: Schedule, before: Sequence[Schedule], gates: Collection[str], subjects: Collection[str]
) -> Iterator[tuple[Loc, str]]:
    if one.id in [other.id for other in before]:
        yield (*at, "id"), f"{one.id!r} is the id of another schedule as well"
    for index, gate in enumerate(one.gates):
        if gate != "all" and gate not in gates:
            yield (*at, "gates", index), f"there is no gate {gate!r}. {nearest(gate, gates)}"
    for index, subject in enumerate(one.subjects):
        if subject not in subjects:
            yield (*at, "subjects", index), f"there is no card for {subject!r}. {nearest(subject, subjects)}"
