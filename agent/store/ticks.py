"""Which instants of which schedule are done: a row each, so that no two workers sweep for the same one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update

from agent.store import jobs
from agent.store.database import stamp, writing
from agent.store.jobs import Work
from agent.store.once import insert_once
from agent.store.schema import ticks

NONE = 0  # the job of a tick that was passed over
AHEAD = timedelta(hours=1)  # by which the clocks of workers differ at most


def take(engine: Engine, schedule: str, tick: datetime, order: Work, now: datetime) -> int | None:
    """Put the order of a tick, once; its job, or None where that tick is done or another worker was first.

    The first tick that is ever seen of a schedule is passed over: it was there before the schedule was. What a clock
    that was wrong noted far ahead counts for nothing, or no sweep would come before that day.
    """
    row = {"schedule": schedule, "tick": stamp(tick), "job": NONE}
    mine = (ticks.c.schedule == schedule, ticks.c.tick == stamp(tick))
    with writing(engine) as connection:
        known = select(ticks.c.tick).where(ticks.c.schedule == schedule, ticks.c.tick <= stamp(now + AHEAD))
        if connection.execute(known.where(ticks.c.tick >= stamp(tick))).first() is not None:
            return None
        first = connection.execute(known).first() is None
        if not insert_once(connection, ticks, row) or first:
            return None
        job, _ = jobs.put_in(connection, order, now)
        connection.execute(update(ticks).where(*mine).values(job=job))
    return job
