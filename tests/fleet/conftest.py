"""Both databases: SQLite in a file, and a real PostgreSQL of the session's own with one database a test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine

from agent.deps import Deps
from agent.store.database import open_engine
from tests.acceptance.conftest import Desk, RunningWorld, desk_over, put_right_world
from tests.fleet.server import Server, running_server

__all__ = ["put_right_world"]
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


@dataclass(frozen=True)
class FleetDesk(Desk):
    """A desk whose store is `url`. The engines that its tests open are closed after them."""

    url: str = ""
    opened: list[Engine] = field(default_factory=list)

    def env(self, **more: str) -> dict[str, str]:
        return super().env(CLEARANCE_DATABASE_URL=self.url, **more)

    def deps(self, *without: str, **more: str) -> Deps:
        deps = super().deps(*without, **more)
        self.opened.append(deps.engine)
        return deps


@pytest.fixture
def desk(put_right_world: RunningWorld, url: str, tmp_path: Path) -> Iterator[FleetDesk]:
    """The put-right world with its store in either database."""
    yield from fleet_desk(put_right_world, url, tmp_path)


@pytest.fixture
def fleet(put_right_world: RunningWorld, postgres: str, tmp_path: Path) -> Iterator[FleetDesk]:
    """The put-right world with its store in PostgreSQL."""
    yield from fleet_desk(put_right_world, postgres, tmp_path)


def fleet_desk(world: RunningWorld, url: str, tmp_path: Path) -> Iterator[FleetDesk]:
    plain = desk_over(world, tmp_path)
    made = FleetDesk(plain.world, plain.home, plain.overlay, plain.keys, url=url)
    yield made
    for engine in made.opened:
        engine.dispose()
    for vendor in ("pagerduty", "launchdarkly", "datadog", "aws"):
        world.faults(vendor)
