"""Brings the store's tables up to date, under one lock: ours, and in PostgreSQL the checkpoints' and the queue's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from agent.errors import ConfigError, StoreError
from agent.store.once import replace_by
from agent.store.schema import parts

HEAD = "0010"  # the newest migration; a test checks it against the folder
LOCK = 7230707
WRITES = "clearance_writes"  # the option of a connection whose transactions write
PATIENCE = 120.0  # seconds that one upgrade waits for another
QUEUE = "procrastinate"


def current(engine: Engine) -> str:
    """The revision that the tables are at, "" for an empty database."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return str(connection.execute(text("select version_num from alembic_version")).scalar() or "")


def refuse_newer(engine: Engine, at: str) -> None:
    """A store that a later version of Clearance has upgraded is not touched by this one."""
    if at > HEAD:
        raise ConfigError(
            f"the store at {_where(engine)} is at revision {at}, and this version of Clearance knows {HEAD}; "
            "install the version that upgraded it, or a later one"
        )


def refuse_older(engine: Engine, at: str) -> None:
    """Of a fleet, no worker upgrades the store by the way: the others may run the version before."""
    if at < HEAD:
        found = f"is at revision {at}" if at else "has no tables of Clearance"
        raise ConfigError(
            f"the store at {_where(engine)} {found}, and this version of Clearance needs {HEAD}; "
            "run `clearance db upgrade` once, with the same settings"
        )


def _where(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def upgrade(engine: Engine, patience: float = PATIENCE) -> None:
    """Run the migrations that are missing; several processes may do this at once, and one does it.

    The others wait for it, for `patience` seconds: StoreError after that.
    """
    if engine.dialect.name == "sqlite":
        with engine.execution_options(**{WRITES: True}).begin() as connection:  # the second waits here
            _migrate(connection)
        return
    with _alone(engine, patience):
        refuse_newer(engine, current(engine))
        with engine.begin() as connection:
            _migrate(connection)
        _checkpoints(engine)
        with engine.begin() as connection:
            _queue(connection)


@contextmanager
def _alone(engine: Engine, patience: float) -> Iterator[None]:
    """Holds the lock in a session of its own. It is asked for again and again, not waited for in the database: the
    checkpoints' indexes are built concurrently, and that waits for whoever stands in a query, this one too."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        began = time.monotonic()
        while not session.execute(text("select pg_try_advisory_lock(:id)"), {"id": LOCK}).scalar():
            if time.monotonic() - began > patience:
                raise StoreError(
                    f"another process has been upgrading the store at {_where(engine)} for {patience:g} s; "
                    "wait until it is done, then try again"
                )
            time.sleep(0.05)
        try:
            yield
        finally:
            session.execute(text("select pg_advisory_unlock(:id)"), {"id": LOCK})


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("agent.store") / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _checkpoints(engine: Engine) -> None:
    """The tables of langgraph's checkpoints, by its own migrations; outside a transaction, as they need it."""
    from agent.store.checkpoints import connected

    with connected(engine) as saver:
        saver.setup()


def _queue(connection: Connection) -> None:
    """The tables of procrastinate: as a whole where there are none, else what came after the version noted."""
    driver: Any = connection.connection.driver_connection
    scripts = {
        path.name: path for path in files("procrastinate.sql.migrations").iterdir() if path.name.endswith(".sql")
    }
    noted = connection.execute(parts.select().where(parts.c.name == QUEUE)).first()
    if noted is None:
        driver.execute((files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8"))
    else:
        for name in sorted(name for name in scripts if name > noted.version):
            driver.execute(scripts[name].read_text(encoding="utf-8"))
    replace_by(connection, parts, ("name",), {"name": QUEUE, "version": max(scripts)})
