"""When a question for many was not answered: may less be asked at once, and for how long is that worth trying? Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from collectors.errors import Gone, Malformed, SourceError, Unreachable

TURNS = 3  # time-outs: one subject of five hundred that never answers takes two more of them to be found


class Unanswered(Unreachable):
    """The source was reached and gave no whole answer in time: perhaps too much was asked at once."""


@dataclass
class Patience:
    """One batch's. `seconds` begin with its first question that was not answered; `now` in seconds, monotonic."""

    seconds: float
    now: Callable[[], float]
    _until: float | None = None

    def less(self, failure: SourceError) -> bool:
        """May one of several have spoilt this answer? Not where the credential is refused or nobody listens."""
        if isinstance(failure, Malformed | Gone):
            return True
        if not isinstance(failure, Unanswered) and (failure.status or 0) < 500:
            return False
        if self._until is None:
            self._until = self.now() + self.seconds
        return True

    @property
    def lasts(self) -> bool:
        """Is there time left to ask for less?"""
        return self._until is None or self.now() < self._until


def out_of_patience(failure: SourceError) -> SourceError:
    """The failure of a question for many, as that of one of them that was not asked alone any more."""
    told = f"{failure.what}; it was asked together with others, and there was no time left to ask for it alone"
    return type(failure)(told, scope=failure.scope, status=failure.status, advice=failure.next_step)
