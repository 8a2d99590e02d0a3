"""Waivers and open items under a decision: when each ends, who is told, and how long before. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from agent.domain import ReviewDocument, SignOff
from agent.people import People, same_name
from agent.store.database import stamp
from agent.store.outbox import Notice

DAYS_AHEAD = (14, 7, 1)


@dataclass(frozen=True)
class Ending:
    """Something that a person took on. With a waiver the decision ends; an open item is due. `who` are our ids."""

    kind: Literal["waiver", "open"]
    item: int
    at: datetime
    who: tuple[str, ...]


def endings(document: ReviewDocument, people: People) -> tuple[Ending, ...]:
    """What a review rests on that somebody took on, the first to end first."""

    def ids(*given: str) -> tuple[str, ...]:
        """Rows hold ids and names; people.yaml knows whom both mean."""
        found = (id for one in given for id, known in people.people.items() if one == id or same_name(one, known.name))
        return tuple(dict.fromkeys(found))

    waivers = [Ending("waiver", w.item, w.expires, ids(w.requested_by, w.approved_by)) for w in document.waivers]
    opened = [Ending("open", row.item, row.due, ids(row.owner, row.by)) for row in document.open_items]
    return tuple(sorted([*waivers, *opened], key=lambda one: (one.at, one.item)))


def reminders(document: ReviewDocument, signed: Sequence[SignOff], people: People, now: datetime) -> tuple[Notice, ...]:
    """What its people are told of a decision's waivers and open items, two weeks, a week and a day before, and then.

    Who signed is told of a waiver as well: the decision is theirs, and it ends.
    """
    return tuple(
        Notice(person, _kind(one, ahead), _about(document, one, after), due)
        for one in endings(document, people)
        for ahead, due, after in _moments(one.at, now)
        for person in _told(one, signed)
    )


def _kind(ending: Ending, ahead: int) -> str:
    """The outbox tells each kind once: item and days make them several."""
    return f"{ending.kind}_{'ends' if ahead else 'over'}:{ending.item}:{ahead}"


def _moments(ends: datetime, now: datetime) -> Iterator[tuple[int, datetime, datetime | None]]:
    """Days ahead, when to tell, and when the next is told. One whose day has passed is told at once, and no other."""
    ahead = [days for days in (*DAYS_AHEAD, 0) if ends - timedelta(days=days) > now]
    missed = [days for days in DAYS_AHEAD if days not in ahead][-1:]
    due = [(days, max(now, ends - timedelta(days=days))) for days in (*missed, *ahead)]
    for (days, at), after in zip(due, [*(at for _, at in due[1:]), None], strict=True):
        yield days, at, after


def _told(ending: Ending, signed: Sequence[SignOff]) -> tuple[str, ...]:
    signers = (one.person for one in signed if ending.kind == "waiver" or one.role == "sponsor")
    return tuple(dict.fromkeys([*ending.who, *signers]))


def _about(document: ReviewDocument, ending: Ending, after: datetime | None) -> dict[str, str]:
    return {
        "subject": document.subject, "version": document.version, "gate": document.gate, "zone": document.zone,
        "sandbox": "yes" if document.sandbox else "", "item": str(ending.item), "ends": ending.at.isoformat(),
        "after": stamp(after) if after else "",
    }  # fmt: skip
