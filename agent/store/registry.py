"""Our own table of subjects: which version may go where, by whose decision, until when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from sqlalchemy import Engine, func, select

from agent.store.schema import registry, reviews

APPROVED, PRODUCTION, PILOT = "approved for ", "Production", "Pilot"
EAST = timedelta(days=1)  # a launch day begins somewhere up to a day before it does in UTC


@dataclass(frozen=True)
class Standing:
    """`status`: "Pilot", "approved for <date>", "Production" or "revoked"; `decision` as signed."""

    subject: str
    version: str
    gate: str
    status: str
    decision: str
    launch: str
    valid_until: str
    review: str


@dataclass(frozen=True)
class Registry:
    engine: Engine
    EMPTY: ClassVar[bytes] = b"[]\n"

    def get(self, subject: str, version: str, gate: str) -> Standing | None:
        where = (registry.c.subject == subject, registry.c.version == version, registry.c.gate == gate)
        with self.engine.connect() as connection:
            row = connection.execute(select(registry).where(*where)).first()
        if row is None:
            return None
        return Standing(**{name: getattr(row, name) for name in Standing.__dataclass_fields__})

    def due(self, until: str) -> list[Standing]:
        """Decisions whose subject is not in production yet, and which launches or whose decision ends on a day (ISO) up
        to this one.
        """
        ends = func.substr(registry.c.valid_until, 1, 10)
        where = (registry.c.status.like(APPROVED + "%"), (registry.c.launch <= until) | (ends <= until))
        with self.engine.connect() as connection:
            rows = connection.execute(select(registry).where(*where)).all()
        return [Standing(**{name: getattr(row, name) for name in Standing.__dataclass_fields__}) for row in rows]

    def standing(self) -> list[Standing]:
        """Every decision that lets a subject through and was not taken back."""
        where = registry.c.status.like(APPROVED + "%") | (registry.c.status == PRODUCTION)
        with self.engine.connect() as connection:
            rows = connection.execute(select(registry).where(where)).all()
        return [Standing(**{name: getattr(row, name) for name in Standing.__dataclass_fields__}) for row in rows]

    def unseen_launches(self) -> list[Standing]:
        """Decisions that held on their launch day and ran out before anybody looked: whether it launched is not known.

        Whoever looks on the day finds it in Production, and a decision that ran out before it let nothing through.
        To the day: where the launch's day begins, its document says.
        """
        held = (registry.c.status == PILOT, registry.c.valid_until != "")
        with self.engine.connect() as connection:
            rows = connection.execute(select(registry).where(*held)).all()
        found = [Standing(**{name: getattr(row, name) for name in Standing.__dataclass_fields__}) for row in rows]
        return [one for one in found if _day(one.valid_until) + EAST >= _day(one.launch)]

    def versions(self, subject: str) -> list[str]:
        with self.engine.connect() as connection:
            return list(connection.execute(select(registry.c.version).where(registry.c.subject == subject)).scalars())

    def export(self) -> bytes:
        """The whole table as `registry.json`; `sandbox` where a decision rests on stand-ins."""
        columns = [c for c in registry.c if c.name != "updated_at"]
        query = select(*columns, reviews.c.sandbox).join(reviews, reviews.c.id == registry.c.review)
        with self.engine.connect() as connection:
            rows = connection.execute(query.order_by(registry.c.subject, registry.c.version, registry.c.gate)).all()
        told = [{**row._mapping, "sandbox": bool(row.sandbox)} for row in rows]
        return json.dumps(told, indent=2).encode() + b"\n"


def _day(stamped: str) -> date:
    return date.fromisoformat(stamped[:10])
