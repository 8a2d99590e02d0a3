"""The clock that a sandbox sets: one for all of a home; where its beginning cannot be kept, a sentence says so."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
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


@pytest.mark.parametrize("body", [b'{"2026-06-12T10:00', b"[]", b'{"2026-06-12T10:00:00+00:00": 7}', b"\xff"])
def test_a_file_that_was_cut_short_is_told_with_what_to_do(tmp_path: Path, body: bytes):
    (tmp_path / "clock.json").write_bytes(body)

    with pytest.raises(ConfigError, match=r"clock.json cannot be read: .* take it away, and the clock begins anew"):
        set_clock(START, tmp_path)
    assert (tmp_path / "clock.json").read_bytes() == body


def test_a_link_that_leads_nowhere_is_replaced(tmp_path: Path):
    (tmp_path / "clock.json").symlink_to(tmp_path / "gone")

    assert set_clock(START, tmp_path)() >= START
    assert set_clock(START, tmp_path)() >= START
    assert [path.name for path in tmp_path.iterdir()] == ["clock.json"]


def test_two_that_come_to_a_new_home_at_once_have_one_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Between our look and our writing another began it, an hour ago by its own account."""
    began = datetime.now(UTC) - timedelta(hours=1)

    def meanwhile(count: int) -> str:
        (tmp_path / "clock.json").write_text(json.dumps({START.isoformat(): began.isoformat()}), encoding="utf-8")
        return "ours"

    monkeypatch.setattr(secrets, "token_hex", meanwhile)

    assert set_clock(START, tmp_path)() >= START + timedelta(hours=1)
    assert [path.name for path in tmp_path.iterdir()] == ["clock.json"]
