"""A person's signature over one digest, in one role: sealed with their own key, and read back."""

from __future__ import annotations

import json
from datetime import datetime

from agent.domain import Assurance, SignOff, SignOffDecision
from agent.people import People
from agent.signing.envelope import seal, unseal
from agent.signing.keys import SigningKey
from collectors.evidence import canonical

PAYLOAD_TYPE = "application/vnd.clearance.signoff+json"
SIGNED = {"review", "role", "person", "digest", "decision", "reason", "notes", "at"}


def sign(
    key: SigningKey, *, review: str, role: str, person: str, name: str, digest: str, decision: SignOffDecision,
    reason: str, notes: dict[str, str], at: datetime, channel: str,
) -> SignOff:  # fmt: skip
    """The sign-off with its own envelope."""
    signoff = SignOff(
        review=review, role=role, person=person, name=name, digest=digest, decision=decision, reason=reason,
        notes=notes, channel=channel, assurance=Assurance.KEY, at=at, key=key.fingerprint,
    )  # fmt: skip
    payload = canonical(signoff.model_dump(mode="json", include=SIGNED))
    return signoff.model_copy(update={"envelope": seal(payload, PAYLOAD_TYPE, key).decode()})


def holds(signoff: SignOff, people: People) -> bool:
    """Does the envelope say what the row says, signed by a key that was this person's at the time?"""
    keys = [key.public for one in people.people.values() for key in one.keys]
    payload, public = unseal(signoff.envelope.encode(), PAYLOAD_TYPE, keys)
    said = signoff.model_dump(mode="json", include=SIGNED)
    return bool(public) and json.loads(payload) == said and people.by_key(public or "", signoff.at) == signoff.person
