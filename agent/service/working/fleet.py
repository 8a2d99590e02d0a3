"""Work from PostgreSQL's queue: procrastinate dispatches, locks, keeps the heartbeat; we perform in threads."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException, ProcrastinateException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from psycopg import Error as PsycopgError

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.service import own_switch
from agent.service.running import new_lease
from agent.service.working.keeping_on import Say
from agent.service.working.pace import Pace
from agent.service.working.performing import Doing, settle, stopped
from agent.store import jobs
from agent.store.checkpoints import dsn
from agent.store.database import SQLAlchemyError
from agent.store.jobs import JobRow
from agent.store.queue import TASK

AWAY = (ProcrastinateException, PsycopgError, ClearanceError, SQLAlchemyError, OSError)
WITH = """SELECT id FROM procrastinate_jobs
WHERE id = %(job_id)s AND status = 'doing' AND worker_id IS NOT DISTINCT FROM %(worker_id)s::bigint"""
LOOK = 0.2  # seconds between looks at whether to stop


def run(deps: Deps, pace: Pace, stop: threading.Event, say: Say) -> None:
    """Until `stop`. A server that went away is waited for: what was running there is taken up again by somebody."""
    while not stop.is_set():
        try:
            asyncio.run(Fleet(deps, pace, stop, say).run())
        except AWAY as error:
            logging.getLogger("clearance").warning("the queue cannot be reached: %s", error or type(error).__name__)
            stop.wait(pace.again)


class Again(Exception):
    """Tells procrastinate when the job is due again, and before what; the table of jobs says why."""

    def __init__(self, seconds: float, priority: int) -> None:
        super().__init__(seconds)
        self.seconds, self.priority = int(seconds), priority


class Back(BaseRetryStrategy):
    """Every job goes back until the table says that it has ended: it counts the tries."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        if isinstance(exception, Again):
            return RetryDecision(retry_in={"seconds": exception.seconds}, priority=exception.priority)
        return RetryDecision(retry_in={"seconds": 5})


class Gate(JobManager):
    """Gives no work while Clearance is switched off, or this worker is to stop.

    It ends or frees a job only for the worker that has it: who was wrongly taken for dead has it no more.
    """

    def __init__(self, app: App, deps: Deps, stop: threading.Event) -> None:
        super().__init__(app.connector)
        self.deps, self.stop = deps, stop

    async def fetch_job(self, queues: Any, worker_id: int) -> Job | None:
        if self.stop.is_set() or not (await asyncio.to_thread(own_switch.of, self.deps)).on:
            return None
        return await super().fetch_job(queues, worker_id)

    async def finish_job(self, job: Job, *given: Any, **named: Any) -> None:
        if await self._has(job):
            await super().finish_job(job, *given, **named)

    async def retry_job(self, job: Job, *given: Any, **named: Any) -> None:
        if await self._has(job):
            await super().retry_job(job, *given, **named)

    async def _has(self, job: Job) -> bool:
        """Is it still with the worker that it was with when it was read?"""
        return bool(await self.connector.execute_query_all_async(query=WITH, job_id=job.id, worker_id=job.worker_id))


class Fleet:
    """One connection to the queue, for as long as it holds."""

    def __init__(self, deps: Deps, pace: Pace, stop: threading.Event, say: Say) -> None:
        self.deps, self.pace, self.stop, self.say = deps, pace, stop, say
        self.app = App(connector=PsycopgConnector(conninfo=dsn(deps.engine), min_size=1, max_size=6, timeout=10))
        self.app.job_manager = Gate(self.app, deps, stop)
        self.app.task(name=TASK, retry=Back())(self._work)

    async def run(self) -> None:
        """Ends when it is told to, or with the error that ended one of its lanes."""
        async with self.app.open_async():
            tasks = [asyncio.create_task(one) for one in (*self._lanes(), self._rescue(), self._told())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    def _lanes(self) -> list[Any]:
        """One lane takes everything; the others only what somebody waits for."""
        counts: list[tuple[Any, int]] = [(None, 1), *([(["assess"], self.pace.jobs - 1)] if self.pace.jobs > 1 else [])]
        return [
            self.app.run_worker_async(
                queues=queues, concurrency=count, install_signal_handlers=False,
                fetch_job_polling_interval=self.pace.poll, shutdown_graceful_timeout=self.pace.grace,
                update_heartbeat_interval=self.pace.heartbeat, stalled_worker_timeout=self.pace.silent,
                delete_jobs="always",
            )
            for queues, count in counts
        ]  # fmt: skip

    async def _told(self) -> None:
        while not self.stop.is_set():
            await asyncio.sleep(LOOK)

    async def _rescue(self) -> None:
        """Jobs of workers that are silent are anybody's again; procrastinate itself never takes them back."""
        while True:
            stalled = await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self.pace.silent)
            for job in stalled:
                try:
                    await self.app.job_manager.retry_job(job)
                except ConnectorException as error:  # another worker was first
                    logging.getLogger("clearance").info("job %s was rescued by somebody else: %s", job.id, error)
            await asyncio.sleep(self.pace.silent / 3)

    async def _work(self, job: int) -> None:
        """One try at one job. Raises Again where there is to be another."""
        row = await asyncio.to_thread(self._begin, job)
        if row is None:
            return
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        doing = Doing(self.deps, row, then=lambda: _tell(loop, over), say=self.say)
        doing.start()
        try:
            await over.wait()
        except asyncio.CancelledError:  # told to stop, and its time is over
            await asyncio.to_thread(stopped, self.deps, row)
            raise Again(0, row.priority) from None
        doing.join()
        pause = await asyncio.to_thread(settle, self.deps, row, doing.ended)
        if pause is not None:
            # Of equal priority the older holds up all others of its lock, also while it pauses itself.
            raise Again(pause.total_seconds(), row.priority - 1 if pause else row.priority)

    def _begin(self, job: int) -> JobRow | None:
        return jobs.begin(self.deps.engine, job, new_lease(self.deps), self.deps.clock())


def _tell(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(over.set)
