"""Maintenance windows of services: while one lasts, PagerDuty opens no incident and pages nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pydantic import JsonValue

from collectors.errors import Truncated
from collectors.evidence import Window
from collectors.pagerduty import paging
from collectors.pagerduty.client import Got, Outcome, Reader
from collectors.pagerduty.facts import Maintenance
from collectors.pagerduty.paging import Listing
from collectors.pagerduty.reading import Node, time
from collectors.pagerduty.shelf import FEW

KEY = "maintenance_windows"
ALL = (("filter", "all"),)
OF_ACCOUNT = Listing(f"/{KEY}", KEY, ALL, permission="services.read", shared=True)


def maintenance(reader: Reader, services: Iterable[str]) -> dict[str, Outcome]:
    """All windows of each service, whenever they were. Of many services the account's whole list is read.

    That list is not asked for by services: how many of them PagerDuty heeds at once is not told, and one that it
    passed over would look as if nothing had ever silenced it.
    """
    ids = tuple(dict.fromkeys(services))
    whole = paging.read_all(reader, (OF_ACCOUNT,))[OF_ACCOUNT] if len(ids) > FEW else None
    if whole is not None and not isinstance(whole.failure, Truncated):
        return {id: _own(whole, id) for id in ids}
    alone = {id: replace(OF_ACCOUNT, params=(*ALL, ("service_ids[]", (id,)))) for id in ids}
    read = paging.read_all(reader, alone.values())
    return {id: _own(read[listing], id) for id, listing in alone.items()}


def overlapping(windows: Node, window: Window) -> Iterator[Maintenance]:
    """Those that touch the window."""
    for one in windows:
        start, end = time(one["start_time"]), time(one["end_time"])
        if start.value < window.end and end.value > window.start:
            yield Maintenance(start=start, end=end)


def _own(outcome: Outcome, id: str) -> Outcome:
    """The windows of one service; one whose services cannot be told counts for everybody, and is malformed later."""
    if outcome.got is None:
        return outcome
    items = tuple(item for item in outcome.got.items if _names(item, id))
    return Outcome(outcome.calls, Got(items=items, pages=outcome.got.pages, removed=outcome.got.removed))


def _names(item: JsonValue, id: str) -> bool:
    services = item.get("services") if isinstance(item, dict) else None
    if not isinstance(services, list) or not all(isinstance(one, dict) and "id" in one for one in services):
        return True
    return any(isinstance(one, dict) and one["id"] == id for one in services)
