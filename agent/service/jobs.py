"""Use case: order work of the workers, and look what became of it. Any surface may; `clearance worker` does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from agent.deps import Deps
from agent.errors import UsageError
from agent.service import orders, own_switch
from agent.service.orders import AssessOrder, Order
from agent.store import jobs

ENDED_SHOWN = 20


@dataclass(frozen=True)
class Queued:
    """`joined`: the same was ordered before and is unfinished; this is that job, and its `state` (queued, running).
    `held`: why no worker takes it now, where Clearance is switched off; `aloud`: that it is on as far as is known,
    where the flag is not heard. Both are to be said to whoever ordered it."""

    id: int
    joined: bool
    state: str
    held: str = ""
    aloud: str = ""


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
    return queued(deps, id, joined=joined)


def queued(deps: Deps, id: int, *, joined: bool) -> Queued:
    """An order that stands, with what the switch has to do with it."""
    now = own_switch.of(deps)
    told = f"Clearance is {now.told}"
    state = jobs.get(deps.engine, id).state
    return Queued(id, joined, state, held="" if now.on else told, aloud=told if now.aloud else "")


def status(deps: Deps, id: int) -> Job:
    """A job as it stands; UsageError where there is none of that id, or its order is another version's."""
    row = jobs.get(deps.engine, id)
    try:
        return job_of(row)
    except ValidationError as error:
        told = f"job {id} is {row.state}; what was ordered is of another version and cannot be read"
        raise UsageError(told) from error


def unfinished(deps: Deps) -> list[Job]:
    """What is queued or runs, in the order in which it is taken. An order that this version cannot read is left out:
    the worker that takes it says so, and ends it."""
    return _readable(jobs.unfinished(deps.engine))


def over(deps: Deps, most: int = ENDED_SHOWN) -> list[Job]:
    """The last that ended, the newest first; an order that this version cannot read is left out."""
    return _readable(jobs.over(deps.engine, most))


def _readable(rows: list[jobs.JobRow]) -> list[Job]:
    found = []
    for row in rows:
        try:
            found.append(job_of(row))
        except ValidationError:
            continue
    return found


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
