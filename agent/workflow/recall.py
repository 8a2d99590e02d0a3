"""What one run has read back from the locker: nodes share it instead of reading, checking and parsing it again each."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class Recall:
    """Belongs to one run of one review and is forgotten with it. Thread-safe: two may read the same thing at once."""

    _known: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, read: Callable[[], T]) -> T:
        """What `key` names, read the first time. Never hand it what could change: the key is a digest, or a reading
        of several.
        """
        if key not in self._known:
            self._known[key] = read()
        found: T = self._known[key]
        return found


@dataclass
class Forgetful(Recall):
    """Outside a run everything is read, and its digest checked, each time."""

    def once(self, key: Hashable, read: Callable[[], T]) -> T:
        return read()
