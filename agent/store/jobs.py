"""The table of jobs: what is ordered stands there once, and a lease says which worker is at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection, Engine, Row, select, update

from agent.errors import UsageError
from agent.store import queue
from agent.store.database import instant, stamp, writing
from agent.store.once import insert_once
from agent.store.schema import jobs

LEASE = timedelta(seconds=30)
ATTEMPTS = 5  # after which a job that never ended is given up and says so
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=10)
BEYOND = timedelta(hours=1)  # no pause is that long: what is due later was put by a clock that was wrong, and waits not
BY_HAND = "somebody did it before a worker took it"
UNFINISHED = ("queued", "running")


class Work(Protocol):
    """What an order says to the table. Equal keys are the same work; of equal locks one runs at a time."""

    @property
    def kind(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def lock(self) -> str: ...
    @property
    def priority(self) -> int: ...
    def model_dump_json(self) -> str: ...


@dataclass(frozen=True)
class JobRow:
    """`body`: the order as JSON. `outcome`: ids of what it made; `said`: a sentence on how it ended."""

    id: int
    kind: str
    priority: int
    body: str
    state: str
    put_at: datetime
    due_at: datetime
    attempts: int
    holder: str
    lease_until: str
    outcome: str
    said: str


def put(engine: Engine, order: Work, at: datetime) -> tuple[int, bool]:
    """The id of the job, and whether it was there already: an unfinished job of the same order is joined."""
    with writing(engine) as connection:
        return put_in(connection, order, at)


def put_in(connection: Connection, order: Work, at: datetime) -> tuple[int, bool]:
    """As `put`, inside a transaction of the caller's."""
    row = {
        "kind": order.kind, "key": order.key, "lock": order.lock, "priority": order.priority,
        "body": order.model_dump_json(), "state": "queued", "put_at": stamp(at), "due_at": stamp(at),
    }  # fmt: skip
    same = select(jobs.c.id).where(jobs.c.key == order.key, jobs.c.state.in_(UNFINISHED))
    while True:  # an unfinished one that ends between the two looks is not joined
        new = insert_once(connection, jobs, row)
        id = connection.execute(same).scalar()
        if id is not None:
            if new and connection.dialect.name == "postgresql":
                queue.send(connection, id, order)
            return id, not new


def get(engine: Engine, id: int) -> JobRow:
    """UsageError where there is none of that id."""
    with engine.connect() as connection:
        row = connection.execute(select(jobs).where(jobs.c.id == id)).first()
    if row is None:
        raise UsageError(f"there is no job {id}")
    return _job(row)


def unfinished(engine: Engine) -> list[JobRow]:
    """What is queued or runs, in the order in which it is taken."""
    query = select(jobs).where(jobs.c.state.in_(UNFINISHED)).order_by(jobs.c.priority.desc(), jobs.c.id)
    with engine.connect() as connection:
        return [_job(row) for row in connection.execute(query).all()]


def over(engine: Engine, most: int) -> list[JobRow]:
    """The last `most` that ended, done or failed, the newest first."""
    query = select(jobs).where(jobs.c.state.not_in(UNFINISHED)).order_by(jobs.c.ended_at.desc(), jobs.c.id.desc())
    with engine.connect() as connection:
        return [_job(row) for row in connection.execute(query.limit(most)).all()]


def take(
    engine: Engine, holder: str, now: datetime, kinds: Sequence[str], is_dead: Callable[[str], bool]
) -> JobRow | None:
    """The next job of these kinds with its lease, or None; one a lock at a time. What gone workers left comes again."""
    if not _anything(engine):  # looked at without the writers' lock: idle workers hold nobody up
        return None
    with writing(engine) as connection:
        _free(connection, now, is_dead)
        busy = select(jobs.c.lock).where(jobs.c.state == "running")
        due = (jobs.c.due_at <= stamp(now)) | (jobs.c.due_at > stamp(now + BEYOND))
        query = select(jobs.c.id).where(jobs.c.state == "queued", due, jobs.c.kind.in_(kinds), jobs.c.lock.not_in(busy))
        id = connection.execute(query.order_by(jobs.c.priority.desc(), jobs.c.id).limit(1)).scalar()
        return _begin(connection, id, holder, now) if id is not None else None


