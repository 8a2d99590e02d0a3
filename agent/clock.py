"""The only clock: the machine's, or one that a sandbox sets and that then goes on at the machine's pace."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.errors import ConfigError

Clock = Callable[[], datetime]


def machine_clock() -> datetime:
    return datetime.now(UTC)


def is_known(start: datetime, home: Path) -> bool:
    """Was this home used with that clock before, and so by a sandbox?"""
    anchors = home / "clock.json"
    return anchors.exists() and start.isoformat() in json.loads(anchors.read_text(encoding="utf-8"))


def set_clock(start: datetime, home: Path) -> Clock:
    """A clock that stood at `start` when this home first used it; later processes go on from there."""
    anchors = home / "clock.json"
    known = json.loads(anchors.read_text(encoding="utf-8")) if anchors.exists() else {}
    key = start.isoformat()
    if key not in known:
        known[key] = datetime.now(UTC).isoformat()
        try:
            _keep(known, anchors)
        except OSError as error:
            told = f"the clock's beginning cannot be kept in {home} ({error.strerror})"
            raise ConfigError(f"{told}; name a folder that may be written to in CLEARANCE_HOME") from error
    begun = datetime.fromisoformat(known[key])
    return lambda: start + max(datetime.now(UTC) - begun, timedelta())


def _keep(known: dict[str, str], anchors: Path) -> None:
    """Whoever reads beside us sees all of it or nothing."""
    anchors.parent.mkdir(parents=True, exist_ok=True)
    draft = anchors.with_name(f".clock.{secrets.token_hex(4)}")
    draft.write_text(json.dumps(known), encoding="utf-8")
    draft.replace(anchors)
