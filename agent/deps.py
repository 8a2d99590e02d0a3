"""Everything a review needs from outside, passed in: clock, connections, store, model, configuration."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agent.clock import Clock
from agent.settings import Settings
from agent.store.decisions import Decisions
from agent.store.locker import Locker
from agent.store.registry import Registry
from agent.store.reviews import Reviews
from agent.workflow.flight import Flights
from collectors.connections import Connections
from collectors.evidence import Call

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from agent.configuration import Configuration
    from agent.drafting.budget import Budget
    from agent.drafting.model import Model


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


def new_holder() -> str:
    """This process as leases name it, with a part of its own for each set of dependencies in it."""
    return f"{socket.gethostname()}:{os.getpid()}:{process_start(os.getpid())}:{secrets.token_hex(4)}"


Progress = Callable[[str, str], None]


@dataclass(frozen=True)
class Deps:
    """`progress` hears (step, sentence) while a review runs; `holder`, this process in leases.

    `model` writes where anything is open, `model_when_met` (None = the same) where nothing is; `budgets` of tokens are
    those that reviews share, as a sweep's.
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
    reader: Model | None = None
    progress: Progress = lambda step, sentence: None
    holder: str = field(default_factory=new_holder)
    flights: Flights = field(default_factory=Flights)
    model_when_met: Model | None = None
    budgets: tuple[Budget, ...] = ()


def process_start(pid: int) -> str:
    """When a process of this machine began, in the machine's ticks, so that a reused number is not taken for it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return ""


def is_dead(holder: str) -> bool:
    """Is the holder a process of this machine that is gone? Other machines' are never taken for dead."""
    host, pid, started, _ = [*holder.split(":"), "", "", ""][:4]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return bool(started) and process_start(int(pid)) != started
