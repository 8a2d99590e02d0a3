"""What the store holds by whom and since when, and taking away what nobody holds. The log is only ever added to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, func, select, update

from agent.errors import StoreError
from agent.store import log
from agent.store.database import locked_log, stamp, writing
from agent.store.packing import plain
from agent.store.schema import (
    answers,
    blobs,
    board,
    jobs,
    outbox,
    registry,
    reviews,
    signoffs,
    statements,
    sweep_rows,
    sweeps,
    ticks,
    versions,
)
from agent.store.schema import log as entries

DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
LEAVES = ("evidence", "gap", "statement")  # blobs that name no others: what stands in them, others wrote
AT_ONCE = 500  # rows of one statement
GONE_AT_ONCE = 20_000  # as many as one statement may name: for each, the answers are gone through once


@dataclass(frozen=True)
class Blob:
    digest: str
    kind: str
    size: int
    stored_at: str


def signed(engine: Engine) -> frozenset[str]:
    """Reviews that somebody has signed, whatever became of them."""
    with engine.connect() as connection:
        return frozenset(connection.execute(select(signoffs.c.review).distinct()).scalars())


def standing(engine: Engine) -> frozenset[str]:
    """Reviews whose decision the registry holds."""
    with engine.connect() as connection:
        return frozenset(connection.execute(select(registry.c.review)).scalars())


def last_swept(engine: Engine) -> frozenset[str]:
    """For each subject and gate, the review that its last sweep stood on: the next is compared with it.

    As `Sweeps.last_seen`: a sweep that came to no end is none that another is compared with.
    """
    newest = select(sweep_rows.c.subject, sweep_rows.c.gate, func.max(sweeps.c.seq).label("seq"))
    newest = newest.join(sweeps, sweeps.c.id == sweep_rows.c.sweep)
    newest = newest.where(sweep_rows.c.review != "", sweeps.c.state == "finished")
    last = newest.group_by(sweep_rows.c.subject, sweep_rows.c.gate).subquery()
    query = (
        select(sweep_rows.c.review)
        .join(sweeps, sweeps.c.id == sweep_rows.c.sweep)
        .join(last, (last.c.seq == sweeps.c.seq) & (last.c.subject == sweep_rows.c.subject)
              & (last.c.gate == sweep_rows.c.gate))
    )  # fmt: skip
    with engine.connect() as connection:
        return frozenset(connection.execute(query).scalars())


def last_events(engine: Engine) -> dict[str, str]:
    """By review, when its log was last added to."""
    query = select(entries.c.review, func.max(entries.c.at)).group_by(entries.c.review)
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def all_blobs(engine: Engine) -> dict[str, Blob]:
    query = select(blobs.c.digest, blobs.c.kind, func.length(blobs.c.body), blobs.c.stored_at)
    with engine.connect() as connection:
        return {row[0]: Blob(*row) for row in connection.execute(query)}


def named_by(engine: Engine, kept: Collection[str], known: Collection[str]) -> dict[str, set[str]]:
    """By kept review, the blobs that its rows and its log name."""
    found: dict[str, set[str]] = {}
    with engine.connect() as connection:
        for some in _chunks(sorted(kept)):
            rows = select(reviews.c.id, reviews.c.document).where(reviews.c.id.in_(some))
            told = select(entries.c.review, entries.c.body).where(entries.c.review.in_(some))
            for review, text in [*connection.execute(rows), *connection.execute(told)]:
                found.setdefault(review, set()).update(_digests(text.encode(), known))
    return found


def held_anyway(engine: Engine, cutoff: datetime) -> set[str]:
    """Statements, digests of sweeps, versions of gates; of every question its last answer and all that are younger.

    And its last gap: without it, evidence from before it that was kept after it would count again.
    """
    newest = select(func.max(answers.c.id)).group_by(answers.c.request_key, answers.c.source_key)
    gaps = newest.where(answers.c.kind == "gap")
    young = (answers.c.collected_at >= stamp(cutoff)) | answers.c.id.in_(newest) | answers.c.id.in_(gaps)
    kept = [select(table.c.digest) for table in (statements, sweeps, versions)]
    queries = (*kept, select(answers.c.digest).where(young))
    with engine.connect() as connection:
        return {digest for query in queries for digest in connection.execute(query.distinct()).scalars()}


def reached(engine: Engine, roots: Iterable[str], known: dict[str, Blob]) -> set[str]:
    """Those blobs, and all that are named in them, and so on. StoreError at one that cannot be read: what it names is
    not known, and nothing may go."""
    found: set[str] = set()
    left = {digest for digest in roots if digest in known}
    with engine.connect() as connection:
        while left:
            found |= left
            inner = sorted(digest for digest in left if known[digest].kind not in LEAVES)
            left = set()
            for some in _chunks(inner):
                query = select(blobs.c.digest, blobs.c.body).where(blobs.c.digest.in_(some))
                for digest, stored in connection.execute(query):
                    left |= _digests(_plain(digest, bytes(stored)), known)
            left -= found
    return found


def _plain(digest: str, stored: bytes) -> bytes:
    body = plain(stored, digest)
    if body is None:
        raise StoreError(f"the locker's piece {digest[:12]}… is damaged; nothing is pruned, restore it from a backup")
    return body


def _digests(body: bytes, known: Collection[str]) -> set[str]:
    return {text for text in (match.decode() for match in DIGEST.findall(body)) if text in known}


def forget_review(engine: Engine, review: str, at: datetime) -> bool:
    """Its document is no longer shown, and its log says so. False where it is no longer what it was when it was chosen.

    Signatures, log and the row itself stay.
    """
    ended = update(reviews).where(reviews.c.id == review, reviews.c.state.not_in(("running", "signing", "complete")))
    with locked_log(engine) as connection:
        if not connection.execute(ended.values(state="pruned", document="", ended_by=stamp(at)[:10])).rowcount:
            return False
        connection.execute(delete(board).where(board.c.review == review))
        connection.execute(delete(outbox).where(outbox.c.review == review, outbox.c.done_at != ""))
        log.append(connection, review, "pruned", {}, at)
    return True


def drop_blobs(engine: Engine, digests: Collection[str], cutoff: datetime) -> int:
    """Take away those that nobody has put again since `cutoff`; with them, that they were an answer."""
    count = 0
    for some in _chunks(sorted(digests), GONE_AT_ONCE):
        with writing(engine) as connection:
            gone = delete(blobs).where(blobs.c.digest.in_(some), blobs.c.stored_at < stamp(cutoff))
            left = list(connection.execute(gone.returning(blobs.c.digest)).scalars())
            connection.execute(delete(answers).where(answers.c.digest.in_(left)))
            count += len(left)
    return count


def drop_old_work(engine: Engine, cutoff: datetime) -> int:
    """Jobs that ended before `cutoff`, and ticks before it but for the newest of each schedule; how many jobs."""
    with writing(engine) as connection:
        ended = delete(jobs).where(jobs.c.state.in_(("done", "failed")), jobs.c.ended_at < stamp(cutoff))
        count = connection.execute(ended).rowcount
        for schedule in list(connection.execute(select(ticks.c.schedule).distinct()).scalars()):
            last = connection.execute(select(func.max(ticks.c.tick)).where(ticks.c.schedule == schedule)).scalar()
            old = (ticks.c.schedule == schedule, ticks.c.tick < stamp(cutoff), ticks.c.tick != last)
            connection.execute(delete(ticks).where(*old))
    return count


def old_jobs(engine: Engine, cutoff: datetime) -> int:
    query = select(func.count()).where(jobs.c.state.in_(("done", "failed")), jobs.c.ended_at < stamp(cutoff))
    with engine.connect() as connection:
        return connection.execute(query).scalar() or 0


def _chunks(rows: list[str], size: int = AT_ONCE) -> Iterator[list[str]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
