"""The only clock: the machine's, or one that a sandbox sets and that then goes on at the machine's pace."""

from __future__ import annotations

import json
import os
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
    return start.isoformat() in _known(home / "clock.json")


def set_clock(start: datetime, home: Path) -> Clock:
    """A clock that stood at `start` when this home first used it; later processes go on from there."""
    anchors, key = home / "clock.json", start.isoformat()
    try:
        while key not in (known := _known(anchors)):
            _keep({**known, key: datetime.now(UTC).isoformat()}, anchors)
    except OSError as error:
        told = f"the clock's beginning cannot be kept in {home} ({error.strerror})"
        raise ConfigError(f"{told}; name a folder that may be written to in CLEARANCE_HOME") from error
    begun = datetime.fromisoformat(known[key])
    return lambda: start + max(datetime.now(UTC) - begun, timedelta())


def _known(anchors: Path) -> dict[str, str]:
    """When each clock began, as it stands now."""
    known: dict[str, str] = json.loads(anchors.read_text(encoding="utf-8")) if anchors.exists() else {}
    return known


def _keep(known: dict[str, str], anchors: Path) -> None:
    """Whoever reads beside us sees all of it or nothing; of several who find none, one is the first."""
    anchors.parent.mkdir(parents=True, exist_ok=True)
    new, draft = not anchors.exists(), anchors.with_name(f".clock.{secrets.token_hex(4)}")
    draft.write_text(json.dumps(known), encoding="utf-8")
    if not new:
        draft.replace(anchors)
        return
    try:
        os.link(draft, anchors)
    except FileExistsError:
        if anchors.exists():
            draft.unlink()
        else:  # a link that leads nowhere
            draft.replace(anchors)
    except OSError:  # a file system without links: the last of them counts
        draft.replace(anchors)
    else:
        draft.unlink()
