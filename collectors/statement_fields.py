"""What each kind of statement has to say in its `fields`: closed models, one a kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    FiniteFloat,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
    model_validator,
)

from collectors.evidence import Model


def _instant(value: object) -> object:
    """Only written-out instants: a bare number would be read as seconds since 1970 and pass as long ago."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value):
        return value
    raise ValueError("write an instant with its zone, for example 2026-06-12T09:00:00-04:00")


def _reckonable(value: datetime) -> datetime:
    """At the ends of the calendar an instant has no date in other zones, and nobody could be shown it."""
    if not 1970 <= value.year < 3000:
        raise ValueError("the year must be one between 1970 and 2999")
    return value


Line = Annotated[StrictStr, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Id = Annotated[StrictStr, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")]
Digest = Annotated[StrictStr, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Moment = Annotated[AwareDatetime, AfterValidator(_reckonable)]
Instant = Annotated[Moment, BeforeValidator(_instant)]
Seconds = Annotated[FiniteFloat, Field(strict=True, ge=0)]
Count = Annotated[StrictInt, Field(ge=0)]
Reason = Annotated[StrictStr, StringConstraints(min_length=1, max_length=2000, pattern=r"\S")]


class WatcherFields(Model):
    """`when` in the person's words: "daily at 09:00"."""

    person: Id
    when: Line


class WatchFields(Model):
    dashboard: Line
    watchers: tuple[WatcherFields, ...] = Field(min_length=1)


class AnswerFields(Model):
    """`question`: kill, failure_modes, logs or another; `asked` as it was put; `answer` stays in the evidence body."""

    question: Id
    asked: Line
    answer: StrictStr = Field(min_length=1, max_length=4000)


class QuizFields(Model):
    """By the answerer. `runbook`: digest of the text that the answers are about."""

    runbook: Digest
    answers: tuple[AnswerFields, ...] = Field(min_length=1)


class QuizMarkFields(Model):
    """By the marker. `quiz`: digest of the statement that is marked."""

    quiz: Digest
    marks: dict[Id, Literal["passed", "failed"]] = Field(min_length=1)


class DrillFields(Model):
    """None = not recorded. `in_flight_at_flip` counts runs; `time_to_stop_s` in seconds from the flip."""

    flag_off_at: Instant
    flag_on_at: Instant
    in_flight_at_flip: Count | None = None
    in_flight_outcome: Line | None = None
    new_work: Line | None = None
    time_to_stop_s: Seconds | None = None
    performed_by: Id
    observed_by: Id | None = None


class CommsFields(Model):
    id: Id
    drafted: StrictBool
    scheduled_at: Instant | None = None
    audience: Line | None = None


class RetentionFields(Model):
    """`where`: the system and place where the author read `kept_days`.

    `project`: the vendor's name of the project it was read of; without it, it stands in for no project of the card.
    """

    log: Id
    kept_days: Count
    where: Line
    project: Line | None = None


class ConfirmedFields(Model):
    """A whole sentence or list line, and the line of the document on which it begins."""

    line: Annotated[StrictInt, Field(ge=1)]
    text: StrictStr = Field(min_length=1, max_length=2000)


class QuotesFields(Model):
    """By whoever read the document: what in it says so. `digest` is that of the document which they read."""

    document: Line
    digest: Digest
    quotes: tuple[ConfirmedFields, ...] = Field(min_length=1, max_length=40)


class OpenItemFields(Model):
    """`gate`: whose item it is; those of before there were several gates name none."""

    item: Count
    gate: Id | None = None
    missing: StrictStr = Field(min_length=1, max_length=2000)
    owner: Id
    due: Instant


class WaiverFields(Model):
    """The author approves; `requested_by` asked for it. `gate` as in an open item."""

    item: Count
    gate: Id | None = None
    reason: StrictStr = Field(min_length=1, max_length=2000)
    requested_by: Id
    compensating: StrictStr = Field(min_length=1, max_length=2000)
    expires: Instant


class BoxFields(Model):
    """One box. What is not a yes needs a note that says why. `confidence` in percent, where the box asks for it."""

    says: Literal["yes", "no", "not_applicable"]
    note: Line | None = None
    confidence: Annotated[StrictInt, Field(ge=0, le=100)] | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.says != "yes" and self.note is None:
            raise ValueError(f"{self.says} needs a note that says why")
        return self


class AnswersFields(Model):
    """What one person answers of one part (square, category) of a gate's boxes, by the item's id."""

    gate: Id
    part: Id
    boxes: dict[Id, BoxFields] = Field(min_length=1)


class NotApplicableFields(Model):
    """The author approves that items (by number) do not apply, each with its reason; `requested_by` asked for it.

    `applies` takes earlier approvals back.
    """

    gate: Id
    requested_by: Id
    items: dict[Annotated[StrictStr, StringConstraints(pattern=r"^[1-9]\d{0,3}$")], Reason] = {}
    applies: tuple[Count, ...] = ()


class DebtRowFields(Model):
    """`what` was left undone; `why` it may be, for the business; `plan` how and `until` when it is paid back."""

    what: Line
    kind: Literal["features", "code", "performance", "documentation"]
    touches: Literal["users", "security", "performance", "maintainability", "data", "scalability"]
    stands: Literal["strategic", "unacceptable"]
    why: Reason
    plan: Reason
    until: date | None = None


class DebtFields(Model):
    """The whole list, which takes the place of the one before; an empty one says that there is no debt."""

    gate: Id
    debts: tuple[DebtRowFields, ...] = Field(max_length=200)


class FailedFields(Model):
    """A scenario that failed, and why that is no obstacle."""

    what: Line
    why: Reason


class TestsFields(Model):
    """How many test scenarios passed, of how many, and `where`: the version and place they ran in."""

    __test__: ClassVar[bool] = False  # no test of pytest's

    passed: Count
    of: Count
    where: Line
    failed: tuple[FailedFields, ...] = ()

    @model_validator(mode="after")
    def _of_them(self) -> Self:
        if self.passed > self.of:
            raise ValueError("more passed than were run")
        return self


FIELDS: Mapping[str, type[Model]] = MappingProxyType({
    "watch": WatchFields, "quiz": QuizFields, "quiz_mark": QuizMarkFields, "drill": DrillFields, "comms": CommsFields,
    "retention": RetentionFields, "quotes": QuotesFields, "open_item": OpenItemFields, "waiver": WaiverFields,
    "answers": AnswersFields, "not_applicable": NotApplicableFields, "debt": DebtFields,
    "tests": TestsFields,
})  # fmt: skip
