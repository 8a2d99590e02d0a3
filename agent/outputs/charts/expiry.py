"""When the evidence behind each item stops counting, against the launch date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from markupsafe import Markup

from agent.domain import ItemResult, ReviewDocument
from agent.drafting.overview import listing
from agent.drafting.values import instant
from agent.outputs.charts.drawing import Picture, Times, bar, frame, line, only_words, row_label, words

_TITLE = "When the evidence stops counting"
_ROW = 20


def lapses_before(item: ItemResult, launch: datetime | None) -> bool:
    """Does something behind the item end before the launch day begins?"""
    return launch is not None and item.valid_until is not None and item.valid_until < launch


def expiry(name: str, document: ReviewDocument, launch: datetime | None) -> Picture:
    """One bar an item whose evidence ends; items of which nothing lapses have none, and the words say which."""
    rows = [item for item in document.items if item.valid_until is not None]
    if launch is None or not rows:
        return only_words(_TITLE, "The card gives no launch date." if launch is None else "Nothing here lapses.")
    ends = [item.valid_until for item in rows if item.valid_until]
    times = Times(min(document.as_of, launch), max([*ends, launch]) + timedelta(days=1), document.zone)
    bottom = 24 + len(rows) * _ROW
    parts = [part for i, item in enumerate(rows) for part in _row(times, 22 + i * _ROW, item, document, launch)]
    parts += [line(times(launch), 16, times(launch), bottom, "mark"), words(times(launch), 12, "launch", "tick")]
    return frame(name, _TITLE, _told(rows, launch, document.zone), bottom + 28, [*parts, *times.axis(bottom + 4)])


def _row(times: Times, y: float, item: ItemResult, document: ReviewDocument, launch: datetime) -> Iterator[Markup]:
    assert item.valid_until
    kind = "gap" if lapses_before(item, launch) else "level1"
    until = instant(item.valid_until, document.zone)
    yield row_label(y + 7, f"item {item.number}")
    yield bar(times(document.as_of), times(item.valid_until), y, 13, f"bar {kind}", f"until {until}")


def _told(rows: list[ItemResult], launch: datetime, zone: str) -> str:
    each = "; ".join(f"item {i.number} until {instant(i.valid_until, zone)}" for i in rows if i.valid_until)
    early = [str(item.number) for item in rows if lapses_before(item, launch)]
    told = f"Lapsing before launch: {listing(early)}. " if early else "Nothing lapses before launch. "
    return f"{told}Launch is {instant(launch, zone)}; {each}."
