"""What was asked of a source, in order: it stands on the evidence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from collectors.evidence import Call


@dataclass
class CallLog:
    """Every call made for one batch; thread-safe. `observe` hears each as it happens.

    Where several questions are asked at a time each is asked `apart`: whoever looks at `calls` meanwhile sees those of
    its own question and no other's. `collectors.several` hands them on to whoever takes the answer.
    """

    vendor: str
    observe: Callable[[str, Call], None] | None = None
    _all: list[Call] = field(default_factory=list)
    _noted: dict[int, tuple[Call, datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _here: threading.local = field(default_factory=threading.local)

    @property
    def calls(self) -> list[Call]:
        """In order. The batch's own list, or within `apart` that of this question."""
        here: list[Call] | None = getattr(self._here, "calls", None)
        return self._all if here is None else here

    @contextmanager
    def apart(self) -> Iterator[list[Call]]:
        """The calls that this thread makes within, which nobody else sees; the batch does not hold them."""
        outer = getattr(self._here, "calls", None)
        own: list[Call] = []
        self._here.calls = own
        try:
            yield own
        finally:
            self._here.calls = outer

    def add(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)
        if self.observe:
            self.observe(self.vendor, call)

    def note(self, calls: Iterable[Call], at: datetime) -> None:
        """These calls were made at `at`, for several answers: whichever cites one is no younger.

        What was noted of a call already stays.
        """
        with self._lock:
            for call in calls:
                self._noted.setdefault(id(call), (call, at))

    def collected(self, calls: Iterable[Call], now: datetime) -> datetime:
        """When an answer was collected that is sealed `now` and cites these calls: when the first shared one was."""
        with self._lock:
            return min([now, *(self._noted[id(call)][1] for call in calls if id(call) in self._noted)])
