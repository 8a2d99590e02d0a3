"""Sweeps as the store has them: one at a time of each kind, and what became of every subject."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    and_,
    bindparam,
    exists,
    func,
    insert,
    select,
    text,
    update,
)

from agent.store import outbox
from agent.store.database import instant, stamp, writing
from agent.store.schema import outbox as outbox_rows
from agent.store.schema import sweep_rows, sweeps

LEASE = timedelta(seconds=60)
AHEAD = timedelta(minutes=1)  # by which the clocks of two machines may differ


@dataclass(frozen=True)
class SweepRow:
    """`state`: running, finished, abandoned. `batches` by model and `cost` are JSON."""

    id: str
    seq: int
    key: str
    body: str
    as_of: datetime
    state: str
    digest: str
    batches: str
    cost: str
    lease_holder: str


@dataclass(frozen=True)
class SubjectRow:
    """`state`: planned, reviewed, unchanged, failed; `about` is JSON for the digest."""

    subject: str
    gate: str
    version: str = ""
    state: str = "planned"
    review: str = ""
    note: str = ""
    about: str = "{}"


def _told(person: str, kind: str) -> ColumnElement[bool]:
    """Of the sweep that is looked at, the message to this person."""
    return and_(outbox_rows.c.review == sweeps.c.id, outbox_rows.c.person == person, outbox_rows.c.kind == kind)


def _sweep(row: Row[tuple[object, ...]]) -> SweepRow:
    given = dict(row._mapping)
    kept = {name: given[name] for name in SweepRow.__dataclass_fields__}
    return SweepRow(**{**kept, "as_of": instant(kept["as_of"])})


@dataclass(frozen=True)
class Sweeps:
    engine: Engine

    def get(self, sweep: str) -> SweepRow:
        with self.engine.connect() as connection:
            return _sweep(connection.execute(select(sweeps).where(sweeps.c.id == sweep)).one())

    def finished(self, sweep: str = "") -> SweepRow | None:
        """The finished sweep of that id, or the newest one; None where there is none."""
        asked = (sweeps.c.state == "finished", *((sweeps.c.id == sweep,) if sweep else ()))
        with self.engine.connect() as connection:
            found = connection.execute(select(sweeps).where(*asked).order_by(sweeps.c.seq.desc()).limit(1)).first()
        return _sweep(found) if found is not None else None

    def made(self, key: str, since: datetime) -> str:
        """The newest finished sweep of this key that is as of `since` or later; "" where there is none."""
        asked = (sweeps.c.key == key, sweeps.c.state == "finished", sweeps.c.as_of >= stamp(since))
        with self.engine.connect() as connection:
            found = connection.execute(select(sweeps.c.id).where(*asked).order_by(sweeps.c.seq.desc()).limit(1))
            return found.scalar() or ""

    def sent(self, key: str, before: int, person: str, kind: str) -> tuple[str, int]:
        """The digest of the last sweep of this key, of those before a seq, of which this person was to be told, and the
        seq of that sweep. "" and 0 for none.
        """
        query = select(sweeps.c.digest, sweeps.c.seq).join(outbox_rows, _told(person, kind))
        query = query.where(sweeps.c.key == key, sweeps.c.seq < before).order_by(sweeps.c.seq.desc()).limit(1)
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        return (row.digest, row.seq) if row else ("", 0)

    def untold(self, since: int, before: int, person: str, kind: str) -> list[str]:
        """Of finished sweeps of any order between the two, the digests of which this person was told nothing."""
        query = select(sweeps.c.digest).where(
            sweeps.c.seq > since, sweeps.c.seq < before, sweeps.c.state == "finished", sweeps.c.digest != "",
            ~exists().where(_told(person, kind)),
        )  # fmt: skip
        with self.engine.connect() as connection:
            return list(connection.execute(query.order_by(sweeps.c.seq.desc())).scalars())

    def begin(self, id: str, key: str, body: str, now: datetime, holder: str, *, young: datetime) -> SweepRow:
        """The unfinished sweep of this key that began at `young` or later, or a new one with its lease taken.

        An older one that nobody works on is abandoned: what it planned was reckoned as of another day. So is one that
        is dated ahead, by a clock that was wrong.
        """
        with writing(self.engine) as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text("lock table sweeps in exclusive mode"))
            running = (sweeps.c.key == key, sweeps.c.state == "running")
            found = connection.execute(select(sweeps).where(*running).order_by(sweeps.c.seq.desc()).limit(1)).first()
            alive = found is not None and found.lease_holder and found.lease_until >= stamp(now)
            if found is not None and (alive or young <= instant(found.as_of) <= now + AHEAD):
                return _sweep(found)
            connection.execute(update(sweeps).where(*running).values(state="abandoned"))
            row = {
                "id": id, "seq": (connection.execute(select(func.max(sweeps.c.seq))).scalar() or 0) + 1, "key": key,
                "body": body, "as_of": stamp(now), "state": "running", "lease_holder": holder,
                "lease_until": stamp(now + LEASE),
            }  # fmt: skip
            connection.execute(insert(sweeps).values(row))
            return _sweep(connection.execute(select(sweeps).where(sweeps.c.id == id)).one())

    def take(self, sweep: str, holder: str, now: datetime, *, dead: str = "") -> bool:
        """Take or renew the lease; `dead` names a holder that is known to be gone. False: somebody else has it."""
        free = (
            (sweeps.c.lease_holder == "")
            | (sweeps.c.lease_holder == holder)
            | (sweeps.c.lease_until < stamp(now))
            | ((sweeps.c.lease_holder == dead) if dead else sweeps.c.lease_holder.is_(None))
        )
        with writing(self.engine) as connection:
            query = update(sweeps).where(sweeps.c.id == sweep, sweeps.c.state == "running").where(free)
            taken = connection.execute(query.values(lease_holder=holder, lease_until=stamp(now + LEASE)))
        return taken.rowcount == 1

    def release(self, sweep: str, holder: str) -> None:
        held = update(sweeps).where(sweeps.c.id == sweep, sweeps.c.lease_holder == holder)
        with writing(self.engine) as connection:
            connection.execute(held.values(lease_holder="", lease_until=""))

    def note(self, sweep: str, holder: str, **columns: Mapping[str, JsonValue]) -> bool:
        """Keep `batches` or `cost`; False where the sweep is somebody else's by now, or no longer runs."""
        with writing(self.engine) as connection:
            return _set(connection, sweep, holder, {name: json.dumps(value) for name, value in columns.items()})

    def finish(
        self, sweep: str, holder: str, digest: str, now: datetime, notices: Sequence[outbox.Notice] = ()
    ) -> bool:  # fmt: skip
        """The end, and who is told of it, in one transaction. False where the lease is somebody else's by now."""
        ended = {"state": "finished", "digest": digest, "ended_at": stamp(now)}
        with writing(self.engine) as connection:
            if not _set(connection, sweep, holder, ended):
                return False
            outbox.post(connection, sweep, notices)
        return True

    # --- subjects ---------------------------------------------------------------------------------------------------

    def rows(self, sweep: str) -> list[SubjectRow]:
        columns = [sweep_rows.c[name] for name in SubjectRow.__dataclass_fields__]
        query = select(*columns).where(sweep_rows.c.sweep == sweep).order_by(sweep_rows.c.subject, sweep_rows.c.gate)
        with self.engine.connect() as connection:
            return [SubjectRow(**row._mapping) for row in connection.execute(query)]

    def plan(self, sweep: str, rows: Iterable[SubjectRow]) -> None:
        """Every subject of a sweep, in one transaction; one that is there already stays as it is."""
        with writing(self.engine) as connection:
            there = _keys(connection, sweep)
            new = [{"sweep": sweep, **row.__dict__} for row in rows if (row.subject, row.gate) not in there]
            if new:
                connection.execute(insert(sweep_rows), new)

    def done(self, sweep: str, holder: str, rows: Sequence[SubjectRow]) -> bool:
        """What became of these subjects, in one transaction. False where the sweep is somebody else's by now, or ended:
        its digest tells of other rows then.
        """
        with writing(self.engine) as connection:
            if not _set(connection, sweep, holder, {"lease_holder": holder}):
                return False
            if rows:
                connection.execute(ENDED, [_ended(sweep, row) for row in rows])
        return True

    def before(self, gate: str, seq: int) -> SweepRow | None:
        """The last finished sweep that this gate was in, of those before `seq`."""
        of_gate = select(sweep_rows.c.sweep).where(sweep_rows.c.sweep == sweeps.c.id, sweep_rows.c.gate == gate)
        query = select(sweeps).where(sweeps.c.state == "finished", sweeps.c.seq < seq, of_gate.exists())
        with self.engine.connect() as connection:
            row = connection.execute(query.order_by(sweeps.c.seq.desc()).limit(1)).first()
        return _sweep(row) if row is not None else None

    def last_seen(self, gate: str, seq: int) -> dict[str, SubjectRow]:
        """By subject, its row in the last finished sweep before `seq` in which it had a review."""
        columns = [sweep_rows.c[name] for name in SubjectRow.__dataclass_fields__]
        of_gate = (
            sweep_rows.c.gate == gate,
            sweep_rows.c.review != "",
            sweeps.c.state == "finished",
            sweeps.c.seq < seq,
        )
        both = sweeps.c.id == sweep_rows.c.sweep
        last = select(sweep_rows.c.subject, func.max(sweeps.c.seq).label("seq")).join(sweeps, both).where(*of_gate)
        newest = last.group_by(sweep_rows.c.subject).subquery()
        query = (
            select(*columns)
            .join(sweeps, both)
            .join(newest, (newest.c.subject == sweep_rows.c.subject) & (newest.c.seq == sweeps.c.seq))
            .where(sweep_rows.c.gate == gate)
        )
        with self.engine.connect() as connection:
            return {row.subject: SubjectRow(**row._mapping) for row in connection.execute(query)}


ENDED = (
    update(sweep_rows)
    .where(
        sweep_rows.c.sweep == bindparam("of"), sweep_rows.c.subject == bindparam("of_subject"),
        sweep_rows.c.gate == bindparam("of_gate"),
    )
    .values({name: bindparam(f"new_{name}") for name in SubjectRow.__dataclass_fields__})
)  # fmt: skip


def _ended(sweep: str, row: SubjectRow) -> dict[str, str]:
    now = {f"new_{name}": value for name, value in row.__dict__.items()}
    return {"of": sweep, "of_subject": row.subject, "of_gate": row.gate, **now}


def _set(connection: Connection, sweep: str, holder: str, columns: Mapping[str, str]) -> bool:
    mine = (sweeps.c.id == sweep, sweeps.c.lease_holder == holder, sweeps.c.state == "running")
    return connection.execute(update(sweeps).where(*mine).values(**columns)).rowcount == 1


def _keys(connection: Connection, sweep: str) -> set[tuple[str, str]]:
    query = select(sweep_rows.c.subject, sweep_rows.c.gate).where(sweep_rows.c.sweep == sweep)
    return {(row.subject, row.gate) for row in connection.execute(query)}
