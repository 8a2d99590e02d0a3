"""A worker: takes jobs until it is told to stop, orders the sweeps that are due by schedule, and says how it goes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.service import own_switch, scheduling
from agent.service.working import embedded
from agent.service.working.pace import Pace
from agent.store import jobs
from agent.store.database import SQLAlchemyError

Say = Callable[[str], None]


def work(deps: Deps, pace: Pace, stop: threading.Event, say: Say, *, until_idle: bool = False) -> None:
    """Until `stop` is set, or with `until_idle` until nothing runs and nothing that is due is queued.

    What runs then has the pace's grace to end; what does not is given back.
    """
    taking = threading.Thread(target=_lanes, args=(deps, pace, stop), name="lanes", daemon=True)
    clock = scheduling.Clockwork(deps)
    clock.round(say)  # before anything is taken: what is due by schedule counts as queued
    taking.start()
    waited = 0.0
    while not stop.wait(pace.poll):
        waited += pace.poll
        if waited >= pace.ticks:
            waited = 0.0
            clock.round(say)
        if until_idle and _idle(deps):
            stop.set()
    taking.join(pace.grace + 10)


def _lanes(deps: Deps, pace: Pace, stop: threading.Event) -> None:
    if deps.engine.dialect.name == "postgresql":
        from agent.service.working import fleet

        fleet.run(deps, pace, stop)
    else:
        embedded.run(deps, pace, stop)


def _idle(deps: Deps) -> bool:
    try:
        left, now = jobs.unfinished(deps.engine), deps.clock()
    except (ClearanceError, SQLAlchemyError) as error:
        logging.getLogger("clearance").warning("what is queued could not be read: %s", error)
        return False
    due = own_switch.of(deps).on  # while it is off nothing that is due is taken
    return not any(job.state == "running" or (due and job.due_at <= now) for job in left)
