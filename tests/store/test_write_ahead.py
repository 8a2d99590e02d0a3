"""A file of SQLite that many open for the first time at the same instant."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from agent.store.write_ahead import write_ahead

MANY = 16


def test_all_of_them_get_it(tmp_path: Path):
    """None is refused because another one is just at it."""
    start = threading.Barrier(MANY, timeout=60)

    def one(number: int, path: Path) -> str:
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            start.wait()
            write_ahead(connection)
            return str(connection.execute("pragma journal_mode").fetchone()[0])

    with ThreadPoolExecutor(MANY) as pool:
        for turn in range(5):
            assert set(pool.map(one, range(MANY), [tmp_path / f"{turn}.db"] * MANY)) == {"wal"}


def test_what_no_waiting_mends_is_told_at_once(tmp_path: Path):
    """A file that may only be read, as on a disk that is full or read-only: asked once, not for half a minute."""
    path = tmp_path / "read.db"
    sqlite3.connect(path).executescript("create table one (two)")
    asked = list[str]()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.set_trace_callback(asked.append)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            write_ahead(connection)

    assert len(asked) == 1
