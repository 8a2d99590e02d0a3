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

    def has(self, key: Hashable) -> bool:
        """Is it known already what `key` names?"""
        return key in self._known

    def hold(self, key: Hashable, made: object) -> None:
        """What this run made itself and put under that key: it is on the disk, and need not be read back from there."""
        self._known.setdefault(key, made)

    def forget(self) -> None:
        """The run is over. LangGraph leaves knots that only the search for garbage undoes: this waits for none."""
        self._known.clear()


@dataclass
class Forgetful(Recall):
    """Outside a run everything is read, and its digest checked, each time."""

    def once(self, key: Hashable, read: Callable[[], T]) -> T:
        return read()

    def hold(self, key: Hashable, made: object) -> None:
        pass
