"""What was asked of a source, in order: it stands on the evidence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from collectors.evidence import Call


@dataclass
class CallLog:
    """Every call made for one batch, in order; thread-safe. `observe` hears each as it happens."""

    vendor: str
    observe: Callable[[str, Call], None] | None = None
    calls: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)
        if self.observe:
            self.observe(self.vendor, call)
