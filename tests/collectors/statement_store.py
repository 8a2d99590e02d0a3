"""An overlay's attestations folder and the people whose keys count, as the statement tests fill it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.people import People, PublicKey, Someone
from agent.signing import keys
from agent.signing.attestations import prover, sign
from collectors.attestation_files import digest_of
from collectors.connections import AttestationAccess, Connections
from collectors.evidence import Answer, Evidence, Gap
from collectors.registry import REQUESTS
from collectors.statements import AttestationDocument
from tests import plain_yaml

SUBJECT = "ledger-bot"
NOW = datetime(2026, 6, 12, 12, tzinfo=UTC)
PEOPLE = {"ann.lee": "Ann Lee", "bo.kim": "Bo Kim", "cy.diaz": "Cy Diaz"}


def said(kind: str, author: str, made_at: str, fields: dict[str, Any], **more: Any) -> AttestationDocument:
    """A statement about the subject's version 1.0."""
    about = {"subject": SUBJECT, "version": "1.0", "kind": kind, "author": author, "made_at": made_at}
    return AttestationDocument.model_validate({**about, "fields": fields, **more})


@dataclass
class Store:
    """`sign` puts a signed statement into the folder, `report` an unsigned one, `keep` one into our own store."""

    root: Path
    keys: dict[str, keys.SigningKey]
    stored: list[bytes] = field(default_factory=list)
    revoked: dict[str, datetime] = field(default_factory=dict)
    second: dict[str, keys.SigningKey] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.root / "attestations"

    def sign(self, name: str, document: AttestationDocument, by: str = "") -> str:
        """The statement's digest; `by` signs it, or else its author."""
        self.write(f"{name}.dsse.json", sign(document, self.second.get(by) or self.keys[by or document.author]))
        return digest_of(document)

    def keep(self, document: AttestationDocument) -> None:
        self.stored.append(sign(document, self.keys[document.author]))

    def report(self, name: str, document: AttestationDocument) -> str:
        self.write(f"{name}.yaml", plain_yaml.dump(document.model_dump(mode="json")).encode())
        return digest_of(document)

    def write(self, name: str, data: bytes) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_bytes(data)

    def people(self) -> People:
        return People(people={
            id: Someone(name=name, roles=("engineer",), keys=(PublicKey(
                public=self.keys[id].public, revoked=self.revoked.get(id)), *self._second(id)))
            for id, name in PEOPLE.items()
        })  # fmt: skip

    def _second(self, id: str) -> list[PublicKey]:
        return [PublicKey(public=self.second[id].public)] if id in self.second else []

    def connections(self) -> Connections:
        people = self.people()
        folder = self.folder if self.folder.is_dir() else None
        access = AttestationAccess(lambda s: folder, lambda s: self.stored, prover(people, lambda: NOW), people.name_of)
        return Connections(clock=lambda: NOW, attestations=access)

    def ask(self, kind: str, version: str = "1.0", **more: str) -> Answer:
        row = REQUESTS[f"attestation.{kind}"]
        question = row.ask.model_validate({"subject": SUBJECT, "version": version, **more})
        return row.collector()(self.connections(), [question])[0]

    def evidence(self, kind: str, **more: str) -> Evidence:
        answer = self.ask(kind, **more)
        assert isinstance(answer, Evidence), answer
        return answer

    def gap(self, kind: str, **more: str) -> Gap:
        answer = self.ask(kind, **more)
        assert isinstance(answer, Gap), answer
        return answer


def new_store(root: Path) -> Store:
    """A store without statements, with a key for each of three people and one for a stranger."""
    return Store(root, {id: keys.make(root / "keys" / f"{id}.pem") for id in (*PEOPLE, "stranger")})
