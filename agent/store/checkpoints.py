"""Where langgraph keeps the work of reviews: a file of its own beside SQLite, tables of its own in PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agent.errors import StoreAway, WorkAway
from agent.store.write_ahead import write_ahead

FILE = "checkpoints.db"


@contextmanager
def opened(engine: Engine, home: Path) -> Iterator[Any]:
    """A saver that takes plain JSON only. StoreAway when its database goes away in between: the work is not lost;
    WorkAway where the file cannot be used at all, or not any more.
    """
    if engine.dialect.name == "postgresql":
        with connected(engine) as saver:
            yield saver
        return
    from agent.store.sqlite_checkpoints import FileSaver

    path = home / FILE
    with suppress(OSError):  # into a folder that cannot be made no file can be opened, and SQLite says so
        home.mkdir(parents=True, exist_ok=True)
    with _as_ours(path), closing(sqlite3.connect(path, check_same_thread=False, timeout=30)) as connection:
        write_ahead(connection)
        connection.execute("pragma synchronous=normal")  # lost with the power, a step is taken again; killed, it is not
        yield FileSaver(connection, serde=_strict())


@contextmanager
def _as_ours(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise WorkAway(
            f"{path} cannot be used ({error}); mend the disk, or move {path.name}* away while no review runs: nothing "
            "that was decided is in it"
        ) from error


def threads(engine: Engine, home: Path) -> frozenset[str]:
    """The reviews that have checkpoints."""
    with opened(engine, home) as saver:
        saver.setup() if engine.dialect.name == "sqlite" else None
        cursor = saver.conn.execute("select distinct thread_id as thread_id from checkpoints")
        return frozenset(row["thread_id"] if isinstance(row, dict) else row[0] for row in cursor.fetchall())


def drop(engine: Engine, home: Path, reviews: Iterable[str]) -> None:
    """Take away the checkpoints of reviews whose work is done."""
    with opened(engine, home) as saver:
        for review in reviews:
            saver.delete_thread(review)


@contextmanager
def connected(engine: Engine) -> Iterator[Any]:
    """A saver over a connection to PostgreSQL that is its own."""
    import psycopg
    from langgraph.checkpoint.postgres import PostgresSaver
    from psycopg.rows import dict_row

    try:
        with psycopg.Connection.connect(
            dsn(engine), autocommit=True, prepare_threshold=0, row_factory=dict_row
        ) as connection:
            yield PostgresSaver(connection, serde=_strict())
    except psycopg.OperationalError as error:
        raise StoreAway(
            f"the store's checkpoints could not be reached ({str(error).strip()}); nothing is lost, try again"
        ) from error


def dsn(engine: Engine) -> str:
    """The address as psycopg itself reads it."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _strict() -> Any:
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    return JsonPlusSerializer(allowed_msgpack_modules=None)
