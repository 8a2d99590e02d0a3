"""By which methods an item was established in one review: by what it rests on, not by what its gate would accept."""

from __future__ import annotations

from agent.domain import ItemResult, ReviewDocument, Verdict

METHODS = ("test", "examine", "interview")  # the strongest first
READ = ("documents.file", "github.file")
STATED = "attestation."


def established(item: ItemResult, document: ReviewDocument) -> tuple[str, ...]:
    """The strongest first; () where nothing was seen. A sign-off is its signers' own."""
    if item.verdict is Verdict.PENDING:
        return item.methods
    kinds = {_kind(document.evidence.get(digest, "")) for digest in item.evidence}
    return tuple(method for method in METHODS if method in kinds)


def told(item: ItemResult, document: ReviewDocument) -> str:
    """As a list in a sentence."""
    return ", ".join(established(item, document)) or "nothing that was seen"


def shares(document: ReviewDocument) -> str:
    """How many items rest on what, a part of another not counted; one that rests on several counts with each."""
    counted = [one for one in document.items if not any(part.parent == one.number for part in document.items)]
    found = [established(one, document) for one in counted]
    by = ", ".join(f"{sum(method in one for one in found)} on {what}" for method, what in SAID.items())
    unseen = f"; {found.count(())} on nothing that was seen" if () in found else ""
    return f"Of {len(counted)} items, {by}{unseen}."


SAID = {"test": "what a system answered", "examine": "a document", "interview": "a person's word"}


def _kind(request_type: str) -> str:
    if request_type.startswith(STATED):
        return "interview"
    return "examine" if request_type in READ else "test"
