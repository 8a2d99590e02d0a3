"""What each version of a gate or control was when it was first used in earnest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Engine, bindparam, select

from agent.store.database import stamp, writing
from agent.store.once import insert_once
from agent.store.schema import versions

Kind = Literal["gate", "control"]


FIRST = select(versions.c.digest, versions.c.review).where(
    versions.c.kind == bindparam("of"), versions.c.id == bindparam("named"), versions.c.version == bindparam("at")
)


@dataclass(frozen=True)
class FirstUse:
    """`digest`: of it in the locker; `review`: the one that used it first."""

    digest: str
    review: str


@dataclass(frozen=True)
class Versions:
    engine: Engine

    def of(self, kind: Kind, id: str, version: str) -> FirstUse | None:
        with self.engine.connect() as connection:
            row = connection.execute(FIRST, {"of": kind, "named": id, "at": version}).first()
        return FirstUse(row.digest, row.review) if row else None

    def note(self, kind: Kind, id: str, version: str, digest: str, review: str, at: datetime) -> None:
        """Keep it where nobody has used this version yet."""
        if self.of(kind, id, version) is None:
            row = {"kind": kind, "id": id, "version": version, "digest": digest, "review": review, "at": stamp(at)}
            with writing(self.engine) as connection:
                insert_once(connection, versions, row)
