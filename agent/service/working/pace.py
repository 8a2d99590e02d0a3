"""How many things a worker does at once, and how long it waits for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

KINDS = ("assess", "sweep")


@dataclass(frozen=True)
class Pace:
    """All in seconds but `lanes_`. `grace`: for what runs when the worker is told to stop; `heartbeat`: how often it
    tells PostgreSQL that it lives; `silent`: after how long without one it is taken for dead."""

    jobs: int = 4
    poll: float = 0.5
    again: float = 2.0
    grace: float = 20.0
    heartbeat: float = 5.0
    silent: float = 30.0
    ticks: float = 5.0

    def lanes(self) -> list[Sequence[str]]:
        """The kinds of each lane: a sweep of hours takes one, so that nobody who asks in chat waits for it."""
        return [KINDS, *[KINDS[:1]] * (self.jobs - 1)]
