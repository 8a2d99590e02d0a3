"""A batch of questions to one account: shared things are asked for once, and no failure leaves its own question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from pydantic import JsonValue

from collectors.connections import Connections, not_configured
from collectors.errors import Malformed, SourceError, Truncated
from collectors.evidence import Answer, Evidence, Request, Source, Window
from collectors.pagerduty import client
from collectors.pagerduty.client import Got, Outcome, Reader, Trail
from collectors.pagerduty.reading import Node, account_of

TOGETHER = 20  # policies or services in one list: PagerDuty pages through 10 000 items and no more
A = TypeVar("A", bound=Request)
G = TypeVar("G")
Key = tuple[str, Window]


@dataclass(frozen=True)
class Asked:
    """Who was asked, and when by our clock."""

    source: Source
    at: datetime

    def account(self, service: Node) -> Source:
        """The source with the account's subdomain, as the service's page names it."""
        return self.source.model_copy(update={"account": account_of(service)})


def answers(
    conn: Connections, asks: Sequence[A], gather: Callable[[Reader, Sequence[A], datetime], G],
    answer: Callable[[A, G, Trail, Asked], Evidence],
) -> list[Answer]:  # fmt: skip
    """One answer a question, in order, from what `gather` brought together."""
    if conn.pagerduty is None:
        return not_configured("pagerduty", asks, conn.clock(), client.SETTING)
    asked = Asked(client.source(conn.pagerduty), conn.clock())
    try:
        with client.reading(conn, conn.pagerduty) as reader:
            gathered = gather(reader, asks, asked.at)
    except SourceError as failure:
        return [failure.gap(ask, asked.source, asked.at) for ask in asks]
    return [_answer(ask, gathered, answer, asked) for ask in asks]


def _answer(ask: A, gathered: G, answer: Callable[[A, G, Trail, Asked], Evidence], asked: Asked) -> Answer:
    trail = Trail()
    try:
        return answer(ask, gathered, trail, asked)
    except SourceError as failure:
        return failure.gap(ask, asked.source, asked.at, trail.asked())


def shared(
    reader: Reader, keys: Iterable[Key], ask: Callable[[Reader, tuple[str, ...], Window], Got], owner: str
) -> dict[Key, Outcome]:
    """What came of one list for many owners: asked once for up to TOGETHER of them, and given back to each.

    `owner` is the field of an item that refers to its owner. A list too long to be read to its end together is asked
    for again, one owner at a time.
    """

    def read(lot: tuple[tuple[str, ...], Window]) -> Got:
        got = ask(reader, *lot)
        for item in got.items:
            if Node(item)[owner]["id"].text() not in lot[0]:
                raise Malformed(f"PagerDuty answered for another {owner} than was asked")
        return got

    together = reader.each(_lots(keys), read)
    long = [(ids, window) for (ids, window), outcome in together.items() if _too_long(outcome) and len(ids) > 1]
    alone = reader.each((((id,), window) for ids, window in long for id in ids), read)
    outcomes = [*together.items(), *alone.items()]
    return {(id, window): _share(outcome, owner, id) for (ids, window), outcome in outcomes for id in ids}


def readable(read: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    """What `read` finds, or nothing where it is malformed: the answer that needs it will say so itself."""
    try:
        return read()
    except Malformed:
        return ()


def _lots(keys: Iterable[Key]) -> list[tuple[tuple[str, ...], Window]]:
    of: dict[Window, list[str]] = {}
    for id, window in dict.fromkeys(keys):
        of.setdefault(window, []).append(id)
    return [
        (tuple(ids[i : i + TOGETHER]), window) for window, ids in of.items() for i in range(0, len(ids), TOGETHER)
    ]  # fmt: skip


def _too_long(outcome: Outcome) -> bool:
    return isinstance(outcome.failure, Truncated)


def _share(outcome: Outcome, owner: str, id: str) -> Outcome:
    """The part of a shared list that is about one owner."""
    if outcome.got is None:
        return outcome
    own: list[JsonValue] = [item for item in outcome.got.items if Node(item)[owner]["id"].value == id]
    return Outcome(outcome.calls, replace(outcome.got, items=tuple(own)))
