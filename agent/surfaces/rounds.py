"""Something that is looked after again and again, beside what a process is there for."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.periods import utc
from agent.store import lines
from agent.store.database import SQLAlchemyError
from agent.store.lines import Line

LONGEST = 60.0  # seconds of pause, however often a round failed
FRESH = timedelta(minutes=5)  # what failed longer ago and not since is told no more: its process is gone


@dataclass
class _Walk:
    """`broken` counts the rounds in a row that ended as nobody expected; `note` gets a sentence, "" = all is well."""

    look: Callable[[], None]
    every: float
    note: Callable[[str], None]
    done: threading.Event = field(default_factory=threading.Event)
    broken: int = 0
    thread: threading.Thread | None = None

    def begin(self) -> None:
        thread = threading.Thread(target=self._walk, daemon=True)
        thread.start()
        self.thread = thread  # only now: whoever ends the rounds meanwhile cannot wait for one that has not begun

    def _walk(self) -> None:
        """What nobody expected is caught by nobody: it ends this thread as a logged incident, and another goes on."""
        try:
            while not self.done.wait(self._pause()):
                self.look()
                self._went()
                self.done.wait(self.every)
        finally:
            kind = sys.exc_info()[0]
            if kind is not None:
                self._failed(kind)

    def _pause(self) -> float:
        return min(self.every * 2 ** min(self.broken, 10), LONGEST) if self.broken else 0

    def _went(self) -> None:
        if self.broken:
            self.broken = 0
            self.note("")

    def _failed(self, kind: type[BaseException]) -> None:
        """Noted before another goes on, which may find that all is well."""
        self.broken += 1
        try:
            self.note(f"the last round ended in a way that nobody expected ({kind.__name__}); clearance.log has it")
        finally:
            self.begin()


@contextmanager
def rounds(look: Callable[[], None], every: float, note: Callable[[str], None] = lambda said: None) -> Iterator[None]:
    """`look` in a thread of its own, then after each `every` seconds; one that hangs keeps no process from ending.

    One that ends in a way that nobody expected ends no other: `note` hears of it, and the next comes after a longer
    pause.
    """
    walk = _Walk(look, every, note)
    walk.begin()
    try:
        yield
    finally:
        walk.done.set()
        if walk.thread is not None:
            walk.thread.join(timeout=1)


def noted(deps: Deps, what: str) -> Callable[[str], None]:
    """Notes in the store how the rounds of this process go that look after `what`, so that `doctor` says it."""
    host = socket.gethostname().replace(":", "_")[:40]
    holder = f"{lines.ROUNDS}{what}:{host}:{os.getpid()}"

    def note(trouble: str) -> None:
        try:
            lines.note(deps.engine, Line(holder, None, None, trouble, deps.clock()))
        except (ClearanceError, SQLAlchemyError, OSError) as error:  # the log has what happened all the same
            logging.getLogger("clearance").warning("how rounds go was not noted (%s)", type(error).__name__)

    return note


def troubles(deps: Deps) -> tuple[str, ...]:
    """What does not go round in some process now, each in a sentence."""
    known, now = lines.of_rounds(deps.engine), deps.clock()
    return tuple(
        f"{what}, in process {process} on {host}: {one.trouble} (at {utc(one.at)}; it is tried again)"
        for one in known
        if one.trouble and now - one.at <= FRESH
        for _, what, host, process in [one.holder.split(":")]
    )
