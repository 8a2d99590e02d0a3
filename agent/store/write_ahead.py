"""SQLite with a log that is written ahead: who reads waits for nobody."""

from __future__ import annotations

import sqlite3
import time

PATIENCE = 30.0  # seconds
AGAIN = 0.05  # seconds between two tries
OTHERS = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)  # somebody else is just at it


def write_ahead(connection: sqlite3.Connection) -> None:
    """Make it so, if it is not yet. Of two who are the first at once, SQLite refuses one without waiting.

    A disk that is full or a file that cannot be opened is told at once: waiting mends neither.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("pragma journal_mode=wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in OTHERS or time.monotonic() > until:
                raise
            time.sleep(AGAIN)
        else:
            return
