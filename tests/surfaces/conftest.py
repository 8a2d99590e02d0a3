"""An overlay as the worked example has it, with keys for its people; no source is configured."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent import resources
from agent.surfaces.demo_world import lay_out
from tests.surfaces.cli import Desk

CLOCK = "2026-06-17T10:00:00-04:00"


@pytest.fixture
def nowhere(tmp_path: Path) -> Desk:
    """A folder with nothing in it and no settings."""
    return Desk(tmp_path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The overlay of the put-right world, and Mike Chen's key; the clock stands where that world begins."""
    source = resources.folder("config") / "worlds" / "put-right" / "overlay"
    overlay = lay_out(source, tmp_path / "overlay", tmp_path / "keys")
    _used_by_a_sandbox(tmp_path / "home")
    env = {
        "CLEARANCE_CONFIG": str(overlay), "CLEARANCE_KEY": str(tmp_path / "keys" / "mike.chen.pem"),
        "CLEARANCE_CLOCK": CLOCK,
    }  # fmt: skip
    return Desk(tmp_path, env)


def _used_by_a_sandbox(home: Path) -> None:
    """The clock may be set where no source is configured only in a home in which a sandbox set it before."""
    home.mkdir()
    (home / "clock.json").write_text(json.dumps({CLOCK: datetime.now(UTC).isoformat()}), encoding="utf-8")
