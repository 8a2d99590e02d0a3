"""While the page is served: people are told what waits for them, and reports that are due are written, on their own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.service.finishing import finish
from agent.service.outbox import deliver
from agent.store.database import SQLAlchemyError
from agent.surfaces.rounds import noted, rounds

EVERY = 30.0  # seconds


@contextmanager
def at_work(deps: Deps, every: float = EVERY) -> Iterator[None]:
    """A thread of its own, for as long as the page is served: nobody on a page runs the commands that deliver."""
    with rounds(lambda: one_round(deps), every, noted(deps, "messages and reports that are due")):
        yield


def one_round(deps: Deps) -> None:
    """What is for the console stays in the outbox: nobody reads this one."""
    log = logging.getLogger("clearance")
    try:
        said = [*finish(deps), *deliver(deps, seen=False).failed]
    except ClearanceError as error:
        said = [str(error)]
    except (SQLAlchemyError, OSError) as error:  # store or disk may be back in the next round
        said = [f"what is due could not be looked after ({type(error).__name__}); it is tried again"]
    for sentence in said:
        log.warning("%s", sentence)
