"""Use case: order work of the workers, and look what became of it. Any surface may; who works, works in `working`."""

from __future__ import annotations

from dataclasses import dataclass

from agent.deps import Deps
from agent.orders import AssessOrder, SweepOrder
from agent.store import jobs
from agent.store.jobs import Job


@dataclass(frozen=True)
class Queued:
    """`joined`: the same was ordered before and is unfinished; this is that job, and its `state` (queued, running)."""

    id: int
    joined: bool
    state: str


def put(deps: Deps, order: AssessOrder | SweepOrder) -> Queued:
    """Order it, once. UsageError or ConfigError where the gate or card does not exist: no job is made then."""
    deps.configuration.gate(order.gate)
    if isinstance(order, AssessOrder):
        deps.configuration.card(order.subject)
    id, joined = jobs.put(deps.engine, order, deps.clock())
    return Queued(id, joined, jobs.get(deps.engine, id).state)


def status(deps: Deps, id: int) -> Job:
    """A job as it stands; UsageError where there is none of that id.

    `state`: queued, running, done, failed. `outcome`: the id of the review (assess) or of the sweep, once done;
    `said`: a sentence on why it failed or is tried again.
    """
    return jobs.get(deps.engine, id)


def unfinished(deps: Deps) -> list[Job]:
    """What is queued or runs, in the order in which it is taken."""
    return jobs.unfinished(deps.engine)
