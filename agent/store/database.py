"""Opens the store, brings its tables up to date, and gives short transactions that wait for each other."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from agent.errors import ConfigError, StoreAway, StoreError
from agent.store.closing import closed_at_the_end
from agent.store.schema import log as log_table
from agent.store.upgrading import HEAD, WRITES, current, refuse_newer, refuse_older, upgrade
from agent.store.write_ahead import write_ahead

PATIENCE = 30  # seconds that one writer waits for another


def stamp(at: datetime) -> str:
    """An instant as the tables hold it: UTC, microseconds, sortable as text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def instant(text_: str) -> datetime:
    return datetime.fromisoformat(text_)


def open_engine(url: str, *, upgrading: bool = False) -> Engine:
    """Connect. `url` is sqlite:///… or postgresql://…; a file is brought up to date, a server only when `upgrading`.

    ConfigError where its tables are not those of this version, StoreError where it cannot be opened.
    """
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigError(
            f"CLEARANCE_DATABASE_URL: {parsed.drivername} is not known; use sqlite:///… or postgresql://…"
        )
    try:
        engine = _file(parsed) if parsed.get_backend_name() == "sqlite" else _server(parsed)
    except ImportError as error:
        raise ConfigError(f"{parsed.drivername}: {error}; install clearance[fleet]") from error
    try:
        _look_after(engine, upgrading)
    except (DatabaseError, StoreError) as error:
        engine.dispose()
        said = error.orig if isinstance(error, DatabaseError) else error
        damaged = isinstance(error, DatabaseError) and not isinstance(error, OperationalError)
        advice = "; restore it from its backup (runbook.md)" if damaged else ""
        place = parsed.render_as_string(hide_password=True)
        raise StoreError(f"the store at {place} cannot be opened: {said}{advice}") from error
    except ConfigError:
        engine.dispose()
        raise
    return engine


def _look_after(engine: Engine, upgrading: bool) -> None:
    at = current(engine)
    refuse_newer(engine, at)
    if upgrading or (at != HEAD and engine.dialect.name == "sqlite"):
        upgrade(engine)
    else:
        refuse_older(engine, at)


def _file(url: URL) -> Engine:
    if url.database:
        _folder(Path(url.database).parent)
    engine = closed_at_the_end(create_engine(url, connect_args={"timeout": PATIENCE}))
    event.listen(engine, "connect", _sqlite_settings)
    event.listen(engine, "begin", _begin)
    return engine


def _folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = f"the store cannot be opened: {path} is no folder and cannot be made one ({error.strerror})"
        raise StoreError(f"{told}; name another one in CLEARANCE_HOME, or mend its rights") from error


def _server(url: URL) -> Engine:
    """Connections are tried before they are used: a server that was restarted in between costs nobody anything."""
    engine = closed_at_the_end(create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": PATIENCE}))
    event.listen(engine, "handle_error", _as_ours)
    return engine


def _as_ours(context: ExceptionContext) -> None:
    """What the server does to us, as reading or writing, comes out as StoreAway; what we do to it as it is."""
    if isinstance(context.sqlalchemy_exception, OperationalError | InterfaceError) and not context.is_pre_ping:
        said = " ".join(str(context.original_exception).split())
        raise StoreAway(f"the store did not do what it was asked ({said}); try again") from context.original_exception


def _begin(connection: Connection) -> None:
    """A write takes the lock when it begins: a read that turned into a write could fail. Who only reads takes none."""
    words = "BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN"
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    try:
        raw.execute(words)  # as SQLAlchemy would have it executed, at a tenth of the cost
    except sqlite3.Error as error:
        raise DBAPIError.instance(words, None, error, sqlite3.Error, dialect=connection.dialect) from error


def _sqlite_settings(connection, _record) -> None:  # type: ignore[no-untyped-def]
    # Our own BEGIN instead of the driver's late one.
    connection.isolation_level = None
    cursor = connection.cursor()
    write_ahead(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", f"busy_timeout={PATIENCE * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write; what goes wrong in the store comes out as StoreAway."""
    try:
        with (
            _turn(engine), engine.connect() as connection, connection.execution_options(**{WRITES: True}).begin()
        ):  # fmt: skip
            yield connection
    except OperationalError as error:
        raise StoreAway(f"the store refused to write: {error.orig}; nothing was changed, try again") from error


def _turn(engine: Engine) -> AbstractContextManager[object]:
    """SQLite lets one write, and who waits looks again now and then: among busy threads one of them could go without
    for longer than its patience. So the threads of a process queue; processes alone meet at the file.
    """
    if engine.dialect.name != "sqlite":
        return nullcontext()
    with _ONE_MAKES:
        lock = _TURNS.setdefault(engine, threading.Lock())
    return _taken(lock)


@contextmanager
def _taken(lock: threading.Lock) -> Iterator[None]:
    if not lock.acquire(timeout=PATIENCE):
        raise StoreAway("the store was busy for too long; nothing was changed, try again")
    try:
        yield
    finally:
        lock.release()


_ONE_MAKES = threading.Lock()
_TURNS: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()


@contextmanager
def locked_log(engine: Engine) -> Iterator[Connection]:
    """A transaction in which nobody else appends to the log, so that its chain has one order."""
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("lock table " + log_table.name + " in exclusive mode"))
        yield connection


__all__ = ["HEAD", "SQLAlchemyError", "instant", "locked_log", "open_engine", "stamp", "writing"]
