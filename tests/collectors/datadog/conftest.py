"""A running Datadog stand-in behind its fault proxy, and the collectors' way to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from collectors.connections import Connections, DatadogAccess
from collectors.evidence import Answer, Call, Evidence, Gap, Request, Window, pointed, resolve
from collectors.rate import Limits
from collectors.registry import REQUESTS
from collectors.sandbox.datadog import Datadog
from collectors.sandbox.faults import Fault, FaultProxy
from collectors.sandbox.server import Running, serve
from collectors.sandbox.world import World, load_world
from tests import plain_yaml
from tests.collectors.failures import LONG

WORLDS = Path(__file__).parents[3] / "config" / "worlds"


@dataclass(frozen=True)
class Lab:
    """One world's Datadog. `break_with` sets faults; `seen` is what reached the proxy."""

    world: World
    proxy: FaultProxy
    url: str
    calls: list[Call]

    @property
    def conn(self) -> Connections:
        keys = self.world.credentials
        return Connections(
            clock=lambda: self.world.clock, timeout=LONG, observe=lambda _, call: self.calls.append(call),
            datadog=DatadogAccess(keys.datadog_api_key, keys.datadog_app_key, self.url),
            limits=Limits(()),  # a stand-in has none, and some lists here are endless
        )  # fmt: skip

    def ask(self, *asks: Request, **changes: object) -> list[Answer]:
        conn = replace(self.conn, **changes)  # type: ignore[arg-type]
        return REQUESTS[asks[0].type].collector()(conn, asks)

    def evidence(self, ask: Request) -> Evidence:
        (answer,) = self.ask(ask)
        assert isinstance(answer, Evidence), answer
        return answer

    def gap(self, ask: Request, **changes: object) -> Gap:
        (answer,) = self.ask(ask, **changes)
        assert isinstance(answer, Gap), answer
        return answer

    def break_with(self, *faults: Fault) -> None:
        self.proxy.set(*faults)

    @property
    def pilot(self) -> Window:
        return Window(
            start=datetime.fromisoformat("2026-05-13T00:00-04:00"), end=datetime.fromisoformat("2026-06-12T00:00-04:00")
        )

    @property
    def recent(self) -> Window:
        return Window(start=self.world.clock - timedelta(hours=6), end=self.world.clock)


def world_named(name: str) -> World:
    if not (WORLDS / name / "world.yaml").exists():
        pytest.skip(f"the world {name} has no world.yaml yet")
    return load_world(WORLDS / name)


def _start(world: World) -> tuple[Lab, tuple[Running, Running]]:
    behind = serve(Datadog(world))
    proxy = FaultProxy(behind.url)
    front = serve(proxy)
    return Lab(world, proxy, front.url, []), (front, behind)


@pytest.fixture(scope="session")
def lab_of() -> Iterator[Callable[[str], Lab]]:
    """A stand-in never changes, so one a world serves all tests; what a test did to the proxy is undone."""
    started: dict[str, tuple[Lab, tuple[Running, Running]]] = {}

    def get(name: str) -> Lab:
        if name not in started:
            started[name] = _start(world_named(name))
        lab, (_, behind) = started[name]
        lab.proxy.set()
        lab.proxy.seen.clear()
        lab.proxy.upstream = behind.url
        return replace(lab, calls=[])

    yield get
    for lab, running in started.values():
        lab.proxy.set()
        for server in running:
            server.close()


@pytest.fixture
def lab(lab_of: Callable[[str], Lab]) -> Lab:
    """The world as the seed has it."""
    return lab_of("as-written")


@pytest.fixture
def put_right(lab_of: Callable[[str], Lab]) -> Lab:
    """The world in which all is mended."""
    return lab_of("put-right")


@pytest.fixture(params=["as-written", "put-right"])
def either(request: pytest.FixtureRequest, lab_of: Callable[[str], Lab]) -> Lab:
    """Each of the two worlds in turn."""
    return lab_of(request.param)


@pytest.fixture(scope="module")
def changed_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Callable[[dict], None]], Lab]]:
    """As `changed`, one world for all tests of a module; what a test did to the proxy is undone."""
    made: list[tuple[Lab, tuple[Running, Running]]] = []

    def make(change: Callable[[dict], None]) -> Lab:
        if not made:
            made.append(_started(change, tmp_path_factory.mktemp("world")))
        lab, _ = made[0]
        lab.proxy.set()
        lab.proxy.seen.clear()
        return replace(lab, calls=[])

    yield make
    for _, running in made:
        for server in running:
            server.close()


def _started(change: Callable[[dict], None], folder: Path) -> tuple[Lab, tuple[Running, Running]]:
    world = world_named("as-written")
    data = world.vendor("datadog")
    change(data)
    (folder / "datadog.yaml").write_text(plain_yaml.dump(data), encoding="utf-8")
    return _start(world.model_copy(update={"folder": folder}))


@pytest.fixture
def changed(tmp_path: Path) -> Iterator[Callable[[Callable[[dict], None]], Lab]]:
    """A world that differs from the seed's in what the given function changes in datadog.yaml."""
    started: list[Running] = []

    def make(change: Callable[[dict], None]) -> Lab:
        lab, running = _started(change, tmp_path)
        started.extend(running)
        return lab

    yield make
    for server in started:
        server.close()


@pytest.fixture
def pointers() -> Callable[[Evidence], Sequence[str]]:
    """Every pointer of an evidence's facts, each resolved in its body on the way."""

    def resolved(evidence: Evidence) -> list[str]:
        found = list(_pointers(pointed(evidence.facts.model_dump(mode="json"), "here")))
        for pointer in found:
            resolve(evidence.body, pointer)
        return found

    return resolved


def _pointers(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("evidence") == "here":
            yield str(value["pointer"])
        for inner in value.values():
            yield from _pointers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _pointers(inner)
