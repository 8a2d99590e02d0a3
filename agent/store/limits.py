"""What all processes that ask a vendor with one credential have left of its limit, as collectors.rate.Ledger has it.

In PostgreSQL for a fleet; beside SQLite in a file of its own, which may be lost: then a burst is there anew. A ledger
that cannot be reached holds nobody back, since every process keeps to the same limit by itself as well.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable

from agent.errors import ClearanceError
from agent.store.closing import closed_at_the_end
from agent.store.schema import buckets
from agent.store.write_ahead import write_ahead
from collectors.rate import Ledger

FILE = "limits.db"
NOW = {
    "postgresql": "extract(epoch from clock_timestamp())::double precision",
    "sqlite": "((julianday('now') - 2440587.5) * 86400)",
}
LEAST = {"postgresql": "least", "sqlite": "min"}
MOST = {"postgresql": "greatest", "sqlite": "max"}
QUIET = 60.0  # seconds between two complaints that it cannot be reached


def ledger_of(engine: Engine, home: Path) -> Ledger:
    return Book(engine if engine.dialect.name == "postgresql" else _file(home / FILE))


def _file(path: Path) -> Engine:
    """Without waiting for the disk: what is lost with the power is at most a burst."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = closed_at_the_end(create_engine(f"sqlite:///{path}", connect_args={"timeout": 5}))
    event.listen(engine, "connect", _unhurried)
    return engine


def _unhurried(connection: sqlite3.Connection, _record: object) -> None:
    write_ahead(connection)
    connection.execute("pragma synchronous=off")


@dataclass
class Book:
    """One statement a question, so that nobody comes in between. Thread-safe."""

    engine: Engine
    _made: bool = False
    _said: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, key: str, per_second: float, burst: int, most: float, leave: int = 0) -> float | None:
        asked = {"key": key, "rate": per_second, "burst": float(burst), "most": most, "wanted": 1.0 + leave}
        try:
            with self._open() as connection:
                left = connection.execute(text(self._words(_RESERVE)), asked).scalar()
        except (ClearanceError, SQLAlchemyError) as error:
            self._complain(error)
            return 0.0
        return None if left is None else max(0.0, -float(left) / per_second)

    def hold(self, key: str, seconds: float) -> None:
        try:
            with self._open() as connection:
                connection.execute(text(self._words(_HOLD)), {"key": key, "seconds": seconds})
        except (ClearanceError, SQLAlchemyError) as error:
            self._complain(error)

    def held(self, key: str) -> float:
        try:
            with self._open() as connection:
                return float(connection.execute(text(self._words(_HELD)), {"key": key}).scalar() or 0.0)
        except (ClearanceError, SQLAlchemyError) as error:
            self._complain(error)
            return 0.0

    def _open(self) -> AbstractContextManager[Connection]:
        self._make()
        return self.engine.begin()

    def _make(self) -> None:
        """The file's only table; of a server, `clearance db upgrade` makes it."""
        with self._lock:
            if not self._made and self.engine.dialect.name == "sqlite":
                with self.engine.begin() as connection:  # two processes may come at once: the database decides
                    connection.execute(CreateTable(buckets, if_not_exists=True))
            self._made = True

    def _words(self, statement: str) -> str:
        name = self.engine.dialect.name
        return statement.replace("LEAST", LEAST[name]).replace("MOST", MOST[name]).replace("NOW", NOW[name])

    def _complain(self, error: Exception) -> None:
        if time.monotonic() - self._said > QUIET:
            self._said = time.monotonic()
            logging.getLogger("clearance").warning(
                "the limits that workers share cannot be reached; this one keeps to them by itself: %s", error
            )


# The tokens that are left after ours was taken; below nothing, it is there so much later. No row: too much later.
_RESERVE = """
insert into buckets as b (key, tokens, at) values (:key, :burst - 1, NOW)
on conflict (key) do update set
  tokens = LEAST(:burst, b.tokens + MOST(NOW - b.at, 0) * :rate) - 1, at = MOST(NOW, b.at)
where (:wanted - LEAST(:burst, b.tokens + MOST(NOW - b.at, 0) * :rate)) / :rate <= :most
returning tokens
"""
_HOLD = """
insert into buckets as b (key, tokens, at, held_until) values (:key, 0, 0, NOW + :seconds)
on conflict (key) do update set held_until = MOST(NOW + :seconds, b.held_until)
"""
_HELD = "select held_until - NOW from buckets where key = :key"
