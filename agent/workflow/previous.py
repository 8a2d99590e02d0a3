"""The reviews before this one: what they showed is what has changed since, and what need not be asked again."""

from __future__ import annotations

from collections.abc import Sequence

from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.errors import StoreError
from agent.store.reviews import ReviewRow
from agent.workflow import frozen
from agent.workflow.state import ReviewState


def earlier(deps: Deps, state: ReviewState) -> list[ReviewRow]:
    """Reviews before this one that came to a document, oldest first; rehearsals are compared with nothing.

    Those of this version; of a version that is reviewed for the first time, those of the versions before it.
    """
    return deps.recall.once(("earlier", state["review"]), lambda: _earlier(deps, state))


def _earlier(deps: Deps, state: ReviewState) -> list[ReviewRow]:
    row = frozen.row(deps, state)
    rows = deps.reviews.of(row.subject, None, row.gate)
    return shown([one for one in rows if one.seq < row.seq], row.version)


def shown(rows: Sequence[ReviewRow], version: str) -> list[ReviewRow]:
    """Of all reviews of a subject at a gate, those that a review of this version is compared with."""
    found = [one for one in rows if one.document and not one.rehearsal]
    return [one for one in found if one.version == version] or found


def before(deps: Deps, state: ReviewState) -> ReviewDocument | None:
    """What the last of them showed; None where there is none, or where the store no longer holds it."""
    return last_of(deps, earlier(deps, state))


def last_of(deps: Deps, rows: Sequence[ReviewRow]) -> ReviewDocument | None:
    try:
        return frozen.document(deps, rows[-1]) if rows else None
    except StoreError:
        return None  # the summary says that it cannot be read