def _anything(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.execute(select(jobs.c.id).where(jobs.c.state.in_(UNFINISHED)).limit(1)).first() is not None


def begin(engine: Engine, id: int, holder: str, now: datetime) -> JobRow | None:
    """Mark as running a job that somebody else dispatched; None where it has ended already."""
    with writing(engine) as connection:
        return _begin(connection, id, holder, now)


def _begin(connection: Connection, id: int, holder: str, now: datetime) -> JobRow | None:
    query = update(jobs).where(jobs.c.id == id, jobs.c.state.in_(UNFINISHED))
    begun = {"state": "running", "holder": holder, "lease_until": stamp(now + LEASE)}
    connection.execute(query.values(attempts=jobs.c.attempts + 1, **begun))
    row = connection.execute(select(jobs).where(jobs.c.id == id, jobs.c.holder == holder)).first()
    return _job(row) if row is not None and row.state == "running" else None


def _free(connection: Connection, now: datetime, is_dead: Callable[[str], bool]) -> None:
    """Queue again what lapsed, or what a worker of this machine held that was killed."""
    held = connection.execute(select(jobs.c.id, jobs.c.holder, jobs.c.lease_until).where(jobs.c.state == "running"))
    for row in held.all():
        if row.lease_until < stamp(now) or is_dead(row.holder):
            again = update(jobs).where(jobs.c.id == row.id).values(state="queued", holder="", lease_until="")
            connection.execute(again)


def renew(engine: Engine, id: int, holder: str, now: datetime) -> bool:
    """False where the job is somebody else's by now, or has ended."""
    mine = update(jobs).where(jobs.c.id == id, jobs.c.holder == holder, jobs.c.state == "running")
    with writing(engine) as connection:
        return connection.execute(mine.values(lease_until=stamp(now + LEASE))).rowcount == 1


def end(engine: Engine, id: int, holder: str, at: datetime, *, state: str, outcome: str = "", said: str = "") -> bool:
    """Done or failed, for good. False where the job is somebody else's by now."""
    mine = update(jobs).where(jobs.c.id == id, jobs.c.holder == holder, jobs.c.state == "running")
    ended = {"state": state, "outcome": outcome, "said": said, "ended_at": stamp(at), "holder": "", "lease_until": ""}
    with writing(engine) as connection:
        return connection.execute(mine.values(ended)).rowcount == 1


def answer(engine: Engine, keys: Sequence[str], outcome: str, began: datetime, at: datetime) -> list[int]:
    """What waits of these orders, put before `began`, is done by work that nobody ordered of a worker; their ids."""
    waits = (jobs.c.key.in_(keys), jobs.c.state == "queued", jobs.c.put_at <= stamp(began))
    with engine.connect() as connection:
        if connection.execute(select(jobs.c.id).where(*waits).limit(1)).first() is None:
            return []
    done = {"state": "done", "outcome": outcome, "said": BY_HAND, "ended_at": stamp(at)}
    with writing(engine) as connection:
        return list(connection.execute(update(jobs).where(*waits).values(done).returning(jobs.c.id)).scalars())


def give_back(engine: Engine, id: int, holder: str, due: datetime, *, said: str = "", counted: bool = True) -> bool:
    """Queued again for `due`. Not `counted`: the worker was told to stop, which is no failure of the job's."""
    mine = update(jobs).where(jobs.c.id == id, jobs.c.holder == holder, jobs.c.state == "running")
    back = {"state": "queued", "holder": "", "lease_until": "", "due_at": stamp(due), "said": said}
    less = {} if counted else {"attempts": jobs.c.attempts - 1}
    with writing(engine) as connection:
        return connection.execute(mine.values({**back, **less})).rowcount == 1


def pause(attempts: int) -> timedelta:
    """How long to wait before the next try: it doubles from ten seconds, and is never more than ten minutes."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(max(attempts - 1, 0), 10)
    return min(doubled, LONGEST_PAUSE)


def _job(row: Row[tuple[object, ...]]) -> JobRow:
    given = dict(row._mapping)
    keep = {name: given[name] for name in JobRow.__dataclass_fields__}
    return JobRow(**{**keep, "put_at": instant(keep["put_at"]), "due_at": instant(keep["due_at"])})
