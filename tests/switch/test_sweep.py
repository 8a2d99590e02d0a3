"""A sweep is new work, and so is each of its reviews: switched off in its midst it is queued, and goes on later."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from agent.deps import Deps
from agent.errors import Queued
from agent.service import jobs
from agent.service.orders import OrderedSweep
from agent.service.sweep_order import SweepOrder, Tick
from agent.service.sweeps import run
from agent.service.working.performing import perform, settle
from agent.store import jobs as table
from agent.store import own_switch
from agent.store.jobs import JobRow
from agent.store.schema import sweeps
from tests.acceptance.conftest import GATE, SUBJECT
from tests.acceptance.prepared import Hands
from tests.sweeps.conftest import ALL, OTHERS, Fleet, fleet, world

__all__ = ["fleet", "world"]


def turn(fleet: Fleet, position: str) -> None:
    deps = fleet.deps()
    own_switch.set_by_person(deps.engine, position, "Mike Chen", "as it should be", deps.clock())


def test_off_it_asks_nobody_and_is_queued(fleet: Fleet):
    turn(fleet, "off")
    before = fleet.asked()

    with pytest.raises(
        Queued, match="the sweep of pilot-to-prod is queued as job 1: Clearance is switched off by Mike"
    ):
        fleet.sweep()

    assert fleet.asked() == before
    assert [job.order.kind for job in jobs.unfinished(fleet.deps())] == ["sweep"]


@pytest.mark.parametrize("asked", [("--json",), ("--format", "json")])
def test_a_program_that_asks_for_a_sweep_gets_an_object_that_says_so(fleet: Fleet, asked: tuple[str, ...]):
    turn(fleet, "off")
    done = fleet.desk.cli("sweep", "--gate", GATE, *asked)

    assert done.returncode == 50
    told = json.loads(done.stdout)
    assert told["state"] == "queued"
    assert "is queued as job 1: Clearance is switched off by Mike" in told["told"]


def test_switched_off_in_its_midst_it_begins_no_further_review_and_goes_on_later(fleet: Fleet):
    def off(tick: Tick) -> None:
        if tick.stage == "review" and tick.done == 1:
            turn(fleet, "off")

    with pytest.raises(Queued):
        run(fleet.deps(), ALL, off)

    assert len(fleet.deps().reviews.all()) == 1, "the review that ran has ended, and no other was begun"
    (job,) = jobs.unfinished(fleet.deps())
    turn(fleet, "on")
    done = fleet.sweep()

    assert {row.subject for row in fleet.deps().reviews.all()} == {"finance-invoice-recon", *OTHERS}
    assert len(fleet.deps().reviews.all()) == 3
    assert done.joined is False
    assert job.order.kind == "sweep"


@dataclass
class Midst(Hands):
    """A clock by which Clearance is switched off as soon as a sweep has begun."""

    deps: Deps | None = None

    def __call__(self):  # type: ignore[no-untyped-def]
        if self.deps and states(self.deps):
            deps, self.deps = self.deps, None
            own_switch.set_by_person(deps.engine, "off", "Mike Chen", "in its midst", self.now)
        return self.now


def states(deps: Deps) -> list[str]:
    with deps.engine.connect() as connection:
        return list(connection.execute(select(sweeps.c.state)).scalars())


def taken(deps: Deps) -> JobRow:
    row = table.take(deps.engine, "a worker", deps.clock(), ("sweep",), lambda holder: False)
    assert row is not None
    return row


@pytest.mark.parametrize("at", ["before", "in its midst"])
def test_a_worker_goes_on_with_the_sweep_of_all_gates_that_it_was_ordered(fleet: Fleet, at: str):
    """What it was switched off at is the job that it has: nothing is queued beside it, and it is swept once."""
    deps = fleet.deps()
    jobs.put(deps, OrderedSweep(sweep=SweepOrder(gates=("all",), subjects=(SUBJECT,), everything=True)))
    job = taken(deps)
    if at == "before":
        turn(fleet, "off")
    off = replace(deps, clock=Midst(fleet.clock.now, deps if at == "in its midst" else None))
    ended = perform(off, job)
    settle(deps, job, ended)

    assert ended.state == "off"
    assert [one.id for one in jobs.unfinished(deps)] == [job.id]
    turn(fleet, "on")
    job = taken(deps)
    settle(deps, job, perform(deps, job))
    assert jobs.unfinished(deps) == []
    assert states(deps) == ["finished"]
