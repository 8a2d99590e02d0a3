"""The signed list of a bundle's files: an in-toto statement over all of them, sealed by the product's own key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import rfc8785
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement

from agent.domain import Decision, ReviewDocument, SignOff
from agent.errors import ConfigError
from agent.people import People
from agent.signing import keys
from agent.signing.envelope import seal
from collectors.evidence import Model, sha256

NAME = "statement.dsse.json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATE_TYPE = "https://clearance.example/launch-gate/v1"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"


class SignedBy(Model):
    """One sign-off as the statement lists it, with the public key that its own envelope verifies against."""

    role: str
    person: str
    name: str
    decision: str
    at: str
    assurance: str
    key: str
    public: str


class Predicate(Model):
    """What was decided, over what, by whom, and where the locker's log stood."""

    review: str
    subject: str
    version: str
    gate: str
    gate_digest: str
    digest: str
    decision: str
    sandbox: bool
    product_version: str
    log_head: str
    locker_head: str
    signoffs: tuple[SignedBy, ...]


def predicate(
    document: ReviewDocument, decision: Decision, signed: Sequence[SignOff], known: Sequence[People],
    heads: tuple[str, str],
) -> Predicate:  # fmt: skip
    """`heads`: of the review's log as it goes into the bundle, and of the whole locker's."""
    return Predicate(
        review=document.review, subject=document.subject, version=document.version, gate=document.gate,
        gate_digest=document.gate_digest, digest=document.digest, decision=decision.value, sandbox=document.sandbox,
        product_version=document.product_version, log_head=heads[0], locker_head=heads[1],
        signoffs=tuple(_signed_by(one, known) for one in signed),
    )  # fmt: skip


def _signed_by(signoff: SignOff, known: Sequence[People]) -> SignedBy:
    publics = (key.public for people in known for one in people.people.values() for key in one.keys)
    public = next((p for p in publics if keys.fingerprint(p) == signoff.key), "")
    return SignedBy(
        role=signoff.role, person=signoff.person, name=signoff.name, decision=signoff.decision.value,
        at=signoff.at.isoformat(), assurance=signoff.assurance.value, key=signoff.key, public=public,
    )  # fmt: skip


def sealed(files: Mapping[str, bytes], about: Predicate, key: keys.SigningKey) -> bytes:
    """The envelope: one canonical line, the files in the order of their names."""
    subjects = [ResourceDescriptor(name=name, digest={"sha256": sha256(files[name])}).pb for name in sorted(files)]
    Statement(subjects=subjects, predicate_type=PREDICATE_TYPE, predicate=about.model_dump(mode="json")).validate()
    payload = {
        "_type": STATEMENT_TYPE,
        "predicate": about.model_dump(mode="json"),
        "predicateType": PREDICATE_TYPE,
        "subject": [{"digest": {"sha256": sha256(files[name])}, "name": name} for name in sorted(files)],
    }
    return seal(rfc8785.dumps(json.loads(json.dumps(payload))), PAYLOAD_TYPE, key)


def product_key(home: Path) -> keys.SigningKey:
    """The key that seals bundles: made on first use, private, its public part put among the home's trusted keys."""
    path = home / "keys" / "clearance.pem"
    if not path.exists():
        try:
            keys.make(path)
        except ConfigError:
            if not path.exists():
                raise
    key = keys.load(path)
    trusted = home / "trust" / "clearance.pub.pem"
    if not trusted.exists():
        trusted.parent.mkdir(parents=True, exist_ok=True)
        trusted.write_bytes(keys.public_pem(key.public))
    return key
