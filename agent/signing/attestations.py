"""Statements that people sign: sealing one with its author's key, and saying whose key sealed one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from pydantic import BaseModel

from agent.people import People
from agent.signing.envelope import BadSignature, seal, unseal
from agent.signing.keys import SigningKey
from collectors.attestation_files import Forged, digest_of, payload_of
from collectors.connections import Proven
from collectors.statement_fields import Moment
from collectors.statements import AttestationDocument

PAYLOAD_TYPE = "application/vnd.clearance.attestation+json"

__all__ = ["PAYLOAD_TYPE", "digest_of", "living", "prover", "sign"]


def sign(document: AttestationDocument, key: SigningKey) -> bytes:
    """The statement in an envelope signed by `key`."""
    return seal(payload_of(document), PAYLOAD_TYPE, key)


Prove = Callable[[bytes], tuple[bytes, Proven | None]]


def living(
    content: Callable[[], bytes], read: Callable[[], People], now: Callable[[], datetime]
) -> tuple[Prove, Callable[[str], str]]:
    """`prove` and `name_of` over people as they are at each look: a process that runs for weeks hears of a key that was
    revoked. `content`: of people.yaml, which is read and checked only where it is another than before.
    """
    known = lru_cache(maxsize=1)(lambda content: read())
    over = lru_cache(maxsize=1)(lambda content: prover(known(content), now))
    return lambda envelope: over(content())(envelope), lambda id: known(content()).name_of(id)


def prover(people: People, now: Callable[[], datetime]) -> Prove:
    """What `AttestationAccess.prove` asks for: opens an envelope and says which of these people signed it.

    The function raises Forged for a signature that does not verify and ValueError for what is no canonical envelope.
    """
    keys = tuple(key.public for someone in people.people.values() for key in someone.keys)
    opened = lru_cache(maxsize=1024)(lambda envelope: unseal(envelope, PAYLOAD_TYPE, keys))  # each is read many times

    def prove(envelope: bytes) -> tuple[bytes, Proven | None]:
        try:
            payload, public = opened(envelope)
        except BadSignature as error:
            raise Forged(str(error)) from error
        return payload, _whose(people, public, payload, now()) if public else None

    return prove


class _Dated(BaseModel):
    """When a statement says it was made, as strictly as the statement itself; whoever reads it looks at the rest."""

    made_at: Moment


def _whose(people: People, public: str, payload: bytes, now: datetime) -> Proven | None:
    """The person whose key this was when the statement says it was made, and is now; else None.

    A revoked key proves nothing, also of before: the time in a statement is its signer's own word.
    """
    made_at = _Dated.model_validate_json(payload).made_at
    person = people.by_key(public, made_at)
    if person is None or people.by_key(public, max(now, made_at)) != person:
        return None
    return Proven(person, people.name_of(person), people.people[person].roles)
