"""Things with an id: a few are asked for one by one, many are picked from the pages of the account's own list.

A row that is missing from a list, or is only a part of the thing, says nothing: the thing itself is asked for then. So
no more calls are made than there are things, and one more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from collectors.errors import Malformed
from collectors.pagerduty import paging
from collectors.pagerduty.client import Got, Outcome, Reader
from collectors.pagerduty.paging import LAST_OFFSET, PAGE, Listing
from collectors.pagerduty.reading import Node

FEW = 4  # up to so many, one by one costs no more than a look at the list, and nobody else is read


@dataclass(frozen=True)
class Shelf:
    """A kind of thing: its list, how one alone is read, and whether a row is as good as that."""

    kind: str
    listing: Listing
    alone: Callable[[Reader, str], Got]
    whole: Callable[[Node], bool] = lambda row: True

    def take(self, reader: Reader, ids: Iterable[str]) -> dict[str, Outcome]:
        """What came of each id. A list that failed is the failure of all that were not found on it before."""
        wanted = dict.fromkeys(ids)
        found, failed = self._listed(reader, wanted) if len(wanted) > FEW else ({}, None)
        rest = [id for id in wanted if id not in found]
        if failed:
            return {**found, **dict.fromkeys(rest, failed)}
        return {**found, **reader.each(rest, lambda id: self.alone(reader, id))}

    def _listed(self, reader: Reader, wanted: Mapping[str, None]) -> tuple[dict[str, Outcome], Outcome | None]:
        """What the list shows of them, and how it failed; a list longer than asking one by one is left alone."""
        first = reader.each((0,), lambda offset: paging.page(reader, self.listing, offset))[0]
        if first.got is None:
            return {}, first
        found = self._rows(first, wanted)
        others = [at for at in paging.steps(first.got) if at + PAGE <= LAST_OFFSET]
        if len(others) > len(wanted) - len(found):
            return found, None
        read = paging.pages(reader, ((self.listing, at) for at in others)).get(self.listing, [])
        for outcome in read:
            found |= self._rows(outcome, wanted)
        return found, next((outcome for outcome in read if outcome.failure), None)

    def _rows(self, read: Outcome, wanted: Mapping[str, None]) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        for item in read.got.items if read.got else ():
            id = item.get("id") if isinstance(item, dict) else None
            if isinstance(item, dict) and isinstance(id, str) and id in wanted and self._is_whole(Node(item)):
                removed = read.got.removed if read.got else frozenset()
                found[id] = Outcome(read.calls, Got(item, removed=removed))
        return found

    def _is_whole(self, row: Node) -> bool:
        try:
            return row["type"].value == self.kind and self.whole(row)
        except Malformed:
            return False
