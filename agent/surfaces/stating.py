"""The fields of a statement as somebody types them: from a file, from options; the runbook by its digest."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from agent import yaml_lines
from agent.deps import Deps
from agent.errors import UsageError
from collectors.evidence import sha256


@dataclass(frozen=True)
class Stated:
    """What `attest` tells. `statement` is the digest by which others refer to it."""

    kind: str
    author: str
    subject: str
    item: int
    statement: str


def fields_of(file: Path | None, options: Sequence[str]) -> dict[str, object]:
    """The fields in a YAML file, and over them those given as NAME=VALUE."""
    found: dict[str, object] = {}
    if file is not None:
        data, _ = yaml_lines.read(file)
        if not isinstance(data, dict):
            raise UsageError(f"{file}: does not hold a mapping of field names to values")
        found = {str(name): value for name, value in data.items()}
    for option in options:
        name, equals, text = option.partition("=")
        if not equals or not name:
            raise UsageError(f"--field {option!r}: write NAME=VALUE, for example --field in_flight_at_flip=2")
        found[name] = _value(option, text)
    return found


def _value(option: str, text: str) -> object:
    try:
        return yaml.load(text, Loader=yaml_lines.Loader)
    except (yaml.YAMLError, ValueError) as error:
        raise UsageError(f"--field {option!r}: the value is not valid YAML; put quotes around it") from error


def with_document(deps: Deps, kind: str, fields: dict[str, object]) -> dict[str, object]:
    """For quotes: the digest of the overlay's document that they are from, where nobody gave one."""
    folder, name = deps.configuration.documents, fields.get("document")
    if kind != "quotes" or "digest" in fields or folder is None or not isinstance(name, str):
        return fields
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return fields
    return {"digest": "sha256:" + sha256(path.read_bytes()), **fields}


def with_runbook(deps: Deps, subject: str, kind: str, fields: dict[str, object]) -> dict[str, object]:
    """For quiz answers: the digest of the runbook in the overlay, where nobody gave one."""
    if kind != "quiz" or "runbook" in fields:
        return fields
    card, folder = deps.configuration.card(subject).card, deps.configuration.documents
    path = folder / card.runbook.path if folder else None
    if card.runbook.source != "documents.file" or path is None or not path.is_file():
        return fields
    return {"runbook": "sha256:" + sha256(path.read_bytes()), **fields}


def name_of(envelope: bytes) -> str:
    """The digest by which other statements refer to this one (a mark to the quiz that it marks)."""
    return "sha256:" + sha256(base64.b64decode(json.loads(envelope)["payload"]))
