"""Use case: what people stated about a subject since a review was assessed, so that it is not in the review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.deps import Deps
from agent.domain import ReviewDocument
from collectors.attestation_files import hear
from collectors.errors import SourceError


@dataclass(frozen=True)
class Stated:
    """One statement. `item` is the one that it names itself, 0 for none."""

    kind: str
    name: str
    at: datetime
    item: int


def stated_since(deps: Deps, document: ReviewDocument) -> tuple[tuple[Stated, ...], str]:
    """The statements that came after the review's `as_of`, and why they could not be read, or ""."""
    access = deps.connections.attestations
    assert access is not None  # assembly always gives it
    try:
        heard = hear(access, document.subject, document.version, deps.clock())
    except SourceError as failure:
        return (), f"{failure.what}. {failure.next_step}"
    said = [one.document for one in heard.said if one.document.made_at > document.as_of]
    return tuple(
        Stated(one.kind, access.name_of(one.author), one.made_at, number if isinstance(number, int) else 0)
        for one in sorted(said, key=lambda one: one.made_at)
        for number in (one.fields.get("item"),)
    ), ""
