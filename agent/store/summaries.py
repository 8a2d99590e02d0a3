"""The latest review of each subject, version and gate with a few words of its document: one query for thousands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, select

from agent.store.database import writing
from agent.store.once import replace_by
from agent.store.schema import board, registry, reviews, signoffs


@dataclass(frozen=True)
class Summary:
    """Of one review's document. `blocks`, `signers` and `ends` are JSON lists, read only where they are shown."""

    review: str
    digest: str
    name: str
    launch: str
    blocks: str
    unseen: int
    signers: str
    ends: str


@dataclass(frozen=True)
class Entry:
    """A review and its summary; `name` is None where it has none. `standing` is the registry's word, "" for none."""

    id: str
    seq: int
    subject: str
    version: str
    gate: str
    as_of: str
    state: str
    ended_by: str
    document: str
    proposal: str
    decision: str
    sandbox: int
    name: str | None
    launch: str
    blocks: str
    unseen: int
    signers: str
    ends: str
    standing: str


def put(engine: Engine, summary: Summary) -> None:
    """Keep it in place of what there was."""
    with writing(engine) as connection:
        put_in(connection, summary)


def put_in(connection: Connection, summary: Summary) -> None:
    """The same inside the caller's transaction."""
    replace_by(connection, board, ("review",), asdict(summary))


def latest(engine: Engine) -> list[Entry]:
    """One entry for each subject, version and gate; rehearsals are left out."""
    newest = select(func.max(reviews.c.seq)).where(reviews.c.rehearsal == 0)
    newest = newest.group_by(reviews.c.subject, reviews.c.version, reviews.c.gate)
    same = (registry.c[name] == reviews.c[name] for name in ("subject", "version", "gate"))
    both = (board.c.review == reviews.c.id) & (board.c.digest == reviews.c.digest)
    query = select(*_columns()).select_from(reviews).outerjoin(board, both).outerjoin(registry, and_(*same))
    query = query.where(reviews.c.seq.in_(newest))
    with engine.connect() as connection:
        return [Entry(*tuple(row)) for row in connection.execute(query)]


def _columns() -> Iterator[ColumnElement[Any]]:
    """In the order of the fields of an Entry; what there is no summary of is empty."""
    empty = {"launch": "", "blocks": "[]", "unseen": 0, "signers": "[]", "ends": "[]"}
    for field in fields(Entry):
        if field.name in reviews.c:
            yield reviews.c[field.name]
        elif field.name in empty:
            yield func.coalesce(board.c[field.name], empty[field.name])
        else:
            yield board.c.name if field.name == "name" else func.coalesce(registry.c.status, "")


def begun(engine: Engine) -> frozenset[str]:
    """The reviews that wait for people and that somebody has signed already."""
    query = (
        select(signoffs.c.review).join(reviews, reviews.c.id == signoffs.c.review).where(reviews.c.state == "signing")
    )
    with engine.connect() as connection:
        return frozenset(connection.execute(query.distinct()).scalars())


def without(entries: Sequence[Entry]) -> list[str]:
    """Reviews that have a document and no summary of it yet."""
    return [one.id for one in entries if one.document and one.name is None]
