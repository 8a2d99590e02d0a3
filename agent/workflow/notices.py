"""Who is told that a review waits for them, what they are told, and when they are reminded. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from agent.domain import ReviewDocument, SignerNeeded
from agent.gates import Gate
from agent.people import People
from agent.periods import later
from agent.store.outbox import WAITING, Notice

REMIND_AT = 0.75  # of the time between the assessment and the first thing behind it that lapses


def asked_to_sign(
    document: ReviewDocument, gate: Gate, people: People, signers: tuple[SignerNeeded, ...], now: datetime
) -> tuple[Notice, ...]:
    """A message now and a reminder later to everybody who may give one of these signatures, once a person."""
    return tuple(_notices(document, gate, people, signers, now))


def _notices(
    document: ReviewDocument, gate: Gate, people: People, signers: tuple[SignerNeeded, ...], now: datetime
) -> Iterator[Notice]:
    ends = signable_until(document, gate)
    remind = document.as_of + (ends - document.as_of) * REMIND_AT
    roles: dict[str, list[SignerNeeded]] = {}
    for signer in signers:
        for person in reached(signer, people, now):
            roles.setdefault(person, []).append(signer)
    for person, held in roles.items():
        about = _about(document, held, ends)
        yield Notice(person, WAITING, about, now)
        yield Notice(person, "reminder", about, max(remind, now))


def reached(signer: SignerNeeded, people: People, at: datetime) -> tuple[str, ...]:
    """Who holds a role on the card, and who stands in for them at an instant."""
    deputies = (
        entry.person
        for holder in signer.people
        if holder in people.people
        for entry in people.people[holder].deputies
        if people.may_stand_in(entry.person, holder, signer.role, at)
    )
    return tuple(dict.fromkeys([*signer.people, *deputies]))


def signable_until(document: ReviewDocument, gate: Gate) -> datetime:
    """The first limit after which the review takes no signature any more."""
    limits = [limit for item in document.items for limit in (item.fetched_by, item.valid_until) if limit]
    return min([later(document.as_of, gate.fetched_within), *limits])


def _about(document: ReviewDocument, held: list[SignerNeeded], ends: datetime) -> dict[str, str]:
    return {
        "subject": document.subject, "version": document.version, "gate": document.gate,
        "proposal": document.proposal.value, "title": " or ".join(one.title for one in held), "until": ends.isoformat(),
        "zone": document.zone, "sandbox": "yes" if document.sandbox else "",
    }  # fmt: skip
