"""Opens the store, brings its tables up to date, and gives short transactions that wait for each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from agent.errors import ConfigError, StoreError
from agent.store.schema import log as log_table
from agent.store.upgrading import HEAD, WRITES, current, refuse_newer, refuse_older, upgrade

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
    except (OperationalError, StoreError) as error:
        engine.dispose()
        raise StoreError(
            f"the store at {parsed.render_as_string(hide_password=True)} cannot be opened: {error}"
        ) from error
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
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", _sqlite_settings)
    event.listen(engine, "begin", _begin)
    return engine


def _server(url: URL) -> Engine:
    """Connections are tried before they are used: a server that was restarted in between costs nobody anything."""
    engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": PATIENCE})
    event.listen(engine, "handle_error", _as_ours)
    return engine


def _as_ours(context: ExceptionContext) -> None:
    """What the server does to us, as reading or writing, comes out as a StoreError; what we do to it as it is."""
    if isinstance(context.sqlalchemy_exception, OperationalError | InterfaceError) and not context.is_pre_ping:
        said = str(context.original_exception).strip()
        raise StoreError(f"the store did not do what it was asked ({said}); try again") from context.original_exception


def _begin(connection: Connection) -> None:
    """A write takes the lock when it begins: a read that turned into a write could fail. Who only reads takes none."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")


def _sqlite_settings(connection, _record) -> None:  # type: ignore[no-untyped-def]
    # Our own BEGIN instead of the driver's late one.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={PATIENCE * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write; what goes wrong in the store comes out as a StoreError."""
    try:
        with engine.connect() as connection, connection.execution_options(**{WRITES: True}).begin():
            yield connection
    except OperationalError as error:
        raise StoreError(f"the store refused to write: {error.orig}; nothing was changed, try again") from error


@contextmanager
def locked_log(engine: Engine) -> Iterator[Connection]:
    """A transaction in which nobody else appends to the log, so that its chain has one order."""
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("lock table " + log_table.name + " in exclusive mode"))
        yield connection


__all__ = ["HEAD", "SQLAlchemyError", "instant", "locked_log", "open_engine", "stamp", "writing"]
