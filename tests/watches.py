"""A watch for tests of waiting."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Wrist:
    """A watch that only goes on while somebody sleeps."""

    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
