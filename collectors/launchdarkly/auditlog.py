"""The audit log of one flag in one environment, read page by page to its end.

The API has no offset and no next link: the next page is asked for with `before` = the oldest date seen plus one
millisecond, since two entries can share one; repeats are dropped by `_id`, and the end is a page with nothing new.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from collectors.errors import Malformed, Truncated
from collectors.launchdarkly.client import Rest
from collectors.launchdarkly.facts import FlagHistoryAsk
from collectors.launchdarkly.reading import Json, instant, named, text, whole

PAGE = 20  # the most that the API gives
CUT = 10  # what it gives where `limit` is not heeded: a page of so many may be cut
MOST_PAGES = 600  # 12 000 entries


@dataclass(frozen=True)
class AuditLog:
    """Every entry of the window, oldest first."""

    entries: tuple[Json, ...]
    pages: int


def read_log(rest: Rest, ask: FlagHistoryAsk) -> AuditLog:
    """All entries for the asked resource and window; Truncated when the end cannot be reached for certain."""
    pages = list(read_pages(rest, ask))
    return AuditLog(oldest_first(chain.from_iterable(pages), named(ask)), len(pages))


def read_pages(rest: Rest, ask: FlagHistoryAsk, most: int = MOST_PAGES) -> Iterator[list[Json]]:
    """Page by page, newest first, the entries of the window that stood on none before; raises as `read_log` does."""
    seen: set[str] = set()
    before = math.ceil(ask.window.end.timestamp() * 1000)
    for _ in range(most):
        page = _page(rest, ask, before)
        new = {key: entry for entry in page if (key := entry_id(entry, ask)) not in seen}
        if not new:
            _at_the_end(page, ask)
            yield []
            return
        seen |= new.keys()
        # Whether the API's bounds include their own instant is not documented: ours decide.
        yield [entry for entry in new.values() if ask.window.holds(instant(entry, "date", named(ask)))]
        before = min(whole(entry, "date", named(ask)) for entry in page) + 1
    raise Truncated(f"LaunchDarkly's audit log of {named(ask)} did not end within {most} pages of {PAGE}")


def oldest_first(newest_first: Iterable[Json], what: str) -> tuple[Json, ...]:
    return tuple(sorted(newest_first, key=lambda entry: whole(entry, "date", what), reverse=True))[::-1]


def entry_id(entry: Json, ask: FlagHistoryAsk) -> str:
    """The id of an entry, fit to be asked for."""
    held = text(entry, "_id", named(ask))
    if not re.fullmatch("[A-Za-z0-9_-]+", held):
        raise Malformed(f"LaunchDarkly's audit log of {named(ask)} holds an entry whose `_id` is no id", status=200)
    return held


def _page(rest: Rest, ask: FlagHistoryAsk, before: int) -> list[Json]:
    after = math.floor(ask.window.start.timestamp() * 1000) - 1
    spec = f"proj/{ask.project}:env/{ask.environment}:flag/{ask.flag}"
    asked: dict[str, str | int] = {"spec": spec, "after": after, "before": before, "limit": PAGE}
    items = rest.get("/api/v2/auditlog", f"the history of {named(ask)}", asked).get("items")
    if not isinstance(items, list):
        raise Malformed(f"LaunchDarkly's audit log of {named(ask)} holds no list `items`", status=200)
    page = [item for item in items if isinstance(item, dict)]
    if len(page) != len(items):
        raise Malformed(f"LaunchDarkly's audit log of {named(ask)} holds an entry that is no object", status=200)
    _newest_first(page, ask)
    return page


def _newest_first(page: list[Json], ask: FlagHistoryAsk) -> None:
    """The order is not promised; a page that is cut in any other one hides newer entries from paging by `before`."""
    dates = [whole(entry, "date", named(ask)) for entry in page]
    if len(page) >= CUT and dates != sorted(dates, reverse=True):
        raise Truncated(f"LaunchDarkly's audit log of {named(ask)} came not newest first; the rest cannot be asked for")


def _at_the_end(page: list[Json], ask: FlagHistoryAsk) -> None:
    if len(page) >= CUT:
        raise Truncated(f"LaunchDarkly's audit log of {named(ask)} gave a full page twice; what is older was not given")
