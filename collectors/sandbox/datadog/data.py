"""What a world's datadog.yaml says: compact rules for work and views, the vendor's own shapes for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, JsonValue

from collectors.evidence import Model, Window

Tags = dict[str, str]


class Hours(Model):
    """Working hours of a rule: on these weekdays (0 = Monday), from one hour to another, local time."""

    days: tuple[int, ...]
    start: int
    end: int


class Runs(Model):
    """Work that the subject does: about every `every` seconds in working hours since `since`, less the pauses.

    `jitter` spreads the runs; `extra` adds single ones. Every run is one count and one line in the log.
    """

    tags: Tags
    since: date
    hours: Hours
    every: int
    jitter: int = 0
    pauses: tuple[Window, ...] = ()
    extra: tuple[AwareDatetime, ...] = ()

    def instants(self, zone: ZoneInfo, until: datetime) -> Iterator[tuple[int, datetime]]:
        """Each run until now, with its number within the day."""
        day = self.since
        while day <= until.astimezone(zone).date():
            if day.weekday() in self.hours.days:
                yield from self._of_day(datetime(day.year, day.month, day.day, tzinfo=zone), until)
            day += timedelta(days=1)
        yield from ((0, instant) for instant in self.extra if instant < until)

    def _of_day(self, midnight: datetime, until: datetime) -> Iterator[tuple[int, datetime]]:
        for i in range((self.hours.end - self.hours.start) * 3600 // self.every):
            seconds = i * self.every + (i * 37 % self.jitter if self.jitter else 0)
            instant = midnight + timedelta(hours=self.hours.start, seconds=seconds)
            if instant < until and not any(pause.holds(instant) for pause in self.pauses):
                yield i, instant


class Point(Model):
    at: AwareDatetime
    value: float


class Metric(Model):
    """One metric: listed `points`, or one value a run: by weekday, by the run's number in the day, or 1."""

    name: str
    kind: Literal["count", "gauge", "distribution"]
    unit: str | None = None
    by_weekday: tuple[float, ...] = ()
    cycle: tuple[float, ...] = ()
    tags: Tags = Field(default_factory=dict)
    points: tuple[Point, ...] = ()

    def value(self, i: int, weekday: int) -> float:
        if self.by_weekday:
            return self.by_weekday[weekday]
        return self.cycle[i % len(self.cycle)] if self.cycle else 1.0


class LogLine(Model):
    at: AwareDatetime
    service: str
    status: str
    message: str
    tags: tuple[str, ...] = ()
    attributes: dict[str, JsonValue] = Field(default_factory=dict)


class Look(Model):
    """Somebody or something reads a dashboard at the same local time on these weekdays."""

    uuid: str
    email: str
    actor: str
    auth_method: str
    dashboard: str
    days: tuple[int, ...]
    hour: int
    minute: int = 0


class Slo(Model):
    """`object` and `corrections` in the vendor's own shape; the history of a metric SLO is computed."""

    object: dict[str, JsonValue]
    corrections: tuple[dict[str, JsonValue], ...] = ()


class Synthetic(Model):
    """`object` in the vendor's own shape. It runs since `since`, and failed for an hour at each of `failed`."""

    object: dict[str, JsonValue]
    since: AwareDatetime
    failed: tuple[AwareDatetime, ...] = ()


class Audit(Model):
    retention_days: int
    looks: tuple[Look, ...]


class Facts(Model):
    """The whole file. `dashboards`, `monitors`, `notification_rules`, `indexes`, `archives`: in the vendor's shape."""

    org_id: int
    zone: str
    metric_retention_days: int
    runs: tuple[Runs, ...]
    metrics: tuple[Metric, ...]
    logs: tuple[LogLine, ...]
    audit: Audit
    dashboards: tuple[dict[str, JsonValue], ...]
    monitors: tuple[dict[str, JsonValue], ...]
    notification_rules: tuple[dict[str, JsonValue], ...] = ()
    indexes: tuple[dict[str, JsonValue], ...]
    archives: tuple[dict[str, JsonValue], ...]
    slos: tuple[Slo, ...] = ()
    synthetics: tuple[Synthetic, ...] = ()
