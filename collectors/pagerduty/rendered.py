"""One schedule's rendered cover over a window, layer-based or shift-based: used where /oncalls names no end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collectors.errors import SourceError
from collectors.evidence import Window
from collectors.pagerduty.client import Got, Params, Reader, utc
from collectors.pagerduty.reading import Node


@dataclass(frozen=True)
class Turn:
    """One person's turn on a schedule, as the source wrote it."""

    user: Node
    start: Node
    end: Node


def schedule(reader: Reader, id: str, window: Window) -> Got:
    """The schedule with its final cover. The id does not tell the kind; a layer-based one answers 400 to v3."""
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
