"""Who is still to be told what: rows that come with the event itself, in its transaction, and are delivered later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, Row, select, update

from agent.store.database import instant, stamp, writing
from agent.store.once import insert_new
from agent.store.schema import outbox

CLAIM = timedelta(seconds=60)  # after which a message that a killed process was delivering is anybody's again
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
WAITING = "waiting"
CHAT = "chat:"  # of a message to a thread in chat, with the thread's number behind it


@dataclass(frozen=True)
class Notice:
    """One person to be told one thing about one review. `about` holds what the text needs; never text of evidence."""

    person: str
    kind: str
    about: Mapping[str, str]
    due: datetime


@dataclass(frozen=True)
class OutboxRow:
    """`kind`: waiting, reminder, superseded, returned, published, lapsing, revoked, launched.

    And swept (`review` is the sweep then); waiver_ends, waiver_over, open_ends and open_over, each with
    `:item:days ahead` behind it.
    """

    id: int
    review: str
    person: str
    kind: str
    about: dict[str, str]
    due_at: datetime
    attempts: int
    error: str

    @property
    def is_for_chat(self) -> bool:
        """Is this for a thread, and not for a person?"""
        return self.kind.startswith(CHAT)


def post(connection: Connection, review: str, notices: Iterable[Notice]) -> None:
    """Put messages into the outbox inside the caller's transaction; each kind once a person and review."""
    insert_new(connection, outbox, [_posted(review, one) for one in notices])


def _posted(review: str, one: Notice) -> dict[str, str]:
    about = json.dumps(dict(one.about), sort_keys=True)
    return {"review": review, "person": one.person, "kind": one.kind, "about": about, "due_at": stamp(one.due)}


def tell_all(connection: Connection, review: str, kind: str, more: Mapping[str, str], due: datetime) -> None:
    """Tell everybody who was asked to sign a review what became of it."""
    query = select(outbox).where(outbox.c.review == review, outbox.c.kind == WAITING).order_by(outbox.c.id)
    asked = [_row(row) for row in connection.execute(query).all()]
    post(connection, review, [Notice(one.person, kind, {**one.about, **more}, due) for one in asked])


def due(engine: Engine, now: datetime, limit: int = 100) -> Iterator[OutboxRow]:
    """What is to be delivered now, the oldest first, read `limit` at a time: what is passed over hides nothing."""
    query = select(outbox).where(outbox.c.done_at == "", outbox.c.due_at <= stamp(now)).order_by(outbox.c.id)
    after = 0
    while True:
        with engine.connect() as connection:
            found = [_row(row) for row in connection.execute(query.where(outbox.c.id > after).limit(limit)).all()]
        yield from found
        if len(found) < limit:
            return
        after = found[-1].id


def undelivered(engine: Engine) -> list[OutboxRow]:
    """What was tried and could not be delivered yet."""
    query = select(outbox).where(outbox.c.done_at == "", outbox.c.attempts > 0).order_by(outbox.c.id)
    with engine.connect() as connection:
        return [_row(row) for row in connection.execute(query).all()]


def claim(engine: Engine, id: int, now: datetime) -> bool:
    """Make one message this process's to deliver; False when somebody else is at it, or it is done."""
    free = (outbox.c.id == id, outbox.c.done_at == "", outbox.c.claimed_until < stamp(now))
    with writing(engine) as connection:
        taken = connection.execute(update(outbox).where(*free).values(claimed_until=stamp(now + CLAIM)))
    return taken.rowcount == 1


def done(engine: Engine, id: int, how: str, at: datetime) -> None:
    """`how`: slack, email, console, or why it is not needed any more."""
    with writing(engine) as connection:
        connection.execute(update(outbox).where(outbox.c.id == id).values(done_at=stamp(at), how=how, error=""))


def failed(engine: Engine, row: OutboxRow, error: str, at: datetime) -> None:
    """Try again after a pause that doubles from half a minute to an hour."""
    pause = min(FIRST_PAUSE * 2 ** min(row.attempts, 10), LONGEST_PAUSE)
    again = {"attempts": row.attempts + 1, "error": error, "due_at": stamp(at + pause), "claimed_until": ""}
    with writing(engine) as connection:
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(again))


def _row(row: Row[tuple[object, ...]]) -> OutboxRow:
    given = dict(row._mapping)
    keep = {name: given[name] for name in OutboxRow.__dataclass_fields__}
    return OutboxRow(**{**keep, "about": json.loads(keep["about"]), "due_at": instant(keep["due_at"])})
