"""Use case: order work of the workers, and look what became of it. Any surface may; `clearance worker` does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.deps import Deps
from agent.service import orders, own_switch
from agent.service.orders import AssessOrder, Order
from agent.store import jobs


@dataclass(frozen=True)
class Queued:
    """`joined`: the same was ordered before and is unfinished; this is that job, and its `state` (queued, running).
    `held`: why no worker takes it now, where Clearance is switched off; to be said to whoever ordered it."""

    id: int
    joined: bool
    state: str
    held: str = ""


@dataclass(frozen=True)
class Job:
    """`state`: queued, running, done, failed. `outcome`: the id of the review or sweep, once done.

    `said`: a sentence on why it failed or is tried again. `holder`: the worker that is at it, "" for none.
    """

    id: int
    order: Order
    state: str
    put_at: datetime
    due_at: datetime
    attempts: int
    holder: str
    outcome: str
    said: str


def put(deps: Deps, order: Order) -> Queued:
    """Order it, once. UsageError or ConfigError where the gate or card does not exist: no job is made then."""
    if isinstance(order, AssessOrder):
        deps.configuration.gate(order.gate)
        deps.configuration.card(order.subject)
    else:
        for gate in {*order.sweep.gates} - {"all"}:
            deps.configuration.gate(gate)
    id, joined = jobs.put(deps.engine, order, deps.clock())
    now = own_switch.of(deps)
    return Queued(id, joined, jobs.get(deps.engine, id).state, "" if now.on else f"Clearance is {now.told}")


def status(deps: Deps, id: int) -> Job:
    """A job as it stands; UsageError where there is none of that id."""
    return job_of(jobs.get(deps.engine, id))


def unfinished(deps: Deps) -> list[Job]:
    """What is queued or runs, in the order in which it is taken."""
    return [job_of(row) for row in jobs.unfinished(deps.engine)]


def job_of(row: jobs.JobRow) -> Job:
    return Job(
        row.id,
        orders.read(row.body),
        row.state,
        row.put_at,
        row.due_at,
        row.attempts,
        row.holder,
        row.outcome,
        row.said,
    )
