"""What a complete set of sign-offs does to the store, and what taking it back does: one transaction each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, update

from agent.store import log
from agent.store.database import locked_log, stamp
from agent.store.registry import Standing
from agent.store.schema import registry, reviews


@dataclass(frozen=True)
class Decisions:
    engine: Engine

    def seal(self, review: str, body: Mapping[str, JsonValue], at: datetime) -> None:
        """Note the end of the log that the bundle will hold; a second caller finds it there and adds nothing."""
        with locked_log(self.engine) as connection:
            if not log.has(connection, review, "sealed"):
                log.append(connection, review, "sealed", body, at)

    def publish(self, review: str, bundle: str, standing: Standing, at: datetime) -> bool:
        """The review is reported and the registry says so, unless a later review has decided already.

        False when the review is not complete any more: nothing is changed then.
        """
        with locked_log(self.engine) as connection:
            done = {"state": "reported", "bundle": bundle, "decision": standing.decision}
            query = update(reviews).where(reviews.c.id == review, reviews.c.state == "complete").values(**done)
            if connection.execute(query).rowcount != 1:
                return False
            if _seq(connection, review) >= _seq(connection, _registered(connection, standing)):
                _put(connection, standing, at)
            body: Mapping[str, JsonValue] = {"bundle": bundle, "decision": standing.decision}
            log.append(connection, review, "published", body, at)
        return True

    def revoke(self, review: str, by: str, body: Mapping[str, JsonValue], at: datetime) -> bool:
        """The decision no longer stands; the report stays. False when there is no decision that stands."""
        with locked_log(self.engine) as connection:
            query = update(reviews).where(reviews.c.id == review, reviews.c.state == "reported")
            if connection.execute(query.values(state="revoked", ended_by=by)).rowcount != 1:
                return False
            log.append(connection, review, "revoked", body, at)
            status = update(registry).where(registry.c.review == review)
            connection.execute(status.values(status="revoked", updated_at=stamp(at)))
        return True


def _seq(connection: Connection, review: str | None) -> int:
    return connection.execute(select(reviews.c.seq).where(reviews.c.id == review)).scalar() or 0


def _registered(connection: Connection, standing: Standing) -> str | None:
    query = select(registry.c.review).where(*_same(standing))
    return connection.execute(query).scalar()


def _same(standing: Standing) -> tuple[ColumnElement[bool], ...]:
    return (
        registry.c.subject == standing.subject,
        registry.c.version == standing.version,
        registry.c.gate == standing.gate,
    )


def _put(connection: Connection, standing: Standing, at: datetime) -> None:
    connection.execute(delete(registry).where(*_same(standing)))
    connection.execute(insert(registry).values({**standing.__dict__, "updated_at": stamp(at)}))
