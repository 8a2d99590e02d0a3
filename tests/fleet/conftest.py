"""Both databases: SQLite in a file, and a real PostgreSQL of the session's own with one database a test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Engine

from agent.deps import Deps
from agent.store.database import open_engine
from tests.acceptance.conftest import Desk, RunningWorld, desk_over, put_right_world
from tests.fleet.server import Server, running_server

__all__ = ["put_right_world"]
_COUNT = itertools.count(1)
_FREE: list[
    tuple[Path, str]
] = []  # of which server, for other folders' tests take these fixtures for a server of their own
_TABLES: dict[tuple[Path, str], int] = {}


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as started:
        yield started


@pytest.fixture
def new_database(server: Server) -> Callable[[], str]:
    """The URL of an empty database of PostgreSQL."""
    return lambda: server.database(f"d{next(_COUNT)}")


@pytest.fixture
def postgres(server: Server) -> Iterator[str]:
    """The URL of a database that is up to date and empty. It is handed on to the next test: making one takes time."""
    free = next((one for one in _FREE if one[0] == server.folder), None)
    if free:
        _FREE.remove(free)
    here = free or (server.folder, f"d{next(_COUNT)}")
    url = server.url(here[1]) if free else server.upgraded(here[1])
    _TABLES.setdefault(here, server.tables(here[1]))
    yield url
    if server.swept_out(here[1], _TABLES[here]):
        _FREE.append(here)


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

    def close(self) -> None:
        while self.opened:
            self.opened.pop().dispose()

    @property
    def review(self) -> str:
        """The only one that there is."""
        (row,) = self.deps().reviews.all()
        return row.id


@pytest.fixture
def desk(put_right_world: RunningWorld, url: str, tmp_path: Path) -> Iterator[FleetDesk]:
    """The put-right world with its store in either database."""
    yield from cleared(fleet_desk(put_right_world, url, tmp_path))


@pytest.fixture
def fleet(put_right_world: RunningWorld, postgres: str, tmp_path: Path) -> Iterator[FleetDesk]:
    """The put-right world with its store in PostgreSQL."""
    yield from cleared(fleet_desk(put_right_world, postgres, tmp_path))


def fleet_desk(world: RunningWorld, url: str, folder: Path) -> FleetDesk:
    plain = desk_over(world, folder)
    return FleetDesk(plain.world, plain.home, plain.overlay, plain.keys, url=url)


def cleared(made: FleetDesk) -> Iterator[FleetDesk]:
    yield made
    made.close()
    for vendor in ("pagerduty", "launchdarkly", "datadog", "aws"):
        made.world.faults(vendor)


T = TypeVar("T")


@dataclass
class Shelf:
    """Desks on which something was done once, copied for every test that starts from there. `in_file`: with SQLite."""

    world: RunningWorld
    folder: Path
    server: Callable[[], Server]
    made: dict[tuple[str, bool], tuple[FleetDesk, object]] = field(default_factory=dict)

    def copy(self, name: str, work: Callable[[FleetDesk], T], into: Path, *, in_file: bool) -> tuple[FleetDesk, T]:
        """A desk of one's own, as it was after `work`; and what that gave."""
        if (name, in_file) not in self.made:
            place = self.folder / f"{name}-{in_file}"
            url = f"sqlite:///{place}/store.db" if in_file else self.server().upgraded(name)
            first = fleet_desk(self.world, url, place)
            gave = work(first)
            first.close()
            self.made[name, in_file] = first, gave
        first, gave = self.made[name, in_file]  # type: ignore[assignment]
        home = into / first.home.name
        shutil.copytree(first.home, home)
        shutil.copytree(first.overlay, into / "overlay")
        if in_file:
            shutil.copy(first.url.removeprefix("sqlite:///"), into / "store.db")
        url = f"sqlite:///{into}/store.db" if in_file else self.server().database(f"d{next(_COUNT)}", name)
        return FleetDesk(first.world, home, into / "overlay", first.keys, url=url), gave


@pytest.fixture(scope="session")
def shelf(
    put_right_world: RunningWorld, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Shelf:
    return Shelf(put_right_world, tmp_path_factory.mktemp("shelf"), lambda: request.getfixturevalue("server"))


@pytest.fixture
def assessed(shelf: Shelf, tmp_path: Path) -> Iterator[FleetDesk]:
    """As `fleet`, with one review that waits for its signatures."""
    yield from cleared(shelf.copy("assessed", lambda first: first.assess().review, tmp_path, in_file=False)[0])
