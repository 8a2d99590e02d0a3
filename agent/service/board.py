"""Use case: what waits for me, what nears its end, and where every subject stands at every gate."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.deps import Deps
from agent.domain import SignerNeeded
from agent.errors import ClearanceError
from agent.people import People
from agent.service import summing_up
from agent.service.finishing import Shown, shown
from agent.service.nearing import WITHIN
from agent.service.summing_up import Ending
from agent.store.database import instant
from agent.store.reviews import ENDED
from agent.store.summaries import Entry, begun
from agent.workflow.notices import reached

PAGE = 50  # rows of the board at a time
FIRST = 10  # rows shown above the board


@dataclass(frozen=True)
class BoardRow:
    """The latest review of a subject's version at a gate. `blocks`: what is against it, items together, then checks.

    `mine` are the roles in which the person who looks still has to sign. `age_s` in seconds. `trouble` says why a
    review cannot be shown.
    """

    review: str
    subject: str
    name: str
    version: str
    gate: str
    state: str
    told: str
    proposal: str
    decision: str
    age_s: float
    launch: str
    blocks: tuple[str, ...]
    unseen: int
    waits_for: tuple[str, ...]
    mine: tuple[str, ...]
    registry: str
    sandbox: bool
    trouble: str = ""


@dataclass(frozen=True)
class Filter:
    """What is typed and chosen above the board; "" = everything. `waits` = "me": only what waits for who looks.

    `subject`: exactly this one.
    """

    search: str = ""
    state: str = ""
    gate: str = ""
    waits: str = ""
    subject: str = ""

    def keeps(self, one: Entry) -> bool:
        words = self.search.lower().split()
        text = f"{one.subject} {one.name or ''} {one.version} {one.id}".lower()
        chosen = self.state in ("", one.state, one.proposal) and self.gate in ("", one.gate)
        chosen = chosen and self.subject in ("", one.subject)
        return chosen and all(word in text for word in words)


@dataclass(frozen=True)
class Due:
    """`over` = that instant has passed."""

    row: Entry
    ending: Ending
    over: bool


@dataclass(frozen=True)
class Board:
    """`mine` are the first that wait for who looks, of `waiting`; `rows` one page of `kept` that the filter keeps."""

    mine: list[BoardRow]
    waiting: int
    due: list[Due]
    rows: list[BoardRow]
    kept: int
    total: int
    page: int
    pages: int
    gates: list[str]
    states: list[str]


@dataclass(frozen=True)
class _Look:
    """One look of one person: what every row is reckoned with."""

    deps: Deps
    person: str
    people: People
    now: datetime
    begun: frozenset[str]
    holders: tuple[str, ...]

    def mine(self, one: Entry) -> tuple[str, ...]:
        """The roles in which this person still has to sign; a review that somebody signed is read to its document."""
        if one.state != "signing" or not any(f'"{id}"' in one.signers for id in self.holders):
            return ()
        if one.id in self.begun:
            state, _ = _shown(self.deps, one)
            return roles_of(self.deps, state, self.person) if state else ()
        return _held(summing_up.signers_of(one), self.people, self.person, self.now)


def _looking(deps: Deps, person: str) -> _Look:
    """`holders` are this person, and everybody who names them as a deputy."""
    people = deps.configuration.people()
    others = [id for id, one in people.people.items() if any(d.person == person for d in one.deputies)]
    return _Look(deps, person, people, deps.clock(), begun(deps.engine), (person, *others))


def board(deps: Deps, person: str, chosen: Filter, page: int = 1) -> Board:
    """One look: sorted by launch date, one page of it; a page that is not there is the nearest one."""
    every = sorted(summing_up.entries(deps), key=lambda one: (one.launch or "9", one.subject, one.gate, one.version))
    look = _looking(deps, person)
    mine = {one.id: roles for one in every if (roles := look.mine(one))}
    kept = [one for one in every if chosen.keeps(one) and (chosen.waits != "me" or one.id in mine)]
    pages = max(1, -(-len(kept) // PAGE))
    page = min(max(1, page), pages)
    first = [one for one in every if one.id in mine][:FIRST]
    return Board(
        mine=[_row(look, one, mine) for one in first], waiting=len(mine), due=_due(every, look.now),
        rows=[_row(look, one, mine) for one in kept[(page - 1) * PAGE : page * PAGE]], kept=len(kept),
        total=len(every), page=page, pages=pages, gates=sorted({one.gate for one in every}),
        states=sorted({one.state for one in every} | {one.proposal for one in every if one.proposal}),
    )  # fmt: skip


def _due(every: Sequence[Entry], now: datetime) -> list[Due]:
    """Open items and waivers of reviews that still stand, which end soon or have ended; the nearest first."""
    standing = (one for one in every if one.ends != "[]" and one.state in ("signing", "complete", "reported"))
    found = [
        Due(one, end, end.at <= now) for one in standing for end in summing_up.ends_of(one) if end.at < now + WITHIN
    ]
    return sorted(found, key=lambda one: one.ending.at)


def _row(look: _Look, one: Entry, mine: dict[str, tuple[str, ...]]) -> BoardRow:
    trouble = _shown(look.deps, one)[1] if one.document and one.name is None else ""
    return BoardRow(
        review=one.id, subject=one.subject, name=one.name or "", version=one.version, gate=one.gate, state=one.state,
        told=ENDED.get(one.state, "waits for signatures").format(by=one.ended_by), proposal=one.proposal,
        decision=one.decision, age_s=(look.now - instant(one.as_of)).total_seconds(), launch=one.launch,
        blocks=tuple(json.loads(one.blocks)), unseen=one.unseen, waits_for=_waits_for(look, one),
        mine=mine.get(one.id, ()), registry=one.standing or "Pilot", sandbox=bool(one.sandbox), trouble=trouble,
    )  # fmt: skip


def _shown(deps: Deps, one: Entry) -> tuple[Shown | None, str]:
    try:
        return shown(deps, one.id), ""
    except ClearanceError as error:
        return None, str(error)


def _waits_for(look: _Look, one: Entry) -> tuple[str, ...]:
    """The names of who may still sign."""
    if one.state != "signing":
        return ()
    state = _shown(look.deps, one)[0] if one.id in look.begun else None
    signers = state.missing if state else summing_up.signers_of(one)
    return tuple(dict.fromkeys(name for row in signers for name in row.names))


def roles_of(deps: Deps, state: Shown, person: str) -> tuple[str, ...]:
    """The roles in which this person still has to sign the review, their own or as somebody's deputy now."""
    if state.row.state != "signing" or state.row.rehearsal:
        return ()
    if person in {one.person for one in state.signed if one.role not in ("builder", "lead")}:
        return ()
    return _held(state.missing, deps.configuration.people(), person, deps.clock())


def _held(signers: Sequence[SignerNeeded], people: People, person: str, now: datetime) -> tuple[str, ...]:
    return tuple(row.role for row in signers if person in reached(row, people, now))
