"""Use case: order the sweeps whose time has come. One tick, one sweep, however many workers look at the clock."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from agent import schedules
from agent.configuration import Configuration
from agent.deps import Deps
from agent.errors import ClearanceError, ConfigError
from agent.schedules import Schedule
from agent.service.orders import OrderedSweep
from agent.service.sweep_order import SweepOrder
from agent.store import ticks
from agent.store.database import SQLAlchemyError

Say = Callable[[str], None]


def declared(known: Configuration) -> tuple[Schedule, ...]:
    """What schedules.yaml of the overlay declares. A ConfigError names every mistake with line and key."""
    if known.overlay is None:
        return ()
    return schedules.load(known.overlay / schedules.FILE, known.gate_paths(), known.card_paths())


def order_of(schedule: Schedule, tick: datetime) -> OrderedSweep:
    sweep = SweepOrder(
        gates=schedule.gates, due_within=schedule.due_within, everything=schedule.everything,
        only_changed=schedule.only_changed, subjects=schedule.subjects, batch=schedule.batch, by=schedule.id,
    )  # fmt: skip
    return OrderedSweep(sweep=sweep, schedule=schedule.id, tick=tick)


def due(deps: Deps, known: tuple[Schedule, ...]) -> list[str]:
    """Order what is due, and say so.

    Of ticks that were missed while no worker ran, only the newest is swept. A schedule that is seen for the first time,
    or whose time was changed, begins with its next tick.
    """
    said, now = [], deps.clock()
    for one in known:
        tick = one.last(now)
        job = ticks.take(deps.engine, one.key, tick, order_of(one, tick), now)
        if job is not None:
            said.append(f"{one.id}: the sweep of {', '.join(one.gates)} for {tick:%Y-%m-%d %H:%M} UTC is job {job}")
    return said


class Clockwork:
    """Looks at the schedules again and again. A file that became wrong is told once; what it said before counts on."""

    def __init__(self, deps: Deps) -> None:
        """Raises the ConfigError of a file that is wrong from the beginning."""
        self.deps = deps
        self.known = declared(deps.configuration)
        self.trouble = ""

    def round(self, say: Say) -> None:
        self._read(say)
        try:
            for sentence in due(self.deps, self.known):
                say(sentence)
        except (ClearanceError, SQLAlchemyError) as error:  # the store may be back in the next round
            logging.getLogger("clearance").warning("the schedules could not be looked at: %s", error)

    def _read(self, say: Say) -> None:
        try:
            self.known, trouble = declared(self.deps.configuration), ""
        except ConfigError as error:
            trouble = str(error)
        if trouble and trouble != self.trouble:
            say(f"{trouble}\nthe schedules of before go on until that is put right")
        self.trouble = trouble
