"""PostgreSQL's queue as workers take from it: one job of a subject at a time, and what somebody waits for first."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from agent import settings
from agent.deps import Deps
from agent.service.assembly import assemble
from agent.service.orders import AssessOrder, Order, OrderedSweep
from agent.service.sweep_order import SweepOrder
from agent.service.working.fleet import Fleet
from agent.service.working.pace import Pace
from agent.store import jobs

PILOT = AssessOrder(subject="finance-invoice-recon", gate="pilot-to-prod")
OTHER_GATE = AssessOrder(subject="finance-invoice-recon", gate="quarterly-review")
OTHER_SUBJECT = AssessOrder(subject="support-triage", gate="pilot-to-prod")
SWEEP = OrderedSweep(sweep=SweepOrder(gates=("pilot-to-prod",)))
ANY, ASKED = None, ["assess"]  # what each of a worker's two lanes takes


def at_the_queue(url: str, home: Path, work: Callable[[Deps, JobManager], Awaitable[None]]) -> None:
    deps = assemble(settings.read({"CLEARANCE_HOME": str(home), "CLEARANCE_DATABASE_URL": url}))

    async def opened() -> None:
        app = Fleet(deps, Pace(), threading.Event(), lambda sentence: None).app
        async with app.open_async():
            await work(deps, app.job_manager)

    try:
        asyncio.run(opened())
    finally:
        deps.engine.dispose()


def ordered(deps: Deps, *orders: Order) -> list[int]:
    return [jobs.put(deps.engine, order, deps.clock())[0] for order in orders]


def number(taken: Job | None) -> object:
    """Of the job as the table of jobs has it; None where nothing was to be taken."""
    return taken and taken.task_kwargs["job"]


def test_two_jobs_of_a_subject_are_never_begun_at_the_same_time(postgres: str, tmp_path: Path):
    """At whatever gates, by whichever lanes and workers; another subject's is taken meanwhile."""

    async def work(deps: Deps, queue: JobManager) -> None:
        one, same_subject, other = ordered(deps, PILOT, OTHER_GATE, OTHER_SUBJECT)
        first, second = await queue.register_worker(), await queue.register_worker()
        taken = await queue.fetch_job(ANY, first)
        assert taken
        assert number(taken) == one

        assert number(await queue.fetch_job(ASKED, first)) == other
        assert await queue.fetch_job(ASKED, first) is None
        assert await queue.fetch_job(ANY, second) is None
        await queue.finish_job(taken, Status.SUCCEEDED, delete_job=True)
        assert number(await queue.fetch_job(ANY, second)) == same_subject

    at_the_queue(postgres, tmp_path, work)


def test_what_somebody_waits_for_is_taken_before_a_sweep_that_was_there_first(postgres: str, tmp_path: Path):
    async def work(deps: Deps, queue: JobManager) -> None:
        sweep, asked = ordered(deps, SWEEP, PILOT)
        worker = await queue.register_worker()

        assert [number(await queue.fetch_job(ANY, worker)) for _ in range(3)] == [asked, sweep, None]

    at_the_queue(postgres, tmp_path, work)
