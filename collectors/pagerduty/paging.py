"""Lists, read to their end and no further: the first pages of all of them at once, then all the others at once.

PagerDuty pages by offset only, so that a thing may slip from a page that is still to come onto one that was already
read: what stood before it was taken away meanwhile, and something new at the end keeps the total as it was. So a page
begins with the thing that the page before ended with. Where it does not, the list moved, and is truncated. As long as
things do not change places with each other, none slips past that (incidents are asked for in the order in which they
were created).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from pydantic import JsonValue

from collectors.errors import Malformed, SourceError, Truncated
from collectors.pagerduty.client import Got, Outcome, Reader

PAGE = 100  # the vendor's largest page
STEP = PAGE - 1  # a page begins with the last thing of the page before
LAST_OFFSET = 10_000  # the vendor refuses offset + limit beyond this
Pairs = tuple[tuple[str, str | tuple[str, ...]], ...]


class TooLong(Truncated):
    """A list of more items than PagerDuty pages through."""


class ToldTooLong(TooLong):
    """The first page said so: it cost one call to know."""


@dataclass(frozen=True)
class Listing:
    """One list. `params` by name, `about` is added to error sentences; `loose` = told neither `more` nor `total`.

    `permission` is what the list needs where its path does not tell; `shared` where several types of questions need it.
    """

    path: str
    key: str
    params: Pairs = ()
    about: str = ""
    loose: bool = False
    permission: str = ""
    shared: bool = False

    @property
    def what(self) -> str:
        return f"PagerDuty GET {self.path}{self.about}"

    @property
    def scope(self) -> str:
        return self.permission or f"{self.path.strip('/')}.read"


@dataclass(frozen=True)
class _Place:
    listing: Listing
    offset: int


def read_all(reader: Reader, listings: Iterable[Listing]) -> dict[Listing, Outcome]:
    """Every item of each list; Truncated where the pages are not all of it, as far as PagerDuty tells."""
    firsts = reader.each(listings, lambda listing: page(reader, listing, 0))
    others = pages(reader, [(listing, at) for listing, first in firsts.items() for at in _offsets(first.got)])
    joined = {one: _joined(one, [first, *others.get(one, [])]) for one, first in firsts.items()}
    unsure = [one for one, first in firsts.items() if first.got and first.got.more and not _steps(first.got)]
    followed = reader.each(unsure, lambda one: _followed(reader, one, firsts[one]))
    return joined | {one: replace(kept, calls=firsts[one].calls + kept.calls) for one, kept in followed.items()}


def pages(reader: Reader, wanted: Iterable[tuple[Listing, int]]) -> dict[Listing, list[Outcome]]:
    """The pages at these offsets, in order, several at a time."""
    got = reader.each((_Place(*each) for each in wanted), lambda at: page(reader, at.listing, at.offset))
    found: dict[Listing, list[Outcome]] = {}
    for at, outcome in got.items():
        found.setdefault(at.listing, []).append(outcome)
    return found


def page(reader: Reader, listing: Listing, offset: int) -> Got:
    """One page, with what it says of the whole list."""
    asked: dict[str, str | int | list[str]] = {"limit": PAGE, "offset": offset}
    asked |= {} if listing.loose else {"total": "true"}
    asked |= {name: [*value] if isinstance(value, tuple) else value for name, value in listing.params}
    ask = reader.shared if listing.shared else reader.get
    got = ask(listing.path, asked, scope=listing.scope, about=listing.about)
    items, more = got.body.get(listing.key), got.body.get("more", False if listing.loose else None)
    if not isinstance(items, list) or not isinstance(more, bool):
        raise Malformed(f"{listing.what} answered 200 without a list `{listing.key}` and a flag `more`", status=200)
    total = _total(got.body.get("total"), listing)
    return Got(items=tuple(items), removed=got.removed, more=more, total=None if listing.loose else total)


def _total(value: JsonValue, listing: Listing) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    raise Malformed(f"{listing.what} answered 200 with a `total` that is no number", status=200)


def steps(first: Got) -> list[int]:
    """Offsets of the pages after the first, as far as its `total` tells; none where it does not.

    For whoever looks for single things, and asks for those alone that no page shows.
    """
    return [*range(PAGE, first.total or 0, PAGE)] if _steps(first) else []


def _steps(first: Got) -> bool:
    return first.more and first.total is not None and len(first.items) == PAGE


def _offsets(first: Got | None) -> list[int]:
    """What to read after the first page; nothing of a list that cannot be read to its end anyway."""
    if first is None or not _steps(first) or not _within(first.total):
        return []
    return [*range(STEP, (first.total or 0) - 1, STEP)]


def _within(total: int | None) -> bool:
    return total is None or ceil(total / PAGE) * PAGE <= LAST_OFFSET


def _joined(listing: Listing, read: Sequence[Outcome]) -> Outcome:
    """All pages as one answer, or the first failure among them."""
    calls = tuple(call for outcome in read for call in outcome.calls)
    try:
        return Outcome(calls, _whole(listing, [_got(outcome) for outcome in read]))
    except SourceError as failure:
        return Outcome(calls, failure=failure)


def _got(outcome: Outcome) -> Got:
    if outcome.got is None:
        raise outcome.failure or AssertionError("an outcome is an answer or a failure")
    return outcome.got


def _whole(listing: Listing, read: Sequence[Got]) -> Got:
    items, totals = _chained(listing, read), {got.total for got in read}
    if not _within(read[0].total):
        raise ToldTooLong(f"{listing.what} holds {read[0].total} items; PagerDuty pages through {LAST_OFFSET} at most")
    if len(totals) > 1 or read[-1].more or totals - {None, len(items)} or _repeats(items):
        raise _moved(listing, len(items))
    removed = frozenset[str]().union(*(got.removed for got in read))
    return Got(items=items, pages=len(read), removed=removed, total=read[0].total)


def _chained(listing: Listing, read: Sequence[Got]) -> tuple[JsonValue, ...]:
    """The items of all pages, each page begun with what the one before it ended with."""
    items = [*read[0].items]
    for got in read[1:]:
        if not items or not got.items or _key(got.items[0]) != _key(items[-1]):
            raise _moved(listing, len(items))
        items += got.items[1:]
    return tuple(items)


def _key(item: JsonValue) -> JsonValue:
    """By what a thing is known again; it may have changed otherwise."""
    return item.get("id", item) if isinstance(item, dict) else item


def _moved(listing: Listing, count: int) -> Truncated:
    return Truncated(f"{listing.what} gave {count} items that are not all of the list; it may have changed")


def _repeats(items: Sequence[JsonValue]) -> bool:
    """Whether a thing came twice: then the list moved between two pages, and another one may have slipped through."""
    ids = [str(item["id"]) for item in items if isinstance(item, dict) and "id" in item]
    return len(ids) > len(set(ids))


def _followed(reader: Reader, listing: Listing, first: Outcome) -> Got:
    """The list of which nobody knows how long it is: from page to page, as long as there is `more`."""
    read = [_got(first)]
    count = len(read[0].items)
    while read[-1].more:
        if len(read[-1].items) < min(2, len(read)):
            raise Truncated(f"{listing.what} promised more after an empty page, {count} items in")
        if count - 1 + PAGE > LAST_OFFSET:
            raise TooLong(f"{listing.what} holds more than the {LAST_OFFSET} items that PagerDuty pages through")
        read.append(page(reader, listing, count - 1))
        count += len(read[-1].items) - 1
    return _whole(listing, read)
