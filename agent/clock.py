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
            _keep({**known, key: datetime.now(UTC)}, anchors)
    except OSError as error:
        told = f"the clock's beginning cannot be kept in {home} ({error.strerror})"
        raise ConfigError(f"{told}; name a folder that may be written to in CLEARANCE_HOME") from error
    begun = known[key]
    return lambda: start + max(datetime.now(UTC) - begun, timedelta())


def _known(anchors: Path) -> dict[str, datetime]:
    """When each clock began, as it stands now. ConfigError where the file does not say."""
    try:
        told = json.loads(anchors.read_text(encoding="utf-8")) if anchors.exists() else {}
        return {start: datetime.fromisoformat(begun) for start, begun in told.items()}
    except (ValueError, TypeError, AttributeError) as error:
        why = f"{anchors} cannot be read: it was cut short, or is no file of a sandbox's clock"
        raise ConfigError(f"{why}; take it away, and the clock begins anew with the next command") from error


def _keep(known: dict[str, datetime], anchors: Path) -> None:
    """Whoever reads beside us sees all of it or nothing; of several who find none, one is the first."""
    anchors.parent.mkdir(parents=True, exist_ok=True)
    new, draft = not anchors.exists(), anchors.with_name(f".clock.{secrets.token_hex(4)}")
    draft.write_text(json.dumps({start: begun.isoformat() for start, begun in known.items()}), encoding="utf-8")
    if not new or not _is_first(draft, anchors):
        draft.replace(anchors)


def _is_first(draft: Path, anchors: Path) -> bool:
    """Put there, by whoever was first. False where that cannot be told: a file system without links, or a link that
    leads nowhere."""
    try:
        os.link(draft, anchors)
    except FileExistsError:
        if not anchors.exists():
            return False
    except OSError:
        return False
    draft.unlink()
    return True
