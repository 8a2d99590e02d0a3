"""What somebody asked in chat: written down before Slack hears that it arrived, and kept until it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, delete, select, update

from agent.store.database import stamp, writing
from agent.store.once import insert_once
from agent.store.schema import chat_inbox

HOLD = timedelta(seconds=60)  # after which what a killed process was answering is anybody's again
KEPT = timedelta(days=2)  # Slack tries again for an hour at most
MOST = 5  # tries; an answer that Slack does not take for so long is asked for again by whoever still wants it


@dataclass(frozen=True)
class Delivery:
    """`key` is the same however often Slack sends it; `kind`: command or mention; `thread` "" = none."""

    key: str
    kind: str
    channel: str
    thread: str
    member: str
    text: str


def hear(engine: Engine, one: Delivery, at: datetime) -> bool:
    """Write it down, held by whoever does so. False where it is there already: Slack sent it again."""
    row = {**vars(one), "at": stamp(at), "held_until": stamp(at + HOLD)}
    over = (chat_inbox.c.done_at != "") | (chat_inbox.c.tries >= MOST)
    with writing(engine) as connection:
        connection.execute(delete(chat_inbox).where(over, chat_inbox.c.at < stamp(at - KEPT)))
        return insert_once(connection, chat_inbox, row)


def left(engine: Engine, at: datetime) -> list[Delivery]:
    """What nobody answers now, the oldest first."""
    names = Delivery.__dataclass_fields__
    query = select(*(chat_inbox.c[name] for name in names)).where(*_free(at)).order_by(chat_inbox.c.at)
    with engine.connect() as connection:
        return [Delivery(**row._mapping) for row in connection.execute(query).all()]


def take(engine: Engine, key: str, at: datetime) -> bool:
    """Make it this process's to answer; False where another has it, or it is done."""
    mine = {"held_until": stamp(at + HOLD), "tries": chat_inbox.c.tries + 1}
    with writing(engine) as connection:
        taken = connection.execute(update(chat_inbox).where(chat_inbox.c.key == key, *_free(at)).values(mine))
    return taken.rowcount == 1


def _free(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return chat_inbox.c.done_at == "", chat_inbox.c.held_until < stamp(at), chat_inbox.c.tries < MOST


def done(engine: Engine, key: str, at: datetime) -> None:
    """Answered: what was asked is forgotten, that it was asked is not."""
    with writing(engine) as connection:
        connection.execute(update(chat_inbox).where(chat_inbox.c.key == key).values(done_at=stamp(at), text=""))


def given_up(engine: Engine) -> int:
    """How many were tried as often as anything is, and have no answer."""
    query = select(chat_inbox.c.key).where(chat_inbox.c.done_at == "", chat_inbox.c.tries >= MOST)
    with engine.connect() as connection:
        return len(connection.execute(query).all())
