"""SQLite with a log that is written ahead: who reads waits for nobody."""

from __future__ import annotations

import sqlite3
import time

PATIENCE = 30.0  # seconds
AGAIN = 0.05  # seconds between two tries


def write_ahead(connection: sqlite3.Connection) -> None:
    """Make it so, if it is not yet. Of two who are the first at once, SQLite refuses one without waiting."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("pragma journal_mode=wal")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(AGAIN)
        else:
            return
