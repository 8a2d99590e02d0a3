"""Use case: one review as a signer looks at it: its items with their evidence, history, and what it superseded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.errors import ClearanceError
from agent.outputs.bundle import answers
from agent.outputs.html_items import ItemView, item_views
from agent.outputs.table import standing
from agent.service.finishing import Shown, shown
from agent.service.opened import opened_at
from agent.workflow import frozen

LONGEST = 10  # earlier reviews looked at


@dataclass(frozen=True)
class Before:
    """How one item stood in an earlier review; `text` is glyph and word."""

    review: str
    as_of: datetime
    text: str
    ended: str


@dataclass(frozen=True)
class Looked:
    """`open_to_me`: items whose evidence is shown. Where signatures are taken, those that ask for a note must have been
    opened first; a review that takes none is open to everybody who looks.
    """

    state: Shown
    items: list[ItemView]
    open_to_me: frozenset[int]
    history: dict[int, tuple[Before, ...]]
    previous: ReviewDocument | None


def look(deps: Deps, review: str, person: str) -> Looked:
    """Everything that the review page shows to one person."""
    state = shown(deps, review)
    document = state.document
    items = item_views(document, answers(deps.locker, document))
    takes = state.row.state == "signing"
    seen = opened_at(deps, review, person)
    free = {item.number for item in document.items if not takes or item.number not in document.notes_for}
    earlier = _earlier(deps, document)
    history = {item.number: _history(item.id, earlier) for item in document.items}
    previous = next((one for one, _ in earlier if one.review == document.supersedes), None)
    return Looked(state, items, frozenset(free | set(seen)), history, previous)


def _earlier(deps: Deps, document: ReviewDocument) -> list[tuple[ReviewDocument, str]]:
    """The documents of the reviews before, newest first; one that cannot be read is passed over here."""
    rows = deps.reviews.of(document.subject, document.version, document.gate)
    mine = next(row.seq for row in rows if row.id == document.review)
    found = []
    for row in [row for row in reversed(rows) if row.seq < mine and row.document][:LONGEST]:
        try:
            found.append((frozen.document(deps, row), row.state))
        except ClearanceError:
            continue
    return found


def _history(item_id: str, earlier: list[tuple[ReviewDocument, str]]) -> tuple[Before, ...]:
    return tuple(
        Before(one.review, one.as_of, " ".join(standing(item)), state)
        for one, state in earlier
        for item in one.items
        if item.id == item_id
    )
