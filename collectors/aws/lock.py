"""What Object Lock protects by default: the mode and period that new versions get. Lock switched on alone is "none"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from collectors.aws.client import read
from collectors.evidence import Number, Origin, Resource, State, pointer

INNER = ("object_lock", "ObjectLockConfiguration", "Rule", "DefaultRetention")


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Default(_Wire):
    mode: Literal["GOVERNANCE", "COMPLIANCE"] | None = Field(None, alias="Mode")
    days: Annotated[int, Field(gt=0, le=1_000_000)] | None = Field(None, alias="Days")
    years: Annotated[int, Field(gt=0, le=1_000)] | None = Field(None, alias="Years")
    event_hold: dict[str, JsonValue] | None = Field(None, alias="DefaultEventHold")


class _LockRule(_Wire):
    default: _Default = Field(_Default(), alias="DefaultRetention")


class _Lock(_Wire):
    """Without `ObjectLockEnabled` it is no answer of S3's: a bucket without lock says so with an error code."""

    enabled: Literal["Enabled"] = Field(alias="ObjectLockEnabled")
    rule: _LockRule = Field(_LockRule(), alias="Rule")


@dataclass(frozen=True)
class Lock:
    """`period` None = no period by default. `endless`: an event hold protects until somebody releases it."""

    mode: State
    period: Number | None = None
    endless: bool = False

    def gone_by(self, ceiling: Number | None, rule: Resource | None) -> tuple[Number | None, Resource | None]:
        """The ceiling and what sets it: lifecycle leaves a locked version until its lock ends."""
        if ceiling is None or self.endless:
            return None, None
        if self.period is None or self.period.value < ceiling.value:
            return ceiling, rule
        locked = Number(value=self.period.value + 1, unit="days", origin=Origin.CODE)  # to the next midnight
        return locked, Resource(value="the default lock", pointer=pointer(*INNER))


def lock_of(answer: JsonValue, bucket: str, at: datetime) -> Lock:
    """The default lock as GetObjectLockConfiguration (or its error code) tells it; calendar years from `at`."""
    if isinstance(answer, dict) and "Error" in answer:
        return Lock(State(value="none", pointer=pointer("object_lock", "Error", "Code")))
    inner = answer.get("ObjectLockConfiguration") if isinstance(answer, dict) else None
    default = read(_Lock, inner, f"aws s3:GetObjectLockConfiguration (Bucket {bucket})").rule.default
    endless = default.event_hold is not None
    if default.mode is None:
        return Lock(State(value="none", pointer=pointer("object_lock")), endless=endless)
    return Lock(State(value=default.mode, pointer=pointer(*INNER, "Mode")), _period(default, at), endless)


def _period(default: _Default, at: datetime) -> Number | None:
    if default.days:
        return Number(value=default.days, unit="days", pointer=pointer(*INNER, "Days"))
    if default.years:
        days = (_years_on(at.date(), default.years) - at.date()).days
        return Number(value=days, unit="days", origin=Origin.CODE)
    return None


def _years_on(day: date, years: int) -> date:
    """The same day so many calendar years on; 28 February for a leap day, the shorter of the two readings."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
