"""A place in front of a stand-in where calls meet: it shows whether they are under way side by side."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field

from collectors.sandbox.server import Asked, Reply, StandIn

LONG = 60.0  # seconds; whoever has met nobody by then was asked alone
LONGER = 90.0  # the time-out of who waits here


@dataclass
class Meeting:
    """Calls whose path matches are not answered before `meet` of them are under way at once; `most` ever were."""

    inner: StandIn
    path: str
    meet: int = 2
    most: int = 0
    _under_way: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _met: threading.Event = field(default_factory=threading.Event)

    def answer(self, asked: Asked) -> Reply:
        if not re.fullmatch(self.path, asked.path):
            return self.inner.answer(asked)
        with self._lock:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            if self.most >= self.meet:
                self._met.set()
        try:
            return self.inner.answer(asked) if self._met.wait(LONG) else Reply(503)
        finally:
            with self._lock:
                self._under_way -= 1
