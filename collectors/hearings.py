"""What people stated about a subject, read once for all questions of one run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.errors import SourceError, Unreachable
from collectors.sharing import BROKE_OFF

if TYPE_CHECKING:
    from collectors.attestation_files import Heard

Key = tuple[str, str]


@dataclass(eq=False)
class Hearings:
    """By subject and version. Thread-safe: types are asked side by side, and who comes meanwhile waits for the reading.

    What cannot be read is so for all who waited, and is tried again by whoever comes afterwards.
    """

    _known: dict[Key, Future[Heard | SourceError]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, subject: str, version: str, hear: Callable[[], Heard]) -> Heard:
        key: Key = (subject, version)
        with self._lock:
            ours = key not in self._known
            coming = self._known.setdefault(key, Future())
        if ours:
            self._read(key, coming, hear)
        came = coming.result()
        if isinstance(came, SourceError):
            raise came
        return came

    def _read(self, key: Key, coming: Future[Heard | SourceError], hear: Callable[[], Heard]) -> None:
        came: Heard | SourceError = Unreachable(BROKE_OFF)  # where a crash of ours ends it
        try:
            came = hear()
        except SourceError as failure:
            came = failure
        finally:
            if isinstance(came, SourceError):
                with self._lock:
                    del self._known[key]
            coming.set_result(came)
