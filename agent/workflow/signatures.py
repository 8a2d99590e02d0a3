"""When the set of sign-offs is complete, and what it decides. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from agent.cards import Card
from agent.domain import Decision, ReviewDocument, SignerNeeded, SignOff, SignOffDecision
from agent.gates import Gate
from agent.people import People
from agent.signing import signoffs
from agent.workflow.document import holders_of, signers


def counted(document: ReviewDocument, signed: Sequence[SignOff], *known: People) -> list[SignOff]:
    """The sign-offs that count: over exactly this document, by a key that one of the people files knows."""
    return [s for s in signed if s.digest == document.digest and any(signoffs.holds(s, people) for people in known)]


def needed(document: ReviewDocument, gate: Gate, signed: Sequence[SignOff], people: People) -> tuple[SignerNeeded, ...]:
    """Who has to sign, seeing what was signed so far: a conditional decision needs the sponsor as well."""
    decided = final(document, signed) if signed else document.proposal
    card = Card.model_validate(document.card)
    rows = signers(gate, card, people, decided)
    sponsor = [s for s in gate.signers if s.when == "conditional" and not holders_of(s, card)]
    if decided is Decision.CONDITIONAL and sponsor:
        rows = (
            *rows,
            SignerNeeded(role=sponsor[0].role, title=sponsor[0].title, people=(), names=(), because="nobody named"),
        )
    return rows


def missing(document: ReviewDocument, gate: Gate, good: Sequence[SignOff], people: People) -> list[SignerNeeded]:
    """The roles that still have to sign, given the sign-offs that count."""
    have = {s.role for s in good}
    return [row for row in needed(document, gate, good, people) if row.role not in have]


def final(document: ReviewDocument, signed: Sequence[SignOff]) -> Decision:
    """The strictest of what people signed; never laxer than the proposal."""
    said = [Decision(s.decision) for s in signed if s.decision is not SignOffDecision.MORE_EVIDENCE]
    return max([document.proposal, *said], key=lambda d: d.strictness)
