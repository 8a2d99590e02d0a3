"""Work done beside something else: on one machine with SQLite nobody needs a second process for what is ordered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from agent.deps import Deps
from agent.service.working import Pace, embedded

PACE = Pace(jobs=2, grace=5)


@contextmanager
def at_work(deps: Deps, pace: Pace = PACE) -> Iterator[None]:
    """Take jobs of the table in threads of this process, beside any worker; with PostgreSQL only workers do."""
    if deps.engine.dialect.name != "sqlite":
        logging.getLogger("clearance").info("what is ordered here is done by `clearance worker`")
        yield
        return
    stop = threading.Event()
    taking = threading.Thread(target=lambda: embedded.run(deps, pace, stop, _unheard), name="lanes", daemon=True)
    taking.start()
    try:
        yield
    finally:
        stop.set()
        taking.join(pace.grace + 5)


def _unheard(sentence: str) -> None:
    """Whoever asked is told in chat; the console has the page's lines."""
