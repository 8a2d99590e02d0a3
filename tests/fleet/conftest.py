"""Both databases: SQLite in a file, and a real PostgreSQL of the session's own with one database a test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from agent.store.database import open_engine
from tests.fleet.server import Server, running_server

_COUNT = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as started:
        yield started


@pytest.fixture
def new_database(server: Server) -> Callable[[], str]:
    """The URL of an empty database of PostgreSQL."""
    return lambda: server.database(f"d{next(_COUNT)}")


@pytest.fixture
def postgres(server: Server) -> str:
    """The URL of a database that is up to date."""
    return server.upgraded(f"d{next(_COUNT)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'clearance.db'}"
    found: str = request.getfixturevalue("postgres")
    return found


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = open_engine(url)
    yield opened
    opened.dispose()
