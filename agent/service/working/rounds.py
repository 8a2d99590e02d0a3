"""A worker: takes jobs until it is told to stop, orders the sweeps that are due by schedule, and says how it goes."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.holder import is_dead
from agent.service import own_switch, scheduling
from agent.service.working import embedded
from agent.service.working.keeping_on import Say, kept_on
from agent.service.working.pace import Pace
from agent.store import jobs
from agent.store.database import SQLAlchemyError, stamp
from agent.store.jobs import JobRow


def work(deps: Deps, pace: Pace, stop: threading.Event, say: Say, *, until_idle: bool = False) -> int:
    """Until `stop` is set, or with `until_idle` until nothing runs and nothing that is due is queued.

    What runs then has the pace's grace to end; what does not is given back. Gives how many jobs that are due wait for
    Clearance to be switched on, where that is why it was idle.
    """
    taking = threading.Thread(target=_lanes, args=(deps, pace, stop, say), name="lanes", daemon=True)
    clock = scheduling.Clockwork(deps)
    clock.round(say)  # before anything is taken: what is due by schedule counts as queued
    taking.start()
    waited, held = 0.0, 0
    while not stop.wait(pace.poll):
        waited += pace.poll
        if waited >= pace.ticks:
            waited = 0.0
            clock.round(say)
        if until_idle and (left := _idle(deps)) is not None:
            held = left
            stop.set()
    taking.join(pace.grace + 10)
    return held


def _lanes(deps: Deps, pace: Pace, stop: threading.Event, say: Say) -> None:
    if deps.engine.dialect.name == "postgresql":
        kept_on(lambda: _from_the_queue(deps, pace, stop, say), stop, pace.again, say)
    else:
        embedded.run(deps, pace, stop, say)


def _from_the_queue(deps: Deps, pace: Pace, stop: threading.Event, say: Say) -> None:
    from agent.service.working import fleet

    fleet.run(deps, pace, stop, say)


def _idle(deps: Deps) -> int | None:
    """None while there is something to do; else how many that are due are not taken, since Clearance is off."""
    try:
        left, now = jobs.unfinished(deps.engine), deps.clock()
        at_work = [job.id for job in left if job.state == "running" and not _is_left(deps, job, now)]
        due = sum(job.due_at <= now for job in left)
        return None if at_work or (due and own_switch.of(deps).on) else due
    except (ClearanceError, SQLAlchemyError) as error:
        logging.getLogger("clearance").warning("what is queued could not be read: %s", error)
        return None


def _is_left(deps: Deps, job: JobRow, now: datetime) -> bool:
    """Was the worker killed that had it? While Clearance is off nobody takes it, and so nobody queues it again."""
    lapses = deps.engine.dialect.name != "postgresql"  # there the queue's own heartbeat tells, and no lease is renewed
    return is_dead(job.holder) or (lapses and job.lease_until < stamp(now))
