"""The clock that a sandbox sets: where its beginning cannot be kept, a sentence says so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.clock import set_clock
from agent.errors import ConfigError

START = datetime(2026, 6, 12, 10, tzinfo=UTC)


def test_a_home_that_is_a_file_is_told_in_a_sentence(tmp_path: Path):
    home = tmp_path / "home"
    home.write_text("", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"cannot be kept in .*home .*; name a folder .* in CLEARANCE_HOME"):
        set_clock(START, home)
