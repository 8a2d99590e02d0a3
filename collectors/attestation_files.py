"""Reads the statements about one subject, the overlay's files and the stored envelopes, and says which count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, JsonValue, ValidationError

from collectors.connections import AttestationAccess, Proven
from collectors.errors import Denied, Malformed
from collectors.evidence import Model, canonical, sha256
from collectors.statement_fields import FIELDS, Instant
from collectors.statements import AttestationDocument

LARGEST = 256_000  # bytes
M = TypeVar("M", bound=Model)


class Forged(ValueError):
    """A signature that does not verify with the key it names. The statement is nobody's."""


class _Times(BaseModel):
    """The two times of a statement, as strictly as those in its fields."""

    made_at: Instant
    valid_until: Instant | None = None


@dataclass(frozen=True)
class Said:
    """One statement. `name` is its file; `raw` its JSON; `signer` whose key sealed it, if anybody's we know.

    `lapsed`: it is out of date. It then states nothing, and still took the place of what was stated before it.
    """

    name: str
    document: AttestationDocument
    raw: dict[str, JsonValue]
    digest: str
    signer: Proven | None
    lapsed: bool = False

    @property
    def proven(self) -> bool:
        return self.signer is not None and self.signer.person == self.document.author

    def fields(self, model: type[M]) -> M:
        """Its fields as the kind asks for them; Malformed names the file and the key."""
        try:
            return model.model_validate(self.raw["fields"])
        except ValidationError as error:
            raise _malformed(self.name, f"fields.{_first(error)}") from error


@dataclass(frozen=True)
class Heard:
    """What was said about a subject and version as of `at`, and why some does not count (one sentence each)."""

    at: datetime
    said: tuple[Said, ...]
    left_out: tuple[str, ...]


def payload_of(document: AttestationDocument) -> bytes:
    """The bytes that are signed."""
    return canonical(document.model_dump(mode="json"))


def digest_of(document: AttestationDocument) -> str:
    """ "sha256:…" of the statement, signed or not: the name by which a mark or decision refers to it."""
    return "sha256:" + sha256(payload_of(document))


def hear(access: AttestationAccess, subject: str, version: str, now: datetime) -> Heard:
    """All statements that count at `now`. Malformed or Denied for a file that is not read: it might be any of them."""
    said: dict[str, Said] = {}
    left_out: list[str] = []
    for name, data in _all_bytes(access, subject):
        try:
            one = _read(access, name, data)
        except Forged as error:
            raise Malformed(
                f"the statement {name} is nobody's: {error}",
                advice="Find out who changed it; take the file away or have its author state it again.",
            ) from error
        why = _why_not(one, subject, version, now)
        if why:
            left_out.append(f"{name} {why}")
            continue
        lapsed = _lapsed(one.document, now)
        if lapsed:
            left_out.append(f"{name} was valid until {lapsed.isoformat()}")
            one = replace(one, lapsed=True)
        if one.digest not in said or (one.proven and not said[one.digest].proven):
            said[one.digest] = one
    return Heard(now, tuple(said.values()), tuple(left_out))


def _why_not(one: Said, subject: str, version: str, now: datetime) -> str:
    document = one.document
    if document.subject != subject:
        return f"is about {document.subject}"
    if document.version != version:
        return f"is about version {document.version}"
    if one.signer is not None and not one.proven:
        return f"is signed with the key of {one.signer.person}, not of {document.author} whom it names as its author"
    if document.made_at > now:
        return f"is dated {document.made_at.isoformat()}, which has not come yet"
    return ""


def _lapsed(document: AttestationDocument, now: datetime) -> datetime | None:
    """When it went out of date, if it did.

    A mark of "failed" does not: an older "passed" for the same answers would come back.
    """
    marks, until = document.fields.get("marks"), document.valid_until
    failed = document.kind == "quiz_mark" and isinstance(marks, dict) and "failed" in marks.values()
    return until if until and until <= now and not failed else None


