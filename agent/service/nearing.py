"""Use case: which waivers and open items near their end, or are past it, under a review that still matters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from agent.deps import Deps
from agent.drafting.values import instant
from agent.service.finishing import Shown
from agent.workflow.endings import DAYS_AHEAD, Ending, endings

WITHIN = timedelta(days=DAYS_AHEAD[0])


def nearing(deps: Deps, state: Shown) -> tuple[str, ...]:
    """One sentence for each that ends within two weeks; nothing of a review that decides nothing any more."""
    return tuple(_sentences(deps, state)) if _matters(deps, state) else ()


def _matters(deps: Deps, state: Shown) -> bool:
    """It waits for signatures, or its decision is the one that counts."""
    row = state.row
    if row.state == "signing":
        return True
    standing = deps.registry.get(row.subject, row.version, row.gate)
    return row.state == "reported" and standing is not None and standing.review == row.id


def _sentences(deps: Deps, state: Shown) -> Iterator[str]:
    now, document = deps.clock(), state.document
    for one in endings(document, deps.configuration.people()):
        if one.at <= now + WITHIN:
            yield _sentence(one, instant(one.at, document.zone), over=one.at <= now)


def _sentence(ending: Ending, at: str, *, over: bool) -> str:
    if ending.kind == "waiver":
        return f"item {ending.item}: waiver lapsed on {at}" if over else f"item {ending.item}: waiver lapses on {at}"
    return f"item {ending.item}: open item was due on {at}" if over else f"item {ending.item}: open item due on {at}"
