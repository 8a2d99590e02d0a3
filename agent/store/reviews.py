"""Reviews, who works on them, and the sign-offs over what they show."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from pydantic import JsonValue
from sqlalchemy import Connection, Engine, Row, Update, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.domain import SignOff, SignOffDecision
from agent.errors import Refused, UsageError, nearest
from agent.store import log, outbox, summaries
from agent.store.database import instant, locked_log, stamp, writing
from agent.store.schema import reviews, signoffs

LEASE = timedelta(seconds=60)
OPEN_STATES = ("running", "signing", "complete")


@dataclass(frozen=True)
class ReviewRow:
    """A review as the store has it. `state`: running, signing, complete, reported, superseded, returned, failed."""

    id: str
    subject: str
    version: str
    gate: str
    as_of: datetime
    started_at: datetime
    rehearsal: bool
    graph_version: str
    seq: int
    sandbox: bool
    state: str
    document: str
    digest: str
    proposal: str
    decision: str
    supersedes: str
    ended_by: str
    started_by: str
    bundle: str
    lease_holder: str
    lease_until: str


def _row(row: Row[tuple[object, ...]]) -> ReviewRow:
    given = dict(row._mapping)
    keep = {name: given[name] for name in ReviewRow.__dataclass_fields__}
    return ReviewRow(
        **{
            **keep,
            "as_of": instant(keep["as_of"]),
            "started_at": instant(keep["started_at"]),
            "rehearsal": bool(keep["rehearsal"]),
            "sandbox": bool(keep["sandbox"]),
        }
    )


# Made once: to put a statement together takes longer than to run it.
ONE = select(reviews).where(reviews.c.id == bindparam("id"))
OF = (
    select(reviews)
    .where(reviews.c.subject == bindparam("subject"), reviews.c.gate == bindparam("gate"))
    .order_by(reviews.c.seq)
)
SAME = (
    reviews.c.subject == bindparam("subject"), reviews.c.version == bindparam("version"),
    reviews.c.gate == bindparam("gate"), reviews.c.rehearsal == 0,
)  # fmt: skip
RUNNING = select(reviews.c.id).where(*SAME, reviews.c.state == "running").order_by(reviews.c.seq.desc()).limit(1)
NEWEST = select(func.max(reviews.c.seq))
BEGIN = insert(reviews)
FREE = (
    (reviews.c.lease_holder == "") | (reviews.c.lease_holder == bindparam("holder"))
    | (reviews.c.lease_until < bindparam("now")) | (reviews.c.lease_holder == bindparam("dead"))
)  # fmt: skip
TAKE = (
    update(reviews)
    .where(reviews.c.id == bindparam("review"), FREE)
    .values(lease_holder=bindparam("holder"), lease_until=bindparam("until"))
)
RELEASE = (
    update(reviews)
    .where(reviews.c.id == bindparam("review"), reviews.c.lease_holder == bindparam("holder"))
    .values(lease_holder="", lease_until="")
)
BESIDE = select(reviews.c.id).where(*SAME, reviews.c.id != bindparam("id"), reviews.c.state.in_(("running", "signing")))


@dataclass(frozen=True)
class Reviews:
    engine: Engine

    def get(self, review: str) -> ReviewRow:
        with self.engine.connect() as connection:
            row = connection.execute(ONE, {"id": review}).first()
            if row is None:
                known = (
                    connection.execute(select(reviews.c.id).order_by(reviews.c.seq.desc()).limit(200)).scalars().all()
                )
                raise UsageError(f"there is no review {review!r}. {nearest(review, known)}")
        return _row(row)

    def many(self, ids: Sequence[str]) -> dict[str, ReviewRow]:
        """Reviews by id; those that there are not are left out."""
        parts = [ids[start : start + 500] for start in range(0, len(ids), 500)]
        return {row.id: row for part in parts for row in self._many(select(reviews).where(reviews.c.id.in_(part)))}

    def of(self, subject: str, version: str | None, gate: str) -> list[ReviewRow]:
        """Every review of a subject and gate, of one version or (None) of any, oldest first."""
        found = self._many(OF, {"subject": subject, "gate": gate})
        return found if version is None else [row for row in found if row.version == version]

    def all(self, states: Sequence[str] | None = None) -> list[ReviewRow]:
        query = select(reviews).order_by(reviews.c.seq)
        return self._many(query.where(reviews.c.state.in_(states)) if states else query)

    def begun(self) -> list[ReviewRow]:
        """Those whose set of sign-offs is complete, and those that wait and have one over what they show."""
        signed = select(signoffs.c.id).where(signoffs.c.review == reviews.c.id, signoffs.c.digest == reviews.c.digest)
        waits = (reviews.c.state == "signing") & signed.exists()
        return self._many(select(reviews).where(waits | (reviews.c.state == "complete")).order_by(reviews.c.seq))

    def any_real(self) -> bool:
        """Is there one over what a real source said?"""
        real = select(reviews.c.id).where(reviews.c.document != "", reviews.c.sandbox == 0).limit(1)
        with self.engine.connect() as connection:
            return connection.execute(real).first() is not None

    def _many(self, query, given=None) -> list[ReviewRow]:  # type: ignore[no-untyped-def]
        with self.engine.connect() as connection:
            return [_row(row) for row in connection.execute(query, given).all()]

    def start(self, row: dict[str, object], frozen: Mapping[str, JsonValue], at: datetime, *, alone: bool) -> str:
        """Insert a review with its lease taken, and log what it froze; every one that it supersedes says so.

        A rehearsal supersedes nothing. With `alone`, a review of the same subject, version and gate that runs already
        is returned instead.
        """
        with locked_log(self.engine) as connection:
            other = _running(connection, row) if alone else None
            if other:
                return other
            seq = (connection.execute(NEWEST).scalar() or 0) + 1
            connection.execute(BEGIN, {**row, "seq": seq, "lease_until": stamp(at + LEASE)})
            log.append(connection, str(row["id"]), "started", frozen, at)
            for old in [] if row["rehearsal"] else _open_beside(connection, row):
                self._supersede(connection, old, str(row["id"]), at)
        return str(row["id"])

    def _supersede(self, connection: Connection, old: str, new: str, at: datetime) -> None:
        ended = update(reviews).where(reviews.c.id == old, reviews.c.state.in_(("running", "signing")))
        if connection.execute(ended.values(state="superseded", ended_by=new)).rowcount:
            log.append(connection, old, "superseded", {"by": new}, at)
            outbox.tell_all(connection, old, "superseded", {"by": new}, at)

    # --- one worker at a time ---------------------------------------------------------------------------------------

    def take(self, review: str, holder: str, now: datetime, *, dead: str = "", when: str = "") -> bool:
        """Take or renew the lease; `dead` names a holder that is known to be gone. False: somebody else has it, or
        the review is not in the state `when`.
        """
        given = {"review": review, "holder": holder, "now": stamp(now), "until": stamp(now + LEASE), "dead": dead}
        with writing(self.engine) as connection:
            taken = connection.execute(TAKE.where(reviews.c.state == when) if when else TAKE, given)
        return taken.rowcount == 1

    def release(self, review: str, holder: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(RELEASE, {"review": review, "holder": holder})

    # --- what happens to a review ----------------------------------------------------------------------------------

    def move(
        self, review: str, to: str, event: str, body: Mapping[str, JsonValue], at: datetime, *,
        when: Sequence[str], lease: str | None = None, notices: Sequence[outbox.Notice] = (),
        summary: summaries.Summary | None = None, **columns: str | int,
    ) -> bool:  # fmt: skip
        """Change the state and log it in one transaction; False when the review is not in one of the states `when`, or
        somebody else than `lease` works on it. `summary`: the board's words of it from then on.
        """
        given = {
            "review": review,
            "to": to,
            "lease": lease,
            **{f"new_{name}": value for name, value in columns.items()},
        }
        with locked_log(self.engine) as connection:
            query = _moving(tuple(when), lease is not None, tuple(columns))
            if connection.execute(query, given).rowcount != 1:
                return False
            log.append(connection, review, event, body, at)
            outbox.post(connection, review, notices)
            if summary is not None:
                summaries.put_in(connection, summary)
        return True

    def note(self, review: str, event: str, body: Mapping[str, JsonValue], at: datetime) -> None:
        with locked_log(self.engine) as connection:
            log.append(connection, review, event, body, at)

    # --- sign-offs --------------------------------------------------------------------------------------------------

    def sign(
        self, signoff: SignOff, at: datetime, check: Callable[[list[SignOff]], None],
        notices: Sequence[outbox.Notice] = (),
    ) -> None:  # fmt: skip
        """Insert the sign-off, unless the review moved on in the meantime or the role was signed already.

        `check` sees the sign-offs that are there, inside the same transaction, and raises Refused where one of them
        speaks against this. A sign-off that asks for more evidence ends the review in that transaction too.
        """
        try:
            with locked_log(self.engine) as connection:
                row = connection.execute(select(reviews).where(reviews.c.id == signoff.review)).one()
                _check_open(_row(row), signoff)
                check(_signoffs(connection, signoff.review, signoff.digest))
                values = signoff.model_dump(mode="json", include={"review", "role", "digest", "person"})
                values |= {"at": stamp(signoff.at), "body": signoff.model_dump_json()}
                connection.execute(insert(signoffs).values(values))
                log.append(connection, signoff.review, "signed", json.loads(signoff.model_dump_json()), at)
                if signoff.decision is SignOffDecision.MORE_EVIDENCE:
                    _send_back(connection, signoff, at)
                outbox.post(connection, signoff.review, notices)
        except IntegrityError as error:
            raise Refused(self._signed_already(signoff)) from error

    def _signed_already(self, signoff: SignOff) -> str:
        other = next((s for s in self.signoffs(signoff.review, signoff.digest) if s.role == signoff.role), None)
        who = (
            f"{other.name} signed as {other.role} at {other.at:%Y-%m-%d %H:%M %Z} ({other.decision})"
            if other
            else "it was signed"
        )
        return f"{signoff.review}: {who}; one signature a role counts, yours was not added"

    def signoffs(self, review: str, digest: str | None = None) -> list[SignOff]:
        """The sign-offs of a review in the order they came; with `digest` only those over exactly that."""
        with self.engine.connect() as connection:
            return _signoffs(connection, review, digest)


@cache
def _moving(when: tuple[str, ...], leased: bool, columns: tuple[str, ...]) -> Update:
    query = update(reviews).where(reviews.c.id == bindparam("review"), reviews.c.state.in_(when))
    if leased:
        query = query.where(reviews.c.lease_holder == bindparam("lease"))
    return query.values(state=bindparam("to"), **{name: bindparam(f"new_{name}") for name in columns})


def _signoffs(connection: Connection, review: str, digest: str | None) -> list[SignOff]:
    query = select(signoffs.c.body).where(signoffs.c.review == review).order_by(signoffs.c.id)
    if digest is not None:
        query = query.where(signoffs.c.digest == digest)
    return [SignOff.model_validate_json(body) for body in connection.execute(query).scalars()]


def _send_back(connection: Connection, signoff: SignOff, at: datetime) -> None:
    query = update(reviews).where(reviews.c.id == signoff.review)
    connection.execute(query.values(state="returned", ended_by=signoff.person))
    log.append(connection, signoff.review, "returned", {"by": signoff.person, "reason": signoff.reason}, at)
    outbox.tell_all(connection, signoff.review, "returned", {"by": signoff.name, "reason": signoff.reason}, at)


def _open_beside(connection: Connection, row: Mapping[str, object]) -> list[str]:
    """Reviews of the same subject, version and gate that run or wait for people; rehearsals never do."""
    about = {name: row[name] for name in ("subject", "version", "gate", "id")}
    return list(connection.execute(BESIDE, about).scalars())


def _running(connection: Connection, row: Mapping[str, object]) -> str | None:
    return connection.execute(RUNNING, {name: row[name] for name in ("subject", "version", "gate")}).scalar()


def _check_open(row: ReviewRow, signoff: SignOff) -> None:
    if row.state != "signing":
        raise Refused(
            f"{row.id} {ENDED.get(row.state, row.state).format(by=row.ended_by)}; your signature was not added"
        )
    if row.digest != signoff.digest:
        raise Refused(
            f"{row.id} no longer shows what you signed ({signoff.digest[:12]}, now {row.digest[:12]}); "
            f"look at it again with `clearance reviews show {row.id}`"
        )


ENDED = {
    "running": "is still being assessed",
    "complete": "has all its signatures and its report is being written",
    "reported": "is signed and its report is written",
    "superseded": "was superseded by {by}",
    "returned": "was sent back for more evidence by {by}",
    "revoked": "was revoked by {by}",
    "failed": "did not finish",
    "pruned": "was pruned on {by}, as nobody had signed it or its time of keeping was over",
}