def _all_bytes(access: AttestationAccess, subject: str) -> Iterator[tuple[str, bytes]]:
    folder = access.folder(subject)
    try:
        for path in sorted(folder.iterdir()) if folder and folder.exists() else []:
            if not path.name.startswith(".") and path.suffix != ".md":
                yield path.name, _bytes(path)
    except OSError as error:
        raise Denied(
            f"attestations of {subject}: {error.filename} could not be read ({error.strerror})",
            advice="Let the account that runs Clearance read this folder, then check this item again.",
        ) from error
    for envelope in access.stored(subject):
        yield f"stored-{sha256(envelope)[:12]}.dsse.json", envelope


def _bytes(path: Path) -> bytes:
    if not path.name.endswith((".dsse.json", ".yaml")):
        raise _malformed(path.name, "a statement is named *.dsse.json (signed) or *.yaml (as reported)")
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise _malformed(path.name, f"is larger than {LARGEST} bytes")
    return data


def _read(access: AttestationAccess, name: str, data: bytes) -> Said:
    if name.endswith(".yaml"):
        document = _document(name, _from_yaml(name, data))
        payload = _written(name, document)
        return _said(name, document, json.loads(payload), payload, None)
    try:
        payload, signer = access.prove(data)
        content = json.loads(payload)
        if canonical(content) != payload:
            raise ValueError("the signed statement is not in its canonical form")
    except Forged:
        raise
    except (ValueError, RecursionError) as error:
        raise _malformed(name, str(error)) from error
    document = _document(name, content)
    _written(name, document)  # what cannot be written could not be sealed either
    return _said(name, document, content, payload, signer)


def _said(
    name: str, document: AttestationDocument, raw: dict[str, JsonValue], payload: bytes, signer: Proven | None
) -> Said:  # fmt: skip
    return Said(name, document, raw, "sha256:" + sha256(payload), signer)


def _written(name: str, document: AttestationDocument) -> bytes:
    """The bytes of one that nobody signed; Malformed where they cannot be written."""
    try:
        return payload_of(document)
    except (ValueError, RecursionError) as error:
        raise _malformed(name, str(error)) from error


def _document(name: str, content: Any) -> AttestationDocument:
    try:
        document = AttestationDocument.model_validate(content)
        _Times.model_validate({k: content.get(k) for k in _Times.model_fields})
    except ValidationError as error:
        raise _malformed(name, _first(error)) from error
    except (ValueError, RecursionError) as error:
        raise _malformed(name, str(error)) from error
    if document.kind not in FIELDS:
        raise _malformed(name, f"kind: {document.kind!r} is not known; allowed: {', '.join(FIELDS)}")
    return document


def _from_yaml(name: str, data: bytes) -> Any:
    try:
        return _as_json(yaml.load(data.decode("utf-8"), Loader=_PlainLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _malformed(name, f"is not plain YAML: {' '.join(str(error).split())}") from error


def _as_json(value: Any) -> Any:
    """The same with YAML's dates written out, as they would stand in JSON."""
    if isinstance(value, dict):
        return {key: _as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_json(one) for one in value]
    if isinstance(value, float) and not isfinite(value):
        raise ValueError(f"{value} is not a number that a statement can give")
    return value.isoformat() if isinstance(value, date | datetime) else value


class _PlainLoader(yaml.SafeLoader):
    """No aliases (they can grow without bound) and no key twice (the last would win silently)."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed here")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [str(key.value) for key, _ in node.value]
        if len(set(keys)) < len(keys):
            raise yaml.YAMLError(f"line {node.start_mark.line + 1}: a key stands here twice")
        return super().construct_mapping(node, deep)


def _malformed(name: str, what: str) -> Malformed:
    return Malformed(
        f"the statement {name} could not be used: {what}",
        advice=f"Mend {name} or take it away (state it again with `clearance attest`), then check this item again.",
    )


def _first(error: ValidationError) -> str:
    mistake = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg'].removeprefix('Value error, ')}"
