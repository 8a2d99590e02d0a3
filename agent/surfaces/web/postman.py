"""While the page is served: people are told what waits for them, and reports that are due are written, on their own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.service.finishing import finish
from agent.service.outbox import deliver

EVERY = 30.0  # seconds


@contextmanager
def at_work(deps: Deps, every: float = EVERY) -> Iterator[None]:
    """A thread of its own, for as long as the page is served: nobody on a page runs the commands that deliver."""
    done = threading.Event()

    def rounds() -> None:
        while not done.is_set():
            one_round(deps)
            done.wait(every)

    walking = threading.Thread(target=rounds, daemon=True)
    walking.start()
    try:
        yield
    finally:
        done.set()
        walking.join(timeout=1)  # a notifier that hangs does not keep the page from ending


def one_round(deps: Deps) -> None:
    """What is for the console stays in the outbox: nobody reads this one."""
    log = logging.getLogger("clearance")
    try:
        said = [*finish(deps), *deliver(deps, seen=False).failed]
    except ClearanceError as error:
        said = [str(error)]
    for sentence in said:
        log.warning("%s", sentence)
