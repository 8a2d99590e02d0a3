"""Instants that one answer gives and another question is asked around."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from collectors.launchdarkly.facts import FlagChange, FlagHistoryFacts


@dataclass(frozen=True)
class Drill:
    """A turn-off and the turn-on that came next."""

    off: FlagChange
    on: FlagChange


def latest_drill(history: FlagHistoryFacts) -> Drill | None:
    """The latest complete pair; a turn-off that is still waiting for its turn-on is none."""
    changes = sorted(history.changes, key=lambda change: change.at.value)
    pairs = [Drill(a, b) for a, b in pairwise(changes) if (a.turned.value, b.turned.value) == ("off", "on")]
    return pairs[-1] if pairs else None


def latest_turn_off(history: FlagHistoryFacts) -> datetime | None:
    """When the latest complete off/on pair of the flag began."""
    drill = latest_drill(history)
    return drill.off.at.value if drill else None


# By the name that a gate's `follows.moment` uses; each takes the facts of the request it follows.
MOMENTS: Mapping[str, Callable[[Any], datetime | None]] = MappingProxyType({"latest_turn_off": latest_turn_off})
