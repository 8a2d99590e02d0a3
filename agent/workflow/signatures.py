"""When the set of sign-offs is complete, and what it decides. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from agent.cards import Card
from agent.domain import Decision, ReviewDocument, SignerNeeded, SignOff, SignOffDecision
from agent.gates import Gate, SignerSpec
from agent.people import People
from agent.signing import concerns, signoffs
from agent.workflow.document import holders_of, signers


def counted(
    document: ReviewDocument, gate: Gate, signed: Sequence[SignOff], frozen: People, now: People,
    house: Sequence[str] = (),
) -> list[SignOff]:  # fmt: skip
    """The sign-offs that count: over exactly this document, by its signer's key or login, in a role that is theirs.

    `house` are the product's own public keys, which seal what was signed by login.

    `frozen` are the people as the review knew them, `now` as people.yaml knows them: a key revoked there before it
    signed counts no more. Nor does one that lets the subject through over a concern that nobody has answered, or over
    evidence that its signer was never shown or says nothing about.
    """
    good: list[SignOff] = []
    for one in signed:
        over_this = (one.review, one.digest) == (document.review, document.digest)
        held = any(signoffs.holds(one, people, house) for people in (frozen, now)) and not signoffs.revoked(one, now)
        open_ = concerns.lets_through_unanswered(document.concerns, one, good)
        theirs = may_sign(document, gate, one, (frozen, now)) and differ(one, good) is None
        blind = signoffs.unseen(document.notes_for, one) or signoffs.unsaid(document.notes_for, one)
        if over_this and held and theirs and not open_ and not blind:
            good.append(one)
    return good


def may_sign(document: ReviewDocument, gate: Gate, one: SignOff, known: Sequence[People]) -> bool:
    """Does the card name the signer for this role, or the one they stood in for at the time; do we know surely enough
    who it was; and is a second approver neither lead nor builder?
    """
    card = Card.model_validate(document.card)
    spec = next((spec for spec in gate.signers if spec.role == one.role), None)
    if spec is None or one.holder not in holders_of(spec, card) or not one.assurance.reaches(spec.least_assurance):
        return False
    if one.on_behalf and not any(p.may_stand_in(one.person, one.on_behalf, one.role, one.at) for p in known):
        return False
    return not takes_both_sides(spec, card, one.person, one.on_behalf)


def takes_both_sides(spec: SignerSpec, card: Card, person: str, on_behalf: str) -> bool:
    """Would this signer approve their own work? A second approver neither leads nor builds, nor does a lead's deputy
    build where the lead does not: no second approver would look at it then.
    """
    if spec.when == "lead_is_builder":
        return person in {card.people.lead, *card.people.builders}
    return bool(on_behalf) and spec.role == "lead" and person in card.people.builders


def differ(one: SignOff, others: Sequence[SignOff]) -> SignOff | None:
    """The sign-off that this one's signer has given already; all signers differ, but builder and lead may be one.

    Who stands in for somebody is both people here: neither can sign a second time through the other.
    """
    for other in others:
        same = {other.person, other.holder} & {one.person, one.holder}
        may_be_one = {other.role, one.role} == {"builder", "lead"} and not (other.on_behalf or one.on_behalf)
        if other.role == one.role or (same and not may_be_one):
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
