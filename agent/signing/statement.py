"""The signed list of a bundle's files: an in-toto statement over all of them, sealed by the product's own key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import rfc8785
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from pydantic import SerializerFunctionWrapHandler, model_serializer

from agent.domain import Assurance, Decision, ReviewDocument, SignOff
from agent.people import People
from agent.signing import keys
from agent.signing.envelope import seal
from agent.signing.house import Seal
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
    issuer: str = ""
    subject: str = ""

    @model_serializer(mode="wrap")
    def _as_listed(self, plain: SerializerFunctionWrapHandler) -> dict[str, str]:
        """The login only where there is one: statements from before logins are read as they were written."""
        told: dict[str, str] = plain(self)
        return {name: value for name, value in told.items() if value or name not in ("issuer", "subject")}

    @property
    def proof(self) -> str:
        """What kind of proof this sign-off has, in words."""
        if self.assurance == Assurance.KEY:
            return f"signed with their own key {self.key}"
        if self.assurance == Assurance.OIDC:
            return (
                f"logged in at {self.issuer} as {self.subject!r}; no signature of their own: the product's key "
                "vouches for the login"
            )
        if self.assurance == Assurance.SLACK:
            return (
                f"clicked in Slack as {self.subject!r} of {self.issuer}; no signature of their own: the product's key "
                "vouches for the click"
            )
        return f"known by {self.assurance} only"


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


def differences(one: Predicate, other: Predicate) -> list[str]:
    """In what two statements are not of one and the same decision. The head of the locker's log is left out: that log
    goes on with other reviews while a report is due.
    """
    names = (name for name in Predicate.model_fields if name != "locker_head")
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def predicate(
    document: ReviewDocument, decision: Decision, signed: Sequence[SignOff], known: Sequence[People],
    heads: tuple[str, str], house: Sequence[str] = (),
) -> Predicate:  # fmt: skip
    """`heads`: of the review's log as it goes into the bundle, and of the whole locker's. `house`: the product's own
    public keys.
    """
    return Predicate(
        review=document.review, subject=document.subject, version=document.version, gate=document.gate,
        gate_digest=document.gate_digest, digest=document.digest, decision=decision.value, sandbox=document.sandbox,
        product_version=document.product_version, log_head=heads[0], locker_head=heads[1],
        signoffs=tuple(_signed_by(one, known, house) for one in signed),
    )  # fmt: skip


def _signed_by(signoff: SignOff, known: Sequence[People], house: Sequence[str]) -> SignedBy:
    persons = [key.public for people in known for one in people.people.values() for key in one.keys]
    login = signoff.login
    public = next((p for p in (house if login else persons) if keys.fingerprint(p) == signoff.key), "")
    return SignedBy(
        issuer=login.issuer if login else "", subject=login.subject if login else "",
        role=signoff.role, person=signoff.person, name=signoff.name, decision=signoff.decision.value,
        at=signoff.at.isoformat(), assurance=signoff.assurance.value, key=signoff.key, public=public,
    )  # fmt: skip


def sealed(files: Mapping[str, bytes], about: Predicate, key: Seal) -> bytes:
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
