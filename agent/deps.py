"""Everything a review needs from outside, passed in: clock, connections, store, model, configuration."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agent.clock import Clock
from agent.holder import new_holder
from agent.outputs.publish_s3 import Bucket
from agent.outputs.telling.channel import Channels
from agent.settings import Settings
from agent.signing.house import House
from agent.store.decisions import Decisions
from agent.store.locker import Locker
from agent.store.registry import Registry
from agent.store.reviews import Reviews
from agent.workflow.flight import Flights
from agent.workflow.recall import Forgetful, Recall
from collectors.connections import Connections
from collectors.evidence import Call

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from agent.configuration import Configuration
    from agent.drafting.budget import Budget
    from agent.drafting.model import Model
    from agent.workflow.graph import Graph


@dataclass
class Meter:
    """Counts calls by vendor as they go out; thread-safe."""

    calls: Counter[str] = field(default_factory=Counter)
    reused: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def observe(self, vendor: str, call: Call) -> None:
        with self._lock:
            self.calls[vendor] += 1

    def reuse(self, count: int) -> None:
        with self._lock:
            self.reused += count


Progress = Callable[[str, str], None]


@dataclass(frozen=True)
class Deps:
    """`progress` hears (step, sentence) while a review runs; `holder`, this process in leases; `lease`, the one under
    which this piece of work is done, "" outside one: effects are refused when somebody else has taken it.

    `model` writes where anything is open, `model_when_met` (None = the same) where nothing is; `budgets` of tokens are
    those that reviews share, as a sweep's; `graph`, the open graph that they share, None = each opens its own.
    """

    settings: Settings
    clock: Clock
    connections: Connections
    configuration: Configuration
    engine: Engine
    locker: Locker
    reviews: Reviews
    registry: Registry
    decisions: Decisions
    model: Model | None
    meter: Meter
    reports: Path
    house: House
    reader: Model | None = None
    progress: Progress = lambda step, sentence: None
    holder: str = field(default_factory=new_holder)
    lease: str = ""
    channels: Channels = field(default_factory=Channels)
    published_to: Path | Bucket | None = None
    flights: Flights = field(default_factory=Flights)
    recall: Recall = field(default_factory=Forgetful)
    model_when_met: Model | None = None
    budgets: tuple[Budget, ...] = ()
    graph: Graph | None = None
