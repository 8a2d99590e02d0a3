"""Who is connected to Slack's Socket Mode, and whose rounds do not go round: one row a process and matter, so that
`doctor` sees what another process knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select

from agent.store.database import instant, stamp, writing
from agent.store.once import replace_by
from agent.store.schema import chat_lines

ROUNDS = "rounds:"  # of a row that tells of rounds, and of no connection
STOPPED = "its process was stopped"
KEPT = timedelta(days=30)  # "last connected at" is told for so long


@dataclass(frozen=True)
class Line:
    """`since` None: never connected; `seen_at`: when it was last found connected; `trouble` "" = it is connected."""

    holder: str
    since: datetime | None
    seen_at: datetime | None
    trouble: str
    at: datetime


def note(engine: Engine, line: Line) -> None:
    """How it stands with one process's connection."""
    row = {
        "holder": line.holder, "since": stamp(line.since) if line.since else "",
        "seen_at": stamp(line.seen_at) if line.seen_at else "", "trouble": line.trouble, "at": stamp(line.at),
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(delete(chat_lines).where(chat_lines.c.at < stamp(line.at - KEPT)))
        replace_by(connection, chat_lines, ("holder",), row)


def every(engine: Engine) -> list[Line]:
    """The last word of each process on its connection, the newest first."""
    return [one for one in _all(engine) if not one.holder.startswith(ROUNDS)]


def of_rounds(engine: Engine) -> list[Line]:
    """The last word of each process on what it looks after again and again, the newest first."""
    return [one for one in _all(engine) if one.holder.startswith(ROUNDS)]


def _all(engine: Engine) -> list[Line]:
    with engine.connect() as connection:
        rows = connection.execute(select(chat_lines).order_by(chat_lines.c.at.desc())).all()
    return [
        Line(row.holder, _at(row.since), _at(row.seen_at), row.trouble, instant(row.at))
        for row in rows
    ]  # fmt: skip


def _at(text: str) -> datetime | None:
    return instant(text) if text else None
