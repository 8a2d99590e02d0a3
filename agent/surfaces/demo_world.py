"""Lays a world's overlay out for the demo: keys for its people, and each statement signed by its author."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from agent import yaml_lines
from agent.errors import ConfigError
from agent.people import load_people
from agent.signing import keys as key_files
from agent.signing.attestations import sign
from collectors.attestation_files import digest_of
from collectors.evidence import sha256
from collectors.statements import AttestationDocument

MARK = ".laid-out-by-clearance"  # only a folder with this file in it is ever replaced
RUNBOOK = "$runbook"
DOCUMENT = "$document:"
OTHER = "$statement:"


def lay_out(world_overlay: Path, into: Path, keys: Path) -> Path:
    """Copy the overlay to `into`, with public keys in people.yaml and every statement as a signed envelope.

    Keys are made in `keys`/<person>.pem where there are none. The result is the same each time but for the keys.
    ConfigError if `into` holds something that was not laid out by this function.
    """
    _clear(into)
    shutil.copytree(world_overlay, into, symlinks=False, ignore=shutil.ignore_patterns("statements"))
    (into / MARK).touch()
    signing = _give_keys(into / "people.yaml", keys)
    documents = _statements(world_overlay, into)
    for name, document in documents.items():
        if document.author not in signing:
            raise ConfigError(f"statements/{name}.yaml: author: {document.author} is not in people.yaml")
        folder = into / "cards" / document.subject / "attestations"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.dsse.json").write_bytes(sign(document, signing[document.author]))
    _age(into / "documents", documents)
    return into


def _clear(into: Path) -> None:
    if not into.exists():
        into.parent.mkdir(parents=True, exist_ok=True)
        return
    if (into / MARK).exists():
        shutil.rmtree(into)
    elif any(into.iterdir()):
        raise ConfigError(f"{into}: holds files that the demo did not put there; name an empty folder")
    else:
        into.rmdir()


def _give_keys(people_file: Path, folder: Path) -> dict[str, key_files.SigningKey]:
    """Everyone's key, made where missing, and its public part put into people.yaml."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    people, _ = yaml_lines.read(people_file)
    made = {person: _key(folder / f"{person}.pem") for person in people["people"]}
    for person, key in made.items():
        people["people"][person]["keys"] = [{"public": key.public}]
    people_file.write_text(yaml.safe_dump(people, sort_keys=False, allow_unicode=True), encoding="utf-8")
    load_people(people_file)
    return made


def _key(path: Path) -> key_files.SigningKey:
    return key_files.load(path) if path.exists() else key_files.make(path)


def _statements(world_overlay: Path, into: Path) -> dict[str, AttestationDocument]:
    """The statements by file name, each after those that it refers to."""
    files = sorted((world_overlay / "statements").glob("*.yaml"))
    waiting = {path.stem: yaml_lines.read(path)[0] for path in files}
    names = {RUNBOOK: "sha256:" + sha256((into / "documents" / "runbook.md").read_bytes())}
    for path in (into / "documents").rglob("*.md"):
        name = path.relative_to(into / "documents").as_posix()
        names[DOCUMENT + name] = "sha256:" + sha256(path.read_bytes())
    ready: dict[str, AttestationDocument] = {}
    while waiting:
        open_names = {name for name, raw in waiting.items() if set(_references(raw)) <= set(names)}
        if not open_names:
            raise ConfigError(f"statements/: {', '.join(waiting)} refer to statements that are not there")
        for name in sorted(open_names):
            ready[name] = AttestationDocument.model_validate(_filled(waiting.pop(name), names))
            names[OTHER + name] = digest_of(ready[name])
    return ready


def _references(raw: Any) -> Iterator[str]:
    if isinstance(raw, dict | list):
        for value in raw.values() if isinstance(raw, dict) else raw:
            yield from _references(value)
    elif isinstance(raw, str) and (raw == RUNBOOK or raw.startswith((OTHER, DOCUMENT))):
        yield raw


def _filled(raw: Any, names: dict[str, str]) -> Any:
    """The same with every reference replaced by the digest that it stands for."""
    if isinstance(raw, dict):
        return {key: _filled(value, names) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_filled(value, names) for value in raw]
    return names.get(raw, raw) if isinstance(raw, str) else raw


def _age(documents: Path, statements: dict[str, AttestationDocument]) -> None:
    """Documents are as old as the day before anybody spoke of them, not as the copy that was just made."""
    if statements and documents.is_dir():
        when = (min(one.made_at for one in statements.values()) - timedelta(days=1)).timestamp()
        for path in documents.rglob("*"):
            os.utime(path, (when, when))
