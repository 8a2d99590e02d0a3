"""What a complete set of sign-offs does to the store, and what taking it back does: one transaction each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, update

from agent.errors import Refused
from agent.store import log, outbox
from agent.store.database import instant, locked_log, stamp
from agent.store.outbox import Notice
from agent.store.registry import APPROVED, PRODUCTION, Standing
from agent.store.schema import registry, reviews

CHANGED = "{review} changed while its report was written; see `clearance reviews show {review}`"
WARN_BEFORE = timedelta(days=3)  # of the end of a decision, its signers are told


@dataclass(frozen=True)
class Decisions:
    engine: Engine

    def seal(self, review: str, body: Mapping[str, JsonValue], at: datetime, lease: str) -> None:
        """Note the end of the log that the bundle will hold; a second caller finds it there and adds nothing.

        Refused where the set is not complete any more: what was taken back in between is not sealed.
        """
        with locked_log(self.engine) as connection:
            _fence(connection, review, lease)
            state = connection.execute(select(reviews.c.state).where(reviews.c.id == review)).scalar()
            if state != "complete":
                raise Refused(CHANGED.format(review=review))
            if not log.has(connection, review, "sealed"):
                log.append(connection, review, "sealed", body, at)

    def publish(
        self, review: str, bundle: str, standing: Standing, at: datetime, lease: str, later: Sequence[Notice] = ()
    ) -> bool:
        """The review is reported and the registry says so, unless a later review has decided already.

        `later` are messages that the decision gives cause for, when their time comes.
        False when the review is not complete any more: nothing is changed then.
        """
        with locked_log(self.engine) as connection:
            _fence(connection, review, lease)
            done = {"state": "reported", "bundle": bundle, "decision": standing.decision}
            query = update(reviews).where(reviews.c.id == review, reviews.c.state == "complete").values(**done)
            if connection.execute(query).rowcount != 1:
                return False
            if _seq(connection, review) >= _seq(connection, _registered(connection, standing)):
                _put(connection, standing, at)
            body: Mapping[str, JsonValue] = {"bundle": bundle, "decision": standing.decision}
            log.append(connection, review, "published", body, at)
            outbox.tell_all(connection, review, "published", {"bundle": bundle, "decision": standing.decision}, at)
            if standing.valid_until:
                ends = instant(standing.valid_until)
                outbox.tell_all(connection, review, "lapsing", {"ends": stamp(ends)}, max(at, ends - WARN_BEFORE))
            outbox.post(connection, review, later)
        return True

    def revoke(
        self, review: str, by: str, name: str, body: Mapping[str, JsonValue], at: datetime, standing: Standing
    ) -> bool:
        """The decision no longer stands; the report stays. False when there is no decision that stands.

        One whose report is not written yet ends as well, and whoever writes it finds that it does not count. `standing`
        is what it would have been in the registry: what stood there before it does not come back.
        """
        with locked_log(self.engine) as connection:
            if _revoked(connection, review, "complete", ended_by=by, decision=standing.decision):
                if _seq(connection, review) >= _seq(connection, _registered(connection, standing)):
                    _put(connection, standing, at)
            elif not _revoked(connection, review, "reported", ended_by=by):
                return False
            log.append(connection, review, "revoked", body, at)
            outbox.tell_all(connection, review, "revoked", {"by": name, "reason": str(body["reason"])}, at)
            status = update(registry).where(registry.c.review == review)
            connection.execute(status.values(status="revoked", updated_at=stamp(at)))
        return True

    def launch(self, review: str, to: str, at: datetime) -> bool:
        """The launch day has come: the subject is in Production, or a Pilot again where its decision ran out.

        False where somebody else has noted it, or the registry holds another decision by now.
        """
        with locked_log(self.engine) as connection:
            approved = (registry.c.review == review, registry.c.status.like(APPROVED + "%"))
            status = update(registry).where(*approved).values(status=to, updated_at=stamp(at))
            if connection.execute(status).rowcount != 1:
                return False
            log.append(connection, review, "launched" if to == PRODUCTION else "lapsed", {"status": to}, at)
            if to == PRODUCTION:
                outbox.tell_all(connection, review, "launched", {}, at)
        return True


def _revoked(connection: Connection, review: str, state: str, **columns: str) -> bool:
    query = update(reviews).where(reviews.c.id == review, reviews.c.state == state)
    return connection.execute(query.values(state="revoked", **columns)).rowcount == 1


def _fence(connection: Connection, review: str, lease: str) -> None:
    """Refused where the lease is no longer `lease`: a process that stood still must not write over who took over."""
    holder = connection.execute(select(reviews.c.lease_holder).where(reviews.c.id == review)).scalar()
    if holder != lease:
        told = f"{review} was taken over by another process ({holder or 'which is done'}); nothing was changed"
        raise Refused(told)


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
