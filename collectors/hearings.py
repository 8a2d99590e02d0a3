"""What people stated about a subject, read once for all questions of one run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collectors.attestation_files import Heard


@dataclass(eq=False)
class Hearings:
    """By subject and version. Thread-safe; what cannot be read is tried again by the next who asks."""

    _known: dict[tuple[str, str], Heard] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, subject: str, version: str, hear: Callable[[], Heard]) -> Heard:
        with self._lock:  # types are asked side by side: whoever comes meanwhile waits for the reading
            if (subject, version) not in self._known:
                self._known[subject, version] = hear()
            return self._known[subject, version]
