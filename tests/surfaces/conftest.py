"""An overlay as the worked example has it, with keys for its people; no source is configured."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import resources
from agent.surfaces.demo_world import lay_out
from tests.surfaces.cli import Desk


@pytest.fixture
def nowhere(tmp_path: Path) -> Desk:
    """A folder with nothing in it and no settings."""
    return Desk(tmp_path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The overlay of the put-right world, and Mike Chen's key; the clock stands where that world begins."""
    source = resources.folder("config") / "worlds" / "put-right" / "overlay"
    overlay = lay_out(source, tmp_path / "overlay", tmp_path / "keys")
    env = {
        "CLEARANCE_CONFIG": str(overlay), "CLEARANCE_KEY": str(tmp_path / "keys" / "mike.chen.pem"),
        "CLEARANCE_CLOCK": "2026-06-17T10:00:00-04:00",
    }  # fmt: skip
    return Desk(tmp_path, env)
