"""Work from the table of jobs in SQLite: lanes in this process, and leases against every other one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.holder import is_dead
from agent.service import own_switch
from agent.service.running import new_lease
from agent.service.working.keeping_on import Say, kept_on
from agent.service.working.pace import KINDS, Pace
from agent.service.working.performing import Doing, settle, stopped
from agent.store import jobs
from agent.store.database import SQLAlchemyError
from agent.store.jobs import LEASE, JobRow


def run(deps: Deps, pace: Pace, stop: threading.Event, say: Say) -> None:
    """Until `stop`, and for as long after it as the pace gives what runs to end."""
    lanes = [Lane(deps, pace, stop, say, kinds) for kinds in pace.lanes()]
    threads = [
        threading.Thread(target=kept_on, args=(lane.run, stop, pace.again, say), name="lanes", daemon=True)
        for lane in lanes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@dataclass(frozen=True)
class Lane:
    """Takes one job after the other, of its kinds."""

    deps: Deps
    pace: Pace
    stop: threading.Event
    say: Say
    kinds: Sequence[str] = KINDS

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                if not self._one():
                    self.stop.wait(self.pace.poll)
            except (ClearanceError, SQLAlchemyError, OSError) as error:  # the store may be back in the next round
                logging.getLogger("clearance").warning("work could not be taken: %s", error)
                self.stop.wait(self.pace.again)

    def _one(self) -> bool:
        """Do one job. False where there is none to be done now."""
        if not own_switch.of(self.deps).on:
            return False
        job = jobs.take(self.deps.engine, new_lease(self.deps), self.deps.clock(), self.kinds, is_dead)
        if job is None:
            return False
        doing = Doing(self.deps, job, say=self.say)
        doing.start()
        try:
            over = self._to_its_end(doing, job)
        finally:
            self._outlast(doing)
        if over:
            settle(self.deps, job, doing.ended)
        else:
            stopped(self.deps, job)
        return True

    def _to_its_end(self, doing: Doing, job: JobRow) -> bool:
        """Renew the lease while it runs. False where this process is to stop before it has ended."""
        renewed, left = time.monotonic(), self.pace.grace
        while doing.is_alive():
            if self.stop.is_set() and left <= 0:
                return False
            doing.join(self.pace.poll)
            left -= self.pace.poll if self.stop.is_set() else 0
            if time.monotonic() - renewed > LEASE.total_seconds() / 3:
                renewed = self._renewed(job)
        return True

    def _outlast(self, doing: Doing) -> None:
        """Whatever ended the look at it: a lane that begins again has nothing else under way."""
        while doing.is_alive() and not self.stop.is_set():
            doing.join(self.pace.poll)

    def _renewed(self, job: JobRow) -> float:
        try:
            jobs.renew(self.deps.engine, job.id, job.holder, self.deps.clock())
        except (ClearanceError, SQLAlchemyError) as error:  # until the next turn the lease runs on, or is lost
            logging.getLogger("clearance").warning("the lease of job %s was not renewed: %s", job.id, error)
        return time.monotonic()
