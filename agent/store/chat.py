"""Threads in chat that wait for an assessment, and what was delivered already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.store import outbox
from agent.store.database import instant, stamp, writing
from agent.store.once import insert_once
from agent.store.outbox import Notice
from agent.store.schema import chat_seen, chat_threads

KEPT = timedelta(days=2)  # Slack tries again for an hour at most


@dataclass(frozen=True)
class Waiting:
    """A thread of a channel (`thread` "" = the channel itself) that asked for what a job does."""

    id: int
    channel: str
    thread: str
    person: str
    subject: str
    gate: str
    job: int
    asked_at: datetime
    told: str


def seen(engine: Engine, key: str) -> bool:
    """Was this delivery taken before, by whichever process?"""
    with engine.connect() as connection:
        return connection.execute(select(chat_seen.c.key).where(chat_seen.c.key == key)).first() is not None


def claim(engine: Engine, key: str, at: datetime) -> bool:
    """Take a delivery, once. False where somebody has it already."""
    with writing(engine) as connection:
        connection.execute(delete(chat_seen).where(chat_seen.c.at < stamp(at - KEPT)))
        return insert_once(connection, chat_seen, {"key": key, "at": stamp(at)})


def wait(engine: Engine, key: str, row: Mapping[str, object], at: datetime) -> int:
    """Note who asked, in the transaction that takes the delivery. 0 where it was taken before.

    A thread that waits for that job already is told its result once: the number is that of who asked first.
    """
    with writing(engine) as connection:
        if key and not insert_once(connection, chat_seen, {"key": key, "at": stamp(at)}):
            return 0
        return _noted(connection, {**row, "asked_at": stamp(at)})


def _noted(connection: Connection, row: Mapping[str, object]) -> int:
    if not row["thread"]:  # its thread begins with the first answer
        done = connection.execute(insert(chat_threads).values(row))
        return int(done.inserted_primary_key[0]) if done.inserted_primary_key else 0
    place = (chat_threads.c[name] == row[name] for name in ("channel", "thread", "job"))
    same = select(chat_threads.c.id).where(*place, chat_threads.c.done_at == "")
    while True:  # one that ends between the two looks is not joined
        insert_once(connection, chat_threads, row)
        id = connection.execute(same).scalar()
        if id is not None:
            return int(id)


def thread_is(engine: Engine, id: int, thread: str) -> None:
    """Where the thread begins, once the channel has its first message.

    Somebody may have asked the same in that thread since: they wait there then, and this row is let go.
    """
    mine = chat_threads.c.id == id
    try:
        with writing(engine) as connection:
            connection.execute(update(chat_threads).where(mine).values(thread=thread))
    except IntegrityError:
        with writing(engine) as connection:
            connection.execute(delete(chat_threads).where(mine))


def waiting(engine: Engine) -> list[Waiting]:
    """Everybody who was not given a result yet, the oldest first."""
    query = select(chat_threads).where(chat_threads.c.done_at == "").order_by(chat_threads.c.id)
    with engine.connect() as connection:
        return [_row(row) for row in connection.execute(query).all()]


def of_delivery(engine: Engine, key: str, channel: str, person: str) -> Waiting | None:
    """Who waits since just this delivery: it was taken, and the waiting noted, at one instant of one transaction."""
    at = select(chat_seen.c.at).where(chat_seen.c.key == key).scalar_subquery()
    mine = (chat_threads.c.channel == channel, chat_threads.c.person == person, chat_threads.c.done_at == "")
    query = select(chat_threads).where(*mine, chat_threads.c.asked_at == at).order_by(chat_threads.c.id).limit(1)
    with engine.connect() as connection:
        row = connection.execute(query).first()
    return _row(row) if row is not None else None


def said(engine: Engine, id: int, told: str) -> bool:
    """Note what a thread is told now. False where it was told that before: one process tells it."""
    mine = update(chat_threads).where(chat_threads.c.id == id, chat_threads.c.told != told)
    with writing(engine) as connection:
        return connection.execute(mine.values(told=told)).rowcount == 1


def finish(engine: Engine, id: int, review: str, notices: Iterable[Notice], at: datetime) -> bool:
    """The result goes into the outbox, in the transaction that ends the waiting; once."""
    ended = update(chat_threads).where(chat_threads.c.id == id, chat_threads.c.done_at == "")
    with writing(engine) as connection:
        if connection.execute(ended.values(done_at=stamp(at))).rowcount != 1:
            return False
        outbox.post(connection, review, notices)
    return True


def about(engine: Engine, channel: str, thread: str = "") -> Waiting | None:
    """What was asked last in a thread, or, without one, in a channel."""
    query = select(chat_threads).where(chat_threads.c.channel == channel).order_by(chat_threads.c.id.desc()).limit(1)
    query = query.where(chat_threads.c.thread == thread) if thread else query
    with engine.connect() as connection:
        row = connection.execute(query).first()
    return _row(row) if row is not None else None


def _row(row: Row[tuple[object, ...]]) -> Waiting:
    given = dict(row._mapping)
    keep = {name: given[name] for name in Waiting.__dataclass_fields__}
    return Waiting(**{**keep, "asked_at": instant(str(keep["asked_at"]))})
