"""Opens the store, brings its tables up to date, and gives short transactions that wait for each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from agent.errors import ConfigError, StoreError
from agent.store.schema import log as log_table

HEAD = "0008"  # the newest migration; a test checks it against the folder


def stamp(at: datetime) -> str:
    """An instant as the tables hold it: UTC, microseconds, sortable as text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def instant(text_: str) -> datetime:
    return datetime.fromisoformat(text_)


def open_engine(url: str) -> Engine:
    """Connect and upgrade. `url` is sqlite:///… or postgresql://…"""
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigError(
            f"CLEARANCE_DATABASE_URL: {parsed.drivername} is not known; use sqlite:///… or postgresql://…"
        )
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed, **({"connect_args": {"timeout": 30}} if parsed.get_backend_name() == "sqlite" else {})
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_settings)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        upgrade(engine)
    except (OperationalError, ImportError) as error:
        raise StoreError(
            f"the store at {parsed.render_as_string(hide_password=True)} cannot be opened: {error}"
        ) from error
    return engine


def _sqlite_settings(connection, _record) -> None:  # type: ignore[no-untyped-def]
    # Our own BEGIN IMMEDIATE instead of the driver's late one: a read that turns into a write cannot then fail.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing, under one lock; several processes may do this at once."""
    if _current(engine) == HEAD:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("agent.store") / "migrations"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(7230707)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _current(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("select version_num from alembic_version")).scalar()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write; what goes wrong in the store comes out as a StoreError."""
    try:
        with engine.begin() as connection:
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


__all__ = ["SQLAlchemyError", "instant", "locked_log", "open_engine", "stamp", "upgrade", "writing"]
