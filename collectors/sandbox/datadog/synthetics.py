"""Synthetic tests: each runs from all of its locations, one after another, and at most 150 results are shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import JsonValue

from collectors.sandbox.datadog.data import Synthetic

MOST = 150


def results(test: Synthetic, start: str | None, end: str | None, clock: datetime) -> JsonValue:
    """The latest runs between two instants in milliseconds, newest first."""
    first, last = int(start or 0) / 1000, int(end) / 1000 if end else clock.timestamp()
    shown = sorted(_runs(test, first, min(last, clock.timestamp())), reverse=True)[:MOST]
    return {
        "last_timestamp_fetched": shown[0][0] * 1000 if shown else None,
        "results": [_shown(test, at, location) for at, location in shown],
    }


def _runs(test: Synthetic, first: float, last: float) -> Iterator[tuple[float, str]]:
    options, locations = test.object["options"], test.object["locations"]
    assert isinstance(options, dict)
    assert isinstance(locations, list)
    tick, begins = int(str(options["tick_every"])), test.since.timestamp()
    number = max(0, int((first - begins) // tick) - 1)
    while (at := begins + number * tick) <= last:
        for i, location in enumerate(locations):
            if first <= at + i <= last:
                yield at + i, str(location)
        number += 1


def _shown(test: Synthetic, at: float, location: str) -> JsonValue:
    failed = any(one <= datetime.fromtimestamp(at, one.tzinfo) < one + timedelta(hours=1) for one in test.failed)
    return {
        "result_id": f"{test.object['public_id']}-{int(at)}-{location}", "check_time": at * 1000,
        "probe_dc": location, "status": int(failed), "result": {"passed": not failed, "timings": {"total": 211.4}},
    }  # fmt: skip
