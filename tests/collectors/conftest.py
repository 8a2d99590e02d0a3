"""What more than one test of collectors asks: the put-right world, whole and without faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from agent import resources, settings
from agent.service.assembly import assemble
from collectors.connections import Connections
from collectors.rate import Limits
from collectors.sandbox.start import Sandbox, start
from collectors.sandbox.world import load_world


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start(load_world(resources.folder("config") / "worlds" / "put-right")) as running:
        yield running


@pytest.fixture
def conn(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connections]:
    """Every source of the sandbox, at its clock; a pause that a source asks for takes no time."""
    home = tmp_path_factory.mktemp("home")
    deps = assemble(settings.read({**sandbox.settings(), "CLEARANCE_HOME": str(home)}))
    yield replace(deps.connections, limits=Limits((), sleep=lambda seconds: None), clock=lambda: sandbox.world.clock)
    for proxy in sandbox.faults.values():
        proxy.set()
    deps.engine.dispose()
