"""Use case: what waits for me, and where every subject stands at every gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.deps import Deps
from agent.domain import Outcome
from agent.errors import ClearanceError
from agent.service.finishing import Shown, shown
from agent.service.nearing import nearing
from agent.store.reviews import ENDED, ReviewRow
from agent.workflow.notices import reached


@dataclass(frozen=True)
class BoardRow:
    """The latest review of a subject's version at a gate. `blocks`: each reason against it, as item or check, once.

    `mine` are the roles in which the person who looks still has to sign. `age_s` in seconds. `nearing`: waivers and
    open items near their end. `trouble` says why a review cannot be shown.
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
    as_of: datetime
    age_s: float
    launch: str
    blocks: tuple[str, ...]
    unseen: int
    waits_for: tuple[str, ...]
    mine: tuple[str, ...]
    registry: str
    sandbox: bool
    nearing: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Filter:
    """What is typed and chosen above the board; "" = everything."""

    search: str = ""
    state: str = ""
    gate: str = ""

    def keeps(self, row: BoardRow) -> bool:
        text = f"{row.subject} {row.name} {row.version} {row.review}".lower()
        return (
            self.search.lower() in text and self.state in ("", row.state, row.proposal) and self.gate in ("", row.gate)
        )


def board(deps: Deps, person: str) -> list[BoardRow]:
    """One row for each subject, version and gate: those that wait for this person first, then by launch date."""
    latest = {(row.subject, row.version, row.gate): row for row in deps.reviews.all() if not row.rehearsal}
    rows = [_row(deps, row, person) for row in latest.values()]
    return sorted(rows, key=lambda one: (not one.mine, one.launch or "9", one.subject, one.gate))


def _row(deps: Deps, row: ReviewRow, person: str) -> BoardRow:
    told = ENDED.get(row.state, "waits for signatures").format(by=row.ended_by)
    standing = deps.registry.get(row.subject, row.version, row.gate)
    state, trouble = _shown(deps, row)
    return BoardRow(
        review=row.id, subject=row.subject, name=state.document.name if state else "", version=row.version,
        gate=row.gate, state=row.state, told=told, proposal=row.proposal, decision=row.decision, as_of=row.as_of,
        age_s=(deps.clock() - row.as_of).total_seconds(), launch=_launch(state), blocks=tuple(_blocks(state)),
        unseen=len(state.document.gaps) if state else 0, waits_for=_waits_for(state),
        mine=roles_of(deps, state, person), registry=standing.status if standing else "Pilot", sandbox=row.sandbox,
        nearing=nearing(deps, state) if state else (), trouble=trouble,
    )  # fmt: skip


def _shown(deps: Deps, row: ReviewRow) -> tuple[Shown | None, str]:
    if not row.document:
        return None, ""
    try:
        return shown(deps, row.id), ""
    except ClearanceError as error:
        return None, str(error)


def _launch(state: Shown | None) -> str:
    launch = state.document.card.get("launch") if state else None
    return str(launch.get("date", "")) if isinstance(launch, dict) else ""


def _blocks(state: Shown | None) -> Iterator[str]:
    reasons = state.document.reasons if state else ()
    for where in dict.fromkeys(reason.where for reason in reasons if reason.outcome is not Outcome.PASS):
        yield f"item {where}" if where.isdigit() else where.replace("_", " ")


def _open(state: Shown | None) -> Sequence[str]:
    return () if state is None or state.row.state != "signing" else tuple(row.role for row in state.missing)


def _waits_for(state: Shown | None) -> tuple[str, ...]:
    if state is None or not _open(state):
        return ()
    return tuple(dict.fromkeys(name for row in state.missing for name in row.names))


def roles_of(deps: Deps, state: Shown | None, person: str) -> tuple[str, ...]:
    """The roles in which this person still has to sign the review, their own or as somebody's deputy now."""
    if state is None or not _open(state):
        return ()
    done = {one.person for one in state.signed if one.role not in ("builder", "lead")}
    people, now = deps.configuration.people(), deps.clock()
    return tuple(row.role for row in state.missing if person in reached(row, people, now) and person not in done)
