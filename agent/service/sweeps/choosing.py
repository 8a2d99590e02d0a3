"""Which subjects a sweep looks at: those that launch soon, and those that have something open since they did."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from agent.cards import Card
from agent.configuration import LoadedCard, load_card
from agent.deps import Deps
from agent.errors import ClearanceError, ConfigError, UsageError, nearest
from agent.service.sweep_order import SweepOrder


@dataclass(frozen=True)
class Broken:
    """A card that says nothing certain."""

    subject: str
    why: str


def chosen(
    deps: Deps, order: SweepOrder, now: datetime, unfinished: Collection[str]
) -> Iterator[tuple[str, LoadedCard | Broken]]:
    """Each subject of the sweep with its card. One that cannot be read is chosen: nobody knows when it launches."""
    paths = deps.configuration.card_paths()
    if deps.configuration.overlay is None:
        raise ConfigError("CLEARANCE_CONFIG is not set; it names the folder with cards/, people.yaml and documents/")
    for name in order.subjects:
        if name not in paths:
            raise UsageError(f"there is no card for {name!r}. {nearest(name, paths)}")
    for subject, path in paths.items():
        if order.subjects and subject not in order.subjects:
            continue
        try:
            loaded = load_card(path, again=False)
        except (ClearanceError, ValidationError) as error:
            yield subject, Broken(subject, str(error))
            continue
        if order.everything or order.subjects or subject in unfinished or is_due(loaded.card, order.due_within, now):
            yield subject, loaded


def is_due(card: Card, within: int, now: datetime) -> bool:
    """Does it launch within so many days of today, in the card's own zone? A day that has passed stays in for as long:
    somebody has to see that nothing came of it, or that it launched."""
    today = now.astimezone(ZoneInfo(card.pilot.zone)).date()
    return abs(card.launch.date - today) <= timedelta(days=within)
