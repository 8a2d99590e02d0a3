"""A LaunchDarkly on loopback behind its fault proxy, and the connections that lead there."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.connections import Connections, LaunchDarklyAccess
from collectors.evidence import Window
from collectors.launchdarkly.facts import FlagAsk, FlagEvaluationAsk, FlagHistoryAsk
from collectors.rate import Limits
from collectors.sandbox.faults import FaultProxy
from collectors.sandbox.launchdarkly import LaunchDarkly
from collectors.sandbox.server import Asked, Reply, serve
from collectors.sandbox.world import World, load_world
from tests import plain_yaml
from tests.collectors.failures import LONG
from tests.processes import LONGEST

ROOT = Path(__file__).parents[3]
NAMED = {"project": "agents", "environment": "production", "flag": "finance-invoice-recon-enabled"}
Edit = Callable[[Any], Any]


@dataclass
class Edited:
    """The stand-in with some of its answers changed on the way: what the vendor may send, though the world does not."""

    inner: LaunchDarkly
    edits: dict[str, Edit]

    def answer(self, asked: Asked) -> Reply:
        reply = self.inner.answer(asked)
        for path, edit in self.edits.items():
            if re.fullmatch(path, asked.path) and reply.status == 200:
                if reply.stream is not None:
                    return replace(reply, stream=edit(reply.stream))
                return replace(reply, body=json.dumps(edit(json.loads(reply.body))).encode())
        return reply


@dataclass(frozen=True)
class Place:
    """Where a test asks. `at` is "2026-06-08T14:00" in the world's zone."""

    world: World
    conn: Connections
    faults: FaultProxy

    @property
    def access(self) -> LaunchDarklyAccess:
        assert self.conn.launchdarkly
        return self.conn.launchdarkly

    def as_(self, **changes: Any) -> Connections:
        """The same way there with other credentials or addresses."""
        return replace(self.conn, launchdarkly=replace(self.access, **changes))

    def paths(self) -> list[str]:
        return [asked.path for asked in self.faults.seen]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Opens a world: place("put-right", events=[…], edits={path: change}, flags=more, timeout=seconds)."""
    with ExitStack() as open_things:

        def opened(
            name: str = "as-written",
            *,
            events: list[dict[str, Any]] | None = None,
            only: bool = False,
            edits: dict[str, Edit] | None = None,
            flags: int = 0,
            timeout: float = LONG,
        ) -> Place:
            world = _world(name, events or [], only, flags, tmp_path)
            vendor = LaunchDarkly(world)
            behind = serve(Edited(vendor, edits or {}))
            faults = FaultProxy(behind.url)
            front = serve(faults)
            for close in (behind.close, front.close, vendor.close, faults.set):
                open_things.callback(close)
            access = LaunchDarklyAccess(
                world.credentials.launchdarkly_token, front.url, world.credentials.launchdarkly_sdk_keys, front.url
            )
            conn = Connections(lambda: world.clock, launchdarkly=access, timeout=timeout, limits=Limits(()))
            return Place(world, conn, faults)

        yield opened


def _world(name: str, events: list[dict[str, Any]], only: bool, flags: int, folder: Path) -> World:
    """A copy of a world with more events (or `only` these), and so many more flags: subject-0, subject-1, …"""
    (folder / "world").mkdir(exist_ok=True)
    shutil.copyfile(ROOT / f"config/worlds/{name}/world.yaml", folder / "world/world.yaml")
    data = plain_yaml.load((ROOT / f"config/worlds/{name}/launchdarkly.yaml").read_text(encoding="utf-8"))
    held = data["projects"]["agents"]["flags"]
    held |= {f"subject-{i}": held[NAMED["flag"]] for i in range(flags)}
    data["events"] = [*([] if only else data["events"]), *({**NAMED, **event} for event in events)]
    (folder / "world/launchdarkly.yaml").write_text(plain_yaml.dump(data), encoding="utf-8")
    return load_world(folder / "world")


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """Every thread that the vendor's SDK started ends once its client is closed."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("ldclient"):
            thread.join(LONGEST)
            assert not thread.is_alive(), f"{thread.name} is still alive"


@pytest.fixture
def the_flag() -> FlagAsk:
    return FlagAsk(**NAMED)


@pytest.fixture
def the_evaluation() -> FlagEvaluationAsk:
    return FlagEvaluationAsk(**NAMED)


@pytest.fixture
def history_of() -> Callable[..., FlagHistoryAsk]:
    """history_of("2026-05-14", "2026-06-13", flag=…): the question about those days, New York time."""

    def asked(start: str = "2026-05-14", end: str = "2026-06-18", **changes: str) -> FlagHistoryAsk:
        window = Window(start=at(start), end=at(end))
        return FlagHistoryAsk(**{**NAMED, **changes}, window=window)

    return asked


def at(local: str) -> datetime:
    """An instant in New York's summer: "2026-06-08" or "2026-06-08T14:00"."""
    return datetime.fromisoformat(f"{local}{'' if 'T' in local else 'T00:00'}-04:00")


@pytest.fixture
def local() -> Callable[[str], datetime]:
    return at
