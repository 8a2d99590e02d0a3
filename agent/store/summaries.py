"""The latest review of each subject, version and gate with a few words of its document: one query for thousands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Engine, and_, delete, func, insert, select

from agent.store.database import writing
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
        connection.execute(delete(board).where(board.c.review == summary.review))
        connection.execute(insert(board).values(asdict(summary)))


def latest(engine: Engine) -> list[Entry]:
    """One entry for each subject, version and gate; rehearsals are left out."""
    newest = select(func.max(reviews.c.seq)).where(reviews.c.rehearsal == 0)
    newest = newest.group_by(reviews.c.subject, reviews.c.version, reviews.c.gate)
    own = (reviews.c[name] for name in ("id", "subject", "version", "gate", "as_of", "state", "ended_by", "document"))
    same = (registry.c[name] == reviews.c[name] for name in ("subject", "version", "gate"))
    both = (board.c.review == reviews.c.id) & (board.c.digest == reviews.c.digest)
    lists = (func.coalesce(board.c[name], "[]") for name in ("signers", "ends"))
    query = (
        select(
            *own, reviews.c.proposal, reviews.c.decision, reviews.c.sandbox, board.c.name,
            func.coalesce(board.c.launch, ""), func.coalesce(board.c.blocks, "[]"),
            func.coalesce(board.c.unseen, 0), *lists, func.coalesce(registry.c.status, ""),
        )
        .select_from(reviews)
        .outerjoin(board, both)
        .outerjoin(registry, and_(*same))
        .where(reviews.c.seq.in_(newest))
    )  # fmt: skip
    with engine.connect() as connection:
        return [Entry(*row) for row in connection.execute(query).tuples()]  # type: ignore[call-arg]


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
