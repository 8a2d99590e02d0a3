"""Schedules' rendered cover over a window, layer-based or shift-based: used where /oncalls names no end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from collectors.errors import SourceError
from collectors.evidence import Window
from collectors.pagerduty.batch import Key
from collectors.pagerduty.client import Got, Outcome, Params, Reader, span, utc
from collectors.pagerduty.paging import Listing
from collectors.pagerduty.reading import Node
from collectors.pagerduty.shelf import Shelf


@dataclass(frozen=True)
class Turn:
    """One person's turn on a schedule, as the source wrote it."""

    user: Node
    start: Node
    end: Node


def schedules(reader: Reader, keys: Iterable[Key]) -> dict[Key, Outcome]:
    """The schedules with their final cover. The list shows layer-based ones only; the others are asked for alone."""
    of: dict[Window, list[str]] = {}
    for id, window in keys:
        of.setdefault(window, []).append(id)
    shelves = {window: Shelf("schedule", _listing(window), partial(_alone, window), _is_rendered) for window in of}
    return {
        (id, window): outcome for window, ids in of.items()
        for id, outcome in shelves[window].take(reader, ids).items()
    }  # fmt: skip


def _listing(window: Window) -> Listing:
    asked = (("since", utc(window.start)), ("until", utc(window.end)), ("time_zone", "UTC"))
    return Listing("/schedules", "schedules", (*asked, ("include[]", ("final_schedule",))), span(window))


def _is_rendered(row: Node) -> bool:
    return isinstance(row["final_schedule"]["rendered_schedule_entries"].value, list)


def _alone(window: Window, reader: Reader, id: str) -> Got:
    """The id does not tell the kind; a layer-based one answers 400 to version 3."""
    params: Params = {"since": utc(window.start), "until": utc(window.end), "time_zone": "UTC"}
    try:
        return reader.one("schedule", "v3/schedules", id, {**params, "include[]": ["final_schedule"]})
    except SourceError as failure:
        if failure.status != 400:
            raise
    return reader.one("schedule", "schedules", id, params)


def turns(found: Node) -> Iterator[Turn]:
    """The turns that somebody has; Malformed when the cover was not rendered."""
    final = found["final_schedule"]
    if found["type"].text() == "schedule_v3":
        for turn in final["computed_shift_assignments"]:
            if turn["member"]["type"].text() == "empty_member":
                continue
            yield Turn(turn["member"]["user_id"], turn["start_time"], turn["end_time"])
        return
    for turn in final["rendered_schedule_entries"]:
        yield Turn(turn["user"]["id"], turn["start"], turn["end"])
