"""What several collectors of one run need of a source: asked once, by whoever comes first, and shared with the others.

A run is the asking of one sweep, or of one review. `Connections.sharing` is made for it and ends with it, so that no
call is shared between reviews. Evidence is, and says when the oldest call was made that it rests on: that is what
"check again" counts from, be it found in the locker or brought by a flight that was joined. Only a whole answer is
kept, for a short time. Whoever comes
while it is under way waits for it and gets what came: a failure too, which nobody gets who comes afterwards.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from collectors.call_log import CallLog
from collectors.errors import SourceError, Unreachable
from collectors.evidence import Call

FOR = 60.0  # seconds from when it was asked
BROKE_OFF = "another part of this run was asking the same, and broke off"
T = TypeVar("T")


@dataclass(frozen=True)
class Came(Generic[T]):
    """What came of a question that was asked `at`, and the calls it took."""

    calls: tuple[Call, ...]
    at: datetime
    value: T | None = None
    failure: SourceError | None = None


@dataclass(eq=False)
class _Flight:
    until: float
    landed: Future[Came[Any]] = field(default_factory=Future)


@dataclass
class Sharing:
    """The answers of one run. Thread-safe. `now` in seconds, of any origin."""

    now: Callable[[], float] = time.monotonic
    _flights: dict[Hashable, _Flight] = field(default_factory=dict)
    _given_up: set[Hashable] = field(default_factory=set)
    _made: dict[Hashable, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _making: threading.Lock = field(default_factory=threading.Lock)

    def made(self, key: Hashable, make: Callable[[], T]) -> T:
        """What this run needs to ask with, and is no answer: made by whoever comes first."""
        with self._making:
            if key not in self._made:
                self._made[key] = make()
            return cast(T, self._made[key])

    def give_up(self, key: Hashable) -> None:
        """For the rest of this run nobody tries again to share what `key` names."""
        with self._lock:
            self._given_up.add(key)

    def gave_up(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._given_up

    def once(
        self, key: Hashable, ask: Callable[[], T], log: CallLog, calls: list[Call], at: datetime, keep: float = FOR
    ) -> T:  # fmt: skip
        """What `ask` gives, or what it gave another who asked the same up to `keep` seconds ago.

        `key` says who is asked, as whom, and exactly what. `calls` is where `ask` leaves its calls: those that it took
        are put there for whoever did not make them, and nobody hears of them twice. `log` notes that they were made at
        `at`, or earlier.
        """
        flight, ours = self._boarded(key, keep)
        if ours:
            self._fly(key, flight, ask, calls, at)
        came: Came[T] = flight.landed.result()
        if not ours:
            calls.extend(came.calls)
        log.note(came.calls, came.at)
        if came.failure:
            raise came.failure
        return cast(T, came.value)

    def _boarded(self, key: Hashable, keep: float) -> tuple[_Flight, bool]:
        """The flight that answers, and whether it is ours to make."""
        with self._lock:
            now = self.now()
            for old in [k for k, one in self._flights.items() if one.landed.done() and one.until < now]:
                del self._flights[old]
            held = self._flights.get(key)
            if held:
                return held, False
            own = self._flights[key] = _Flight(now + keep)
            return own, True

    def _fly(self, key: Hashable, flight: _Flight, ask: Callable[[], T], calls: list[Call], at: datetime) -> None:
        mark = len(calls)
        came: Came[T] = Came((), at, failure=Unreachable(BROKE_OFF))  # where a crash of ours ends it
        try:
            value = ask()
            came = Came(tuple(calls[mark:]), at, value)
        except SourceError as failure:
            came = Came(tuple(calls[mark:]), at, failure=failure)
        finally:
            if came.failure:
                with self._lock:
                    del self._flights[key]
            flight.landed.set_result(came)
