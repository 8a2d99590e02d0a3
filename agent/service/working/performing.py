"""One try at one job: what is done, and what the table of jobs says of it afterwards."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from pydantic import ValidationError

from agent.deps import Deps, Meter
from agent.errors import ClearanceError, Queued, StoreError
from agent.service import orders, sweeps
from agent.service.assess import assess
from agent.service.joining import started_state
from agent.service.orders import AssessOrder
from agent.service.working.keeping_on import Say, tell
from agent.store import jobs
from agent.store.database import SQLAlchemyError
from agent.store.jobs import ATTEMPTS, JobRow
from agent.workflow.state import ReviewState

STOPPED = "its worker was told to stop; the next one goes on with it"
CRASHED = "it ended in a way that nobody expected; clearance.log has it"


@dataclass(frozen=True)
class Ended:
    """`again`: the job is to be tried again; `off`: at once when Clearance is switched on, and that is no try."""

    state: Literal["done", "failed", "again", "off"]
    outcome: str = ""
    said: str = ""


class Doing(threading.Thread):
    """A try in a thread of its own, which ends with the process: what it began, the next try goes on with.

    `ended` is None while it runs, and where it crashed. `then` is called at its end, however it comes. `say` hears when
    it begins and ends.
    """

    def __init__(
        self, deps: Deps, job: JobRow, then: Callable[[], None] = lambda: None, say: Say = lambda sentence: None
    ) -> None:  # fmt: skip
        super().__init__(name=f"job-{job.id}", daemon=True)
        self.deps, self.job, self.then, self.say = deps, job, then, say
        self.ended: Ended | None = None

    def run(self) -> None:
        began, about = time.monotonic(), _about(self.job)
        try:
            self._tell(f"begun: {about}")
            self.ended = perform(self.deps, self.job)
        finally:
            try:
                self._tell(f"{_became(self.ended)} ({about}, {time.monotonic() - began:.1f} s)")
            finally:
                self.then()

    def _tell(self, sentence: str) -> None:
        tell(self.say, f"job {self.job.id} {sentence}")


def _about(job: JobRow) -> str:
    try:
        return orders.read(job.body).about
    except ValidationError:
        return job.kind


def _became(ended: Ended | None) -> str:
    """What this try came to; whether there is to be another, the table of jobs says."""
    ended = ended or Ended("again", said=CRASHED)
    return {
        "done": f"done: {ended.outcome}", "failed": f"failed: {ended.said}",
        "again": f"did not come to its end: {ended.said}", "off": "is queued again: Clearance was switched off",
    }[ended.state]  # fmt: skip


def perform(deps: Deps, job: JobRow) -> Ended:
    """Do it. What can be put right by trying again is told apart from what cannot."""
    if job.attempts > ATTEMPTS:
        return Ended("failed", said=f"was begun {ATTEMPTS} times and ended none of them{_last(job)}")
    try:
        return Ended("done", _outcome(deps, job))
    except Queued as error:
        return Ended("off", said=str(error))
    except (StoreError, SQLAlchemyError, OSError) as error:
        return Ended("again", said=str(error) or type(error).__name__)
    except ClearanceError as error:
        return Ended("failed", said=str(error))
    except ValidationError:
        return Ended("failed", said="this version of Clearance cannot read what was ordered; order it again")


def _last(job: JobRow) -> str:
    return f"; what was last said of it: {job.said}" if job.said else ""


def _outcome(deps: Deps, job: JobRow) -> str:
    """The id of what was made: a review or a sweep."""
    order = orders.read(job.body)
    if not isinstance(order, AssessOrder):
        before = sweeps.made_since(deps, order.sweep, job.put_at) if _was_begun(job) else ""
        return before or sweeps.run(deps, order.sweep).sweep  # a second digest would tell what is due twice
    made = _made_before(deps, job, order)
    if made and made[1]:
        return made[0]
    meter = Meter()  # each review counts its own calls
    own = replace(deps, meter=meter, connections=replace(deps.connections, observe=meter.observe))
    new = order.new and made is None
    done = assess(own, order.subject, order.gate, only=order.only, new=new, started_by=order.asked_by)
    return done.document.review


def _made_before(deps: Deps, job: JobRow, order: AssessOrder) -> tuple[str, bool] | None:
    """The review that an earlier try began, and whether it came to its end; one order makes one review."""
    if not _was_begun(job):
        return None
    version = deps.configuration.card(order.subject).card.version
    rows = [row for row in deps.reviews.of(order.subject, version, order.gate) if row.started_at >= job.put_at]
    for row in reversed(rows):
        if not row.rehearsal and _is_made_for(order, started_state(deps, row.id)):
            return row.id, bool(row.document)
    return None


def _was_begun(job: JobRow) -> bool:
    """By an earlier try; one that was stopped is not counted."""
    return job.attempts >= 2 or job.said == STOPPED


def _is_made_for(order: AssessOrder, begun: ReviewState) -> bool:
    """A sweep's is of answers that may be older than the order."""
    return list(order.only) == list(begun["only"]) and not begun.get("known")


def settle(deps: Deps, job: JobRow, ended: Ended | None) -> timedelta | None:
    """Say in the table what became of it. Gives the pause before the next try, None where there is none."""
    log, now = logging.getLogger("clearance"), deps.clock()
    ended = ended or Ended("again", said=CRASHED)
    if ended.state == "off":
        jobs.give_back(deps.engine, job.id, job.holder, now, said=ended.said, counted=False)
        return timedelta()
    if ended.state == "again" and job.attempts < ATTEMPTS:
        pause = jobs.pause(job.attempts)
        log.warning("job %s is tried again in %d s: %s", job.id, pause.total_seconds(), ended.said)
        jobs.give_back(deps.engine, job.id, job.holder, now + pause, said=ended.said)
        return pause
    state, said = ended.state, ended.said
    if state == "again":
        state, said = "failed", f"was tried {ATTEMPTS} times; at last: {said}"
    jobs.end(deps.engine, job.id, job.holder, now, state=state, outcome=ended.outcome, said=said)
    log.log(logging.INFO if state == "done" else logging.WARNING, "job %s %s: %s", job.id, state, said or ended.outcome)
    return None


def stopped(deps: Deps, job: JobRow) -> None:
    """Give a job back that this process will not end: whoever takes it goes on with what it began."""
    jobs.give_back(deps.engine, job.id, job.holder, deps.clock(), said=STOPPED, counted=False)
