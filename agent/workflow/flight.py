"""Single flight: a question that is already under way in this process is waited for, not asked once more."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

Question = tuple[str, str]  # the request's key, the identity it is asked as


@dataclass(eq=False)
class Flight:
    """A question under way since `began`. It lands with the digest of the answer, or None when it was not asked."""

    began: datetime
    landed: Future[str | None] = field(default_factory=Future)


@dataclass
class Flights:
    """What is under way in this process. Hand the same object to all reviews that may run at once. Thread-safe."""

    _under_way: dict[Question, Flight] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def taking(self, who: str, since: Mapping[str, datetime], now: datetime) -> Iterator[Taken]:
        """For each key a flight of ours, to be landed inside, or another's that began at its `since` or later.

        An older one may have seen what has been put right meanwhile, so it is not joined. One that is may rest on calls
        made before it began: when its evidence was collected is for whoever joined it to see.
        """
        own, others = dict[str, Flight](), dict[str, Flight]()
        with self._lock:
            for key, earliest in since.items():
                flight = self._under_way.get((key, who))
                if flight and flight.began >= earliest:
                    others[key] = flight
                else:
                    own[key] = self._under_way[key, who] = Flight(now)
        try:
            yield Taken(own, others)
        finally:
            self._end(who, own)

    def _end(self, who: str, own: Mapping[str, Flight]) -> None:
        with self._lock:
            for key, flight in own.items():
                if self._under_way.get((key, who)) is flight:
                    del self._under_way[key, who]
        for flight in own.values():
            if not flight.landed.done():
                flight.landed.set_result(None)


@dataclass(frozen=True)
class Taken:
    """`own` keys are ours to answer; `others` are waited for, which must come after our own have landed."""

    own: Mapping[str, Flight]
    others: Mapping[str, Flight]

    def land(self, kept: Mapping[str, str]) -> None:
        """The digests of answers that were asked for now and are kept."""
        for key in kept.keys() & self.own.keys():
            self.own[key].landed.set_result(kept[key])

    def joined(self) -> dict[str, str]:
        """The digests that the others' flights brought; without those that asked nothing after all."""
        waited = {key: flight.landed.result() for key, flight in self.others.items()}
        return {key: digest for key, digest in waited.items() if digest is not None}
