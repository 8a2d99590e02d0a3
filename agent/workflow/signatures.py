"""When the set of sign-offs is complete, and what it decides. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from agent.cards import Card
from agent.domain import Decision, ReviewDocument, SignerNeeded, SignOff, SignOffDecision
from agent.gates import Gate
from agent.people import People
from agent.signing import concerns, signoffs
from agent.workflow.document import holders_of, signers


def counted(
    document: ReviewDocument, gate: Gate, signed: Sequence[SignOff], frozen: People, now: People
) -> list[SignOff]:
    """The sign-offs that count: over exactly this document, by its signer's key, in a role that is theirs.

    `frozen` are the people as the review knew them, `now` as people.yaml knows them: a key revoked there before it
    signed counts no more. Nor does one that lets the subject through over a concern that nobody has answered.
    """
    good: list[SignOff] = []
    for one in signed:
        over_this = (one.review, one.digest) == (document.review, document.digest)
        held = any(signoffs.holds(one, people) for people in (frozen, now)) and not signoffs.revoked(one, now)
        open_ = concerns.lets_through_unanswered(document.concerns, one, good)
        if over_this and held and may_sign(document, gate, one) and differ(one, good) is None and not open_:
            good.append(one)
    return good


def may_sign(document: ReviewDocument, gate: Gate, one: SignOff) -> bool:
    """Does the card name the signer for this role, and is a second approver neither lead nor builder?"""
    card = Card.model_validate(document.card)
    spec = next((spec for spec in gate.signers if spec.role == one.role), None)
    if spec is None or one.person not in holders_of(spec, card):
        return False
    return spec.when != "lead_is_builder" or one.person not in {card.people.lead, *card.people.builders}


def differ(one: SignOff, others: Sequence[SignOff]) -> SignOff | None:
    """The sign-off that this one's signer has given already; all signers differ, but builder and lead may be one."""
    for other in others:
        if other.role == one.role or (other.person == one.person and {other.role, one.role} != {"builder", "lead"}):
            return other
    return None


def sent_back(signed: Sequence[SignOff]) -> bool:
    """Has anybody asked for more evidence? Then no set of sign-offs is complete."""
    return any(s.decision is SignOffDecision.MORE_EVIDENCE for s in signed)


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
    have = {s.role for s in good if s.decision is not SignOffDecision.MORE_EVIDENCE}
    return [row for row in needed(document, gate, good, people) if row.role not in have]


def final(document: ReviewDocument, signed: Sequence[SignOff]) -> Decision:
    """The strictest of what people signed; never laxer than the proposal."""
    said = [Decision(s.decision) for s in signed if s.decision is not SignOffDecision.MORE_EVIDENCE]
    return max([document.proposal, *said], key=lambda d: d.strictness)
