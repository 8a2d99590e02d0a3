"""The reviews before this one: what they showed is what has changed since, and what need not be asked again."""

from __future__ import annotations

from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.errors import StoreError
from agent.store.reviews import ReviewRow
from agent.workflow import frozen
from agent.workflow.state import ReviewState


def earlier(deps: Deps, state: ReviewState) -> list[ReviewRow]:
    """Reviews before this one that came to a document, oldest first; rehearsals are compared with nothing."""
    row = deps.reviews.get(state["review"])
    rows = deps.reviews.of(row.subject, row.version, row.gate)
    return [one for one in rows[: rows.index(row)] if one.document and not one.rehearsal]


def before(deps: Deps, state: ReviewState) -> ReviewDocument | None:
    """What the last of them showed; None where there is none, or where the store no longer holds it."""
    rows = earlier(deps, state)
    try:
        return frozen.document(deps, rows[-1]) if rows else None
    except StoreError:
        return None  # the summary says that it cannot be read
