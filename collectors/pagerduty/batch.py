"""A batch of questions to one account: shared things are asked for once, and no failure leaves its own question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import JsonValue

from collectors.call_log import CallLog
from collectors.connections import Connections, handed_on, not_configured
from collectors.errors import Malformed, SourceError
from collectors.evidence import Answer, Evidence, Request, Source, Window
from collectors.pagerduty import client, paging
from collectors.pagerduty.client import Got, Outcome, Reader, Trail
from collectors.pagerduty.paging import Listing, ToldTooLong, TooLong
from collectors.pagerduty.reading import Node, account_of

TOGETHER = 50  # ids in one question; its address must stay short
TOO_MUCH = (400, 413, 414)
SHORTEST = timedelta(days=5)  # a window is not cut any further
A = TypeVar("A", bound=Request)
G = TypeVar("G")
Key = tuple[str, Window]
Lot = tuple[tuple[str, ...], Window]
Dealt = Mapping[str, Outcome]


@dataclass(frozen=True)
class Asked:
    """Who was asked, and when by our clock. `log` knows what others asked before."""

    source: Source
    at: datetime
    log: CallLog

    def collected(self, trail: Trail) -> datetime:
        """The instant as of which an answer holds that rests on this trail."""
        return self.log.collected(trail.asked(), self.at)

    def account(self, service: Node) -> Source:
        """The source with the account's subdomain, as the service's page names it."""
        return self.source.model_copy(update={"account": account_of(service)})


@dataclass(frozen=True)
class Shared:
    """A list that one question about many owners answers. `owner` is the field of an item that refers to its owner.

    `cut`: a window too full for one list may be asked for in parts; an item may then come twice.
    """

    listing: Callable[[tuple[str, ...], Window], Listing]
    owner: str
    cut: bool = False

    def of(
        self, reader: Reader, keys: Iterable[Key], confirmed: Callable[[str, Window], bool]
    ) -> dict[Key, Outcome]:  # fmt: skip
        """What came of the list for each owner.

        Many ids in one question may be more than PagerDuty heeds. So an owner of whom the shared list shows nothing is
        asked for alone, unless something else that was read has `confirmed` that there is nothing.
        """
        lots = _lots(dict.fromkeys(keys))
        found = self._read(reader, lots)
        together = [(id, window) for ids, window in lots for id in ids if len(ids) > 1]
        silent = [key for key in together if _is_silent(found[key]) and not confirmed(*key)]
        return found | self._read(reader, [((id,), window) for id, window in silent])

    def _read(self, reader: Reader, lots: Sequence[Lot]) -> dict[Key, Outcome]:
        """What came of each lot, by owner; one that cannot be read to its end is parted and asked for again."""
        parted: dict[Lot, list[Lot]] = {}
        done: dict[Lot, Dealt] = {}
        now = [*lots]
        while now:
            asked = {lot: self.listing(*lot) for lot in now}
            read = paging.read_all(reader, asked.values())
            for lot, listing in asked.items():
                done[lot] = self._dealt(read[listing], lot)
                parted |= {lot: parts} if (parts := self._parts(lot, read[listing])) else {}
            now = [part for lot in now for part in parted.get(lot, [])]
        return {(id, lot[1]): self._collected(id, lot, parted, done) for lot in lots for id in lot[0]}

    def _parts(self, lot: Lot, outcome: Outcome) -> list[Lot]:
        """The halves to ask for in place of a lot that is too much for one list, or whose address is for one call."""
        ids, window = lot
        long, failure = isinstance(outcome.failure, TooLong), outcome.failure
        if len(ids) > 1 and (long or (failure and failure.status in TOO_MUCH)):
            return [(ids[: len(ids) // 2], window), (ids[len(ids) // 2 :], window)]
        half = (window.end - window.start) / 2
        if not (self.cut and isinstance(failure, ToldTooLong)) or half < SHORTEST:
            return []
        middle = window.start + half
        return [(ids, Window(start=window.start, end=middle)), (ids, Window(start=middle, end=window.end))]

    def _dealt(self, outcome: Outcome, lot: Lot) -> dict[str, Outcome]:
        """The part of each owner; an item of nobody that was asked for leaves none of them an answer."""
        of: dict[str, list[JsonValue]] = {id: [] for id in lot[0]}
        try:
            for item in outcome.got.items if outcome.got else ():
                owner = Node(item)[self.owner]["id"].text()
                if owner not in of:
                    raise Malformed(f"PagerDuty answered for another {self.owner} than was asked")
                of[owner].append(item)
        except Malformed as failure:
            return dict.fromkeys(lot[0], Outcome(outcome.calls, failure=failure))
        if outcome.got is None:
            return dict.fromkeys(lot[0], outcome)
        return {id: Outcome(outcome.calls, replace(outcome.got, items=tuple(own))) for id, own in of.items()}

    def _collected(self, id: str, lot: Lot, parted: Mapping[Lot, list[Lot]], done: Mapping[Lot, Dealt]) -> Outcome:
        """The part of one owner, joined from wherever it was read."""
        if lot not in parted:
            return done[lot][id]
        parts = [self._collected(id, part, parted, done) for part in parted[lot] if id in part[0]]
        return _joined(done[lot][id], parts)


@handed_on
def answers(
    conn: Connections, asks: Sequence[A], gather: Callable[[Reader, Sequence[A], datetime], G],
    answer: Callable[[A, G, Trail, Asked], Evidence],
) -> Iterator[Answer]:  # fmt: skip
    """One answer a question, in order, each made when it is taken, from what `gather` brought together."""
    if conn.pagerduty is None:
        yield from not_configured("pagerduty", asks, conn.clock(), client.SETTING)
        return
    source, at = client.source(conn.pagerduty), conn.clock()
    try:
        with client.reading(conn, conn.pagerduty) as reader:
            gathered = gather(reader, asks, at)
    except SourceError as failure:
        yield from (failure.gap(ask, source, at) for ask in asks)
        return
    asked = Asked(source, at, reader.log)
    yield from (_answer(ask, gathered, answer, asked) for ask in asks)


def _answer(ask: A, gathered: G, answer: Callable[[A, G, Trail, Asked], Evidence], asked: Asked) -> Answer:
    trail = Trail()
    try:
        return answer(ask, gathered, trail, asked)
    except SourceError as failure:
        return failure.gap(ask, asked.source, asked.at, trail.asked())


def readable(read: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    """What `read` finds, or nothing where it is malformed: the answer that needs it will say so itself."""
    try:
        return read()
    except Malformed:
        return ()


def _lots(keys: Iterable[Key]) -> list[Lot]:
    of: dict[Window, list[str]] = {}
    for id, window in keys:
        of.setdefault(window, []).append(id)
    return [
        (tuple(ids[i : i + TOGETHER]), window) for window, ids in of.items() for i in range(0, len(ids), TOGETHER)
    ]  # fmt: skip


def _is_silent(outcome: Outcome) -> bool:
    return outcome.got is not None and not outcome.got.items


def _joined(tried: Outcome, parts: Sequence[Outcome]) -> Outcome:
    calls = tuple(call for outcome in (tried, *parts) for call in outcome.calls)
    got = [part.got for part in parts if part.got]
    if len(got) < len(parts):
        return Outcome(calls, failure=next(part.failure for part in parts if part.failure))
    removed = frozenset[str]().union(*(one.removed for one in got))
    items = tuple(item for one in got for item in one.items)
    return Outcome(calls, Got(items=items, pages=sum(one.pages for one in got), removed=removed))
