"""Why a source could not answer. Collectors raise these inside and answer with a Gap outside.

SourceError
├── Denied         401, 402, 403: the credential is refused or lacks a permission
├── Throttled      429 after the bounded retries
├── Unreachable    connection refused, time-out, cut connection, 5xx
├── Gone           404: the object named on the card does not exist, or may not be seen
├── Malformed      an answer that is not what the contract says
├── Truncated      a list that could not be read to its end
├── NotConfigured  no setting for this source
└── Blind          the source answered, and cannot know (retention too short, feature off)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from typing import Self

from collectors.evidence import Call, Gap, GapReason, Request, Source

PLAN = "The account's plan or settings lack this feature: turn it on, or name another source on the card."


class SourceError(Exception):
    """One source did not answer one question. `rests_on`: the calls that it rests on and another question made."""

    reason: GapReason = GapReason.MALFORMED
    advice: str = "Look at the source's own status page, then check this item again."
    rests_on: tuple[Call, ...] = ()

    def __init__(self, what: str, *, scope: str = "", status: int | None = None, advice: str = "") -> None:
        super().__init__(what)
        self.what, self.scope, self.status = what, scope, status
        self.next_step = advice or self.advice

    def gap(self, ask: Request, source: Source, at: datetime, calls: Iterable[Call] = ()) -> Gap:
        """This failure as the answer to `ask`, which took these calls itself."""
        cited = {id(call): call for call in (*self.rests_on, *calls)}
        return Gap(
            request_type=ask.type, params=ask.params(), source=source, at=at, reason=self.reason, what=self.what,
            next_step=self.next_step, scope=self.scope, status=self.status, calls=tuple(cited.values()),
        )  # fmt: skip

    def resting_on(self, calls: Iterable[Call]) -> Self:
        """The same failure for one of the questions that share it: a copy, since the others may rest on other calls."""
        told = copy(self)
        told.rests_on = (*self.rests_on, *calls)
        return told


@contextmanager
def resting_on(calls: Iterable[Call]) -> Iterator[None]:
    """A failure within rests on these calls, which were made for several questions."""
    try:
        yield
    except SourceError as failure:
        raise failure.resting_on(calls) from failure


class Denied(SourceError):
    reason = GapReason.DENIED
    advice = "Check the credential and grant it the scope named, then check this item again."


class Throttled(SourceError):
    reason = GapReason.THROTTLED
    advice = "Wait until the source's limit resets, then check this item again."


class Unreachable(SourceError):
    reason = GapReason.UNREACHABLE
    advice = "Check the network and the source's status page, then check this item again."


class Gone(SourceError):
    reason = GapReason.GONE
    advice = "Check the name or id on the card, and that the credential may see it."


class Malformed(SourceError):
    reason = GapReason.MALFORMED
    advice = "Check the item again; if it stays, the source's contract has changed and the collector needs a look."


class Truncated(SourceError):
    reason = GapReason.TRUNCATED
    advice = "Check the item again; if it stays, narrow the window or the query on the card."


class NotConfigured(SourceError):
    reason = GapReason.NOT_CONFIGURED
    advice = "Set the source's credentials (`clearance doctor` lists them), then check this item again."


class Blind(SourceError):
    reason = GapReason.BLIND
    advice = "The source cannot know this; let a person state it where the item allows that."


def from_status(status: int, what: str, *, scope: str = "") -> SourceError:
    """The failure that an HTTP status stands for; `what` names source, method and path."""
    told = f"{what} answered {status}"
    if status == 402:
        beyond = f"; beyond {scope} it needs a feature of the account that is off" if scope else ""
        return Denied(told + beyond, scope=scope, status=status, advice=PLAN)
    if status in (401, 403):
        return Denied(told + (f"; it needs {scope}" if scope else ""), scope=scope, status=status)
    if status == 404:
        return Gone(told, status=status)
    if status == 429:
        return Throttled(told, status=status)
    if status == 408 or status >= 500:
        return Unreachable(told, status=status)
    return Malformed(told, status=status)
