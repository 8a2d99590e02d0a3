"""The append-only log: every entry carries the hash of the one before, in its review and in the whole locker."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Connection, Engine, Row, bindparam, insert, select

from agent.store.database import stamp
from agent.store.schema import log
from collectors.evidence import canonical, sha256

START = "0" * 64
LAST = select(log.c.hash).order_by(log.c.seq.desc()).limit(1)
LAST_OF = select(log.c.review_hash).where(log.c.review == bindparam("of")).order_by(log.c.seq.desc()).limit(1)
ADD = insert(log)


def append(connection: Connection, review: str, event: str, body: Mapping[str, JsonValue], at: datetime) -> str:
    """Add one entry inside a `locked_log` transaction; returns the head of the review's chain."""
    last = connection.execute(LAST).scalar() or START
    before = connection.execute(LAST_OF, {"of": review}).scalar() or START
    entry = _entry(review, stamp(at), event, dict(body), before)
    review_hash = sha256(canonical(entry))
    row = {
        "review": review, "at": stamp(at), "event": event, "body": json.dumps(dict(body), sort_keys=True),
        "review_hash": review_hash, "hash": sha256((last + review_hash).encode()),
    }  # fmt: skip
    connection.execute(ADD, row)
    return review_hash


def _entry(review: str, at: str, event: str, body: JsonValue, before: str) -> dict[str, JsonValue]:
    return {"review": review, "at": at, "event": event, "body": body, "before": before}


def has(connection: Connection, review: str, event: str) -> bool:
    query = select(log.c.seq).where(log.c.review == review, log.c.event == event).limit(1)
    return connection.execute(query).scalar() is not None


def entries(engine: Engine, review: str) -> Sequence[Row[tuple[object, ...]]]:
    with engine.connect() as connection:
        return connection.execute(select(log).where(log.c.review == review).order_by(log.c.seq)).all()


def reason(engine: Engine, review: str) -> str:
    """What people said when they sent a review back or revoked it; "" where they did neither."""
    told = [json.loads(entry.body) for entry in entries(engine, review) if entry.event in ("returned", "revoked")]
    return str(told[-1].get("reason", "")) if told else ""


def publishes_to(engine: Engine, review: str) -> str:
    """Where the report is to be published besides the home, as whoever began it or completed its set was told; "" """
    told = [json.loads(str(e.body)) for e in entries(engine, review) if e.event in ("started", "complete")]
    return next((str(body["publish"]) for body in reversed(told) if body.get("publish")), "")


def lines(engine: Engine, review: str, until: str | None = None) -> bytes:
    """The review's chain as JSON lines: each is the entry as hashed, plus its hash. Ends at the event `until`."""
    before, out = START, []
    for row in entries(engine, review):
        entry = _entry(review, row.at, row.event, json.loads(row.body), before)
        before = row.review_hash
        out.append(canonical({**entry, "hash": before}))
        if row.event == until:
            break
    return b"\n".join(out) + b"\n"


def head(engine: Engine) -> str:
    """The head of the whole locker's chain."""
    with engine.connect() as connection:
        return connection.execute(LAST).scalar() or START


def broken(text: bytes) -> str | None:
    """The first thing wrong with a chain of JSON lines, or None."""
    before = START
    for number, line in enumerate(text.splitlines(), start=1):
        entry = json.loads(line)
        said = entry.pop("hash", "")
        if entry.get("before") != before or sha256(canonical(entry)) != said:
            return f"line {number} does not follow from the one before"
        before = said
    return None
