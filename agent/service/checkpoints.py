"""Where the graph keeps its checkpoints: a file of its own beside SQLite, tables of its own in PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from agent.deps import Deps

STRICT = JsonPlusSerializer(allowed_msgpack_modules=None)
NEWEST = "select max(checkpoint_id) from checkpoints where thread_id = ?"


class Saver(SqliteSaver):
    """With the pruning that the saver for PostgreSQL has. Our graph has neither namespaces nor delta channels."""

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        if strategy != "keep_latest":
            raise ValueError(f"only the latest is kept, {strategy!r} is not known")
        with self.cursor() as cursor:
            for thread in thread_ids:
                for table in ("checkpoints", "writes"):
                    told = f"delete from {table} where thread_id = ? and checkpoint_id <> ({NEWEST})"
                    cursor.execute(told, (thread, thread))


@contextmanager
def saver_of(deps: Deps) -> Iterator[Any]:
    """The place of these dependencies, open."""
    if deps.engine.dialect.name == "postgresql":
        with _postgres(deps.settings.database_url) as saver:
            yield saver
        return
    path = deps.settings.home / "checkpoints.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
    try:
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=normal")  # lost with the power, a step is taken again; killed, it is not
        yield Saver(connection, serde=STRICT)
    finally:
        connection.close()


@contextmanager
def _postgres(url: str) -> Iterator[Any]:
    from langgraph.checkpoint.postgres import PostgresSaver
    from psycopg import Connection
    from psycopg.rows import dict_row

    with Connection.connect(url, autocommit=True, prepare_threshold=0, row_factory=dict_row) as connection:
        saver = PostgresSaver(connection, serde=STRICT)
        saver.setup()
        yield saver
