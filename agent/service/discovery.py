"""Use case: what looks like the subject's at the sources, by name alone, as a draft of its card. Nothing is kept.

A guess cannot become evidence: the draft says `draft: true` and marks each guess, and a card with either is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.deps import Deps
from agent.errors import UsageError
from agent.service import draft_card, own_switch
from agent.service.guesses import Guess, Listings
from collectors.discovery import Listing, discover_all
from collectors.likeness import ALIKE


@dataclass(frozen=True)
class Looked:
    """How many things of a kind a source lists, and how many of them look like the subject's."""

    vendor: str
    kind: str
    count: int
    alike: int


@dataclass(frozen=True)
class Discovered:
    """`text` is the draft; `unseen` holds (source, kind, reason, sentence) of what could not be looked through."""

    subject: str
    text: str
    guesses: tuple[Guess, ...]
    looked: tuple[Looked, ...]
    unseen: tuple[tuple[str, str, str, str], ...]


def discover(deps: Deps, name: str) -> Discovered:
    """Asks every source for what it lists. UsageError where no subject can be called so."""
    subject = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not subject:
        raise UsageError(f"{name!r} is no name for a subject; write letters and digits, joined by -")
    own_switch.refuse(deps, f"looking through the sources for {subject}")
    found = Listings(subject, tuple(discover_all(deps.connections, subject)))
    draft = draft_card.draft(found, name, deps.clock(), sorted(deps.configuration.people().people))
    looked = tuple(_looked(one, subject) for one in found.all if one.reason is None)
    return Discovered(subject, draft.text, draft.guesses, looked, found.unseen())


def _looked(one: Listing, subject: str) -> Looked:
    like = sum(named.like(subject) >= ALIKE for named in one.names)
    return Looked(one.vendor, one.kind, len(one.names), like)
