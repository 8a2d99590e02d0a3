"""Single flight: a question that is already under way in this process is waited for, not asked once more."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

Question = tuple[str, str]  # the request's key, the identity it is asked as


@dataclass(eq=False, slots=True)
class Flight:
    """A question under way since `began`. It lands with the digest of the answer, or None when it was not asked.

    Small, since a sweep has ten thousand under way: what is waited on is one for all of them.
    """

    began: datetime
    landed: bool = False
    digest: str | None = None

    def land(self, digest: str | None) -> None:
        self.landed, self.digest = True, digest


@dataclass
class Flights:
    """What is under way in this process. Hand the same object to all reviews that may run at once. Thread-safe."""

    _under_way: dict[Question, Flight] = field(default_factory=dict)
    _landing: threading.Condition = field(default_factory=threading.Condition)  # held for every look and change

    @contextmanager
    def taking(self, who: str, since: Mapping[str, datetime], now: datetime) -> Iterator[Taken]:
        """For each key a flight of ours, to be landed inside, or another's that began at its `since` or later.

        An older one may have seen what has been put right meanwhile, so it is not joined. One that is may rest on calls
        made before it began: when its evidence was collected is for whoever joined it to see.
        """
        own, others = dict[str, Flight](), dict[str, Flight]()
        try:
            with self._landing:
                for key, earliest in since.items():
                    flight = self._under_way.get((key, who))
                    if flight and flight.began >= earliest:
                        others[key] = flight
                    else:
                        own[key] = self._under_way[key, who] = Flight(now)
            yield Taken(own, others, self._landing)
        finally:
            self._end(who, own)

    def _end(self, who: str, own: Mapping[str, Flight]) -> None:
        with self._landing:
            for key, flight in own.items():
                if self._under_way.get((key, who)) is flight:
                    del self._under_way[key, who]
                if not flight.landed:
                    flight.land(None)
            self._landing.notify_all()


@dataclass(frozen=True)
class Taken:
    """`own` keys are ours to answer; `others` are waited for, which must come after our own have landed."""

    own: Mapping[str, Flight]
    others: Mapping[str, Flight]
    _landing: threading.Condition

    def land(self, kept: Mapping[str, str]) -> None:
        """The digests of answers that were asked for now and are kept."""
        with self._landing:
            for key in kept.keys() & self.own.keys():
                self.own[key].land(kept[key])
            self._landing.notify_all()

    def joined(self) -> dict[str, str]:
        """The digests that the others' flights brought; without those that asked nothing after all."""
        with self._landing:
            for flight in self.others.values():
                while not flight.landed:
                    self._landing.wait()
        return {key: flight.digest for key, flight in self.others.items() if flight.digest is not None}
