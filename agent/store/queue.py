"""PostgreSQL's queue: procrastinate holds who is to do which job next; what a job is stands in the table of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from agent.errors import StoreAway

if TYPE_CHECKING:
    from agent.store.jobs import Work

TASK = "clearance.work"


def send(connection: Connection, id: int, work: Work) -> None:
    """Hand a job to the workers, in the transaction that puts it into the table."""
    from procrastinate.exceptions import ConnectorException
    from procrastinate.jobs import Job
    from procrastinate.manager import JobManager
    from procrastinate.sync_psycopg_connector import SyncPsycopgConnector

    driver: Any = connection.connection.driver_connection
    job = Job(
        queue=work.kind, priority=work.priority, lock=work.lock, queueing_lock=None, task_name=TASK,
        task_kwargs={"job": id},
    )  # fmt: skip
    try:
        JobManager(SyncPsycopgConnector()).defer_job(job, connection=driver)
    except ConnectorException as error:
        raise StoreAway(f"the job could not be queued ({error.__cause__ or error}); try again") from error
