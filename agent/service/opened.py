"""Use case: the evidence of an item was put before somebody. "Opened" is not "read", and the report says so."""

from __future__ import annotations

from datetime import datetime

from agent.deps import Deps
from agent.errors import UsageError
from agent.service.finishing import shown
from agent.store import openings


def opened(deps: Deps, review: str, item: int, person: str, channel: str) -> bool:
    """Note in the log that this item's evidence was shown to `person` (our id, as their key or login says).

    Once for each person, item and digest. False where it is there already, and where the review takes no signatures:
    what was shown then leads to none.
    """
    state = shown(deps, review)
    if item not in {one.number for one in state.document.items}:
        raise UsageError(f"{review} has no item {item}")
    return openings.add(deps.engine, review, item, person, state.document.digest, channel, deps.clock())


def opened_at(deps: Deps, review: str, person: str) -> dict[int, datetime]:
    """When each item was first opened by this person, as the review stands now."""
    return openings.times(deps.engine, review, person, deps.reviews.get(review).digest)


def not_opened(deps: Deps, review: str, person: str) -> tuple[int, ...]:
    """Items that ask for a sentence of the signer's own and whose evidence was not put before this person yet."""
    seen = opened_at(deps, review, person)
    return tuple(number for number in sorted(shown(deps, review).document.notes_for) if number not in seen)
