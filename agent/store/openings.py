"""Whose eyes an item's evidence was put before: entries `opened` of a review's log, one a person, item and digest."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Connection, Engine, select

from agent.store import log
from agent.store.database import instant, locked_log, stamp
from agent.store.schema import log as entries
from agent.store.schema import reviews


def add(engine: Engine, review: str, item: int, person: str, digest: str, channel: str, at: datetime) -> bool:
    """Log it, unless it is there already or the review waits for signatures over this digest no longer."""
    with locked_log(engine) as connection:
        waits = select(reviews.c.id).where(
            reviews.c.id == review, reviews.c.state == "signing", reviews.c.digest == digest
        )
        if connection.execute(waits).first() is None or item in _times(connection, review, person, digest):
            return False
        body: dict[str, JsonValue] = {
            "item": item,
            "person": person,
            "digest": digest,
            "channel": channel,
            "at": stamp(at),
        }
        log.append(connection, review, "opened", body, at)
    return True


def times(engine: Engine, review: str, person: str, digest: str) -> dict[int, datetime]:
    """When each item's evidence was first shown to this person, under this digest."""
    with engine.connect() as connection:
        return _times(connection, review, person, digest)


def _times(connection: Connection, review: str, person: str, digest: str) -> dict[int, datetime]:
    query = select(entries.c.body).where(entries.c.review == review, entries.c.event == "opened")
    return dict(_of(connection.execute(query.order_by(entries.c.seq)).scalars(), person, digest))


def _of(bodies: Iterable[str], person: str, digest: str) -> Iterable[tuple[int, datetime]]:
    for body in map(json.loads, bodies):
        if (body["person"], body["digest"]) == (person, digest):
            yield body["item"], instant(body["at"])
