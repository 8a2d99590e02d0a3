"""A running Datadog stand-in behind its fault proxy, and the collectors' way to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml

from collectors.connections import Connections, DatadogAccess
from collectors.evidence import Answer, Call, Evidence, Gap, Request, Window, pointed, resolve
from collectors.registry import REQUESTS
from collectors.sandbox.datadog import Datadog
from collectors.sandbox.faults import Fault, FaultProxy
from collectors.sandbox.server import serve
from collectors.sandbox.world import World, load_world

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
            clock=lambda: self.world.clock, timeout=2.0, observe=lambda _, call: self.calls.append(call),
            datadog=DatadogAccess(keys.datadog_api_key, keys.datadog_app_key, self.url),
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


def _lab(world: World, stand_in: Datadog) -> Iterator[Lab]:
    behind = serve(stand_in)
    proxy = FaultProxy(behind.url)
    front = serve(proxy)
    yield Lab(world, proxy, front.url, [])
    proxy.set()
    front.close()
    behind.close()


def world_named(name: str) -> World:
    if not (WORLDS / name / "world.yaml").exists():
        pytest.skip(f"the world {name} has no world.yaml yet")
    return load_world(WORLDS / name)


@cache
def stand_in(name: str) -> tuple[World, Datadog]:
    """A stand-in never changes, so one a world is enough for all tests."""
    world = world_named(name)
    return world, Datadog(world)


@pytest.fixture
def lab() -> Iterator[Lab]:
    """The world as the seed has it."""
    yield from _lab(*stand_in("as-written"))


@pytest.fixture
def put_right() -> Iterator[Lab]:
    """The world in which all is mended."""
    yield from _lab(*stand_in("put-right"))


@pytest.fixture(params=["as-written", "put-right"])
def either(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Each of the two worlds in turn."""
    yield from _lab(*stand_in(request.param))


@pytest.fixture
def changed(tmp_path: Path) -> Iterator[Callable[[Callable[[dict], None]], Lab]]:
    """A world that differs from the seed's in what the given function changes in datadog.yaml."""
    running = []

    def make(change: Callable[[dict], None]) -> Lab:
        world = world_named("as-written")
        data = world.vendor("datadog")
        change(data)
        (tmp_path / "datadog.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
        other = world.model_copy(update={"folder": tmp_path})
        generator = _lab(other, Datadog(other))
        running.append(generator)
        return next(generator)

    yield make
    for generator in running:
        next(generator, None)


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
