"""Checks a bundle without the service: signature, files, evidence, log, digest and every person's own signature.

Keys are given by the caller, never taken from the bundle. The first thing that is wrong is named.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal, NoReturn

import rfc8785
from pydantic import Field, JsonValue, ValidationError

from agent.errors import NotVerified
from agent.signing import keys
from agent.signing.agreement import agree
from agent.signing.envelope import BadSignature, NotAnEnvelope, signer_of, unseal
from agent.signing.house import Limits
from agent.signing.statement import NAME, PAYLOAD_TYPE, Predicate, differences
from collectors.evidence import Model, sha256

NONE = Limits()
LARGEST = 64_000_000  # bytes of one file


class _Digest(Model):
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class _Subject(Model):
    digest: _Digest
    name: str


class _Statement(Model):
    """The payload as `statement.sealed` writes it; nothing else is accepted."""

    type: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    predicate: Predicate
    predicateType: Literal["https://clearance.example/launch-gate/v1"]
    subject: tuple[_Subject, ...]


class Verified(Model):
    """What a bundle that holds says, and which key sealed it."""

    predicate: Predicate
    key: str
    files: int


Recompute = Callable[[dict[str, JsonValue]], str]


def verify(bundle: Path, trusted: Sequence[str], recompute: Recompute, limits: Limits = NONE) -> Verified:
    """`trusted`: public keys (base64) from elsewhere. `recompute` gives the digest that review.json's content has.
    `limits`: how long those keys count; when this was sealed is the log's word.

    NotVerified (exit code 40) names the first thing that is wrong.
    """
    if not bundle.is_dir():
        raise NotVerified(f"{bundle}: there is no such bundle")
    found, folders = _files(bundle)
    if NAME not in found:
        raise NotVerified(f"{bundle}: it is not signed ({NAME} is missing)")
    statement, key = _opened(found.pop(NAME), trusted)
    _same_files(found, {subject.name: subject.digest.sha256 for subject in statement.subject})
    _same_folders(folders, found)
    sealed_at = agree(found, statement.predicate, recompute, [key, *trusted])
    if why := limits.wrong(keys.fingerprint(key), sealed_at):
        raise NotVerified(f"{NAME}: the key {keys.fingerprint(key)} that sealed it {why}")
    return Verified(predicate=statement.predicate, key=keys.fingerprint(key), files=len(found))


def same_decision(one: bytes, other: bytes, key: str) -> bool:
    """Are these envelopes two statements of one report: both sealed by this public key, over the same files, and with
    the same decision in them?
    """
    try:
        (ours, _), (theirs, _) = (_opened(envelope, [key]) for envelope in (one, other))
    except NotVerified:
        return False
    return ours.subject == theirs.subject and not differences(ours.predicate, theirs.predicate)


def trusted_keys(folder: Path, more: Sequence[Path] = ()) -> list[str]:
    """The public keys of a home's trust/ folder, or only those that are named."""
    paths = list(more) or sorted(folder.glob("*.pem"))
    return [keys.read_public(path) for path in paths]


def _files(bundle: Path) -> tuple[dict[str, bytes], set[str]]:
    """Every file of the bundle by its path in it, and its folders; whatever is neither, as a link, is refused."""
    found, folders = {}, set()
    for folder, names, files in os.walk(bundle, followlinks=False, onerror=_unreadable):
        for name in sorted([*names, *files]):
            path = Path(folder, name)
            inside, mode = path.relative_to(bundle).as_posix(), path.lstat().st_mode
            if stat.S_ISDIR(mode):
                folders.add(inside)
            elif not stat.S_ISREG(mode) or path.lstat().st_size > LARGEST:
                raise NotVerified(f"{_shown(inside)}: is not a plain file of reasonable size")
            else:
                found[inside] = _read(path)
    return found, folders


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        _unreadable(error)


def _unreadable(error: OSError) -> NoReturn:
    raise NotVerified(f"{_shown(str(error.filename))}: could not be read ({error.strerror})") from error


def _shown(name: str) -> str:
    """The name of a file that anybody may have made: on one line, letters that do nothing to a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def _opened(envelope: bytes, trusted: Sequence[str]) -> tuple[_Statement, str]:
    try:
        payload, key = unseal(envelope, PAYLOAD_TYPE, trusted)
    except (NotAnEnvelope, BadSignature) as error:
        raise NotVerified(f"{NAME}: {error}") from error
    if key is None:
        raise NotVerified(
            f"{NAME}: it is signed by the key {signer_of(envelope)}, which is not among those you trust; "
            "get the fingerprint from its owner by another way, then pass the key with --key"
        )
    try:
        statement = _Statement.model_validate_json(payload)
    except ValidationError as error:
        raise NotVerified(f"{NAME}: it is no statement of ours") from error
    if rfc8785.dumps(statement.model_dump(mode="json", by_alias=True)) != payload:
        raise NotVerified(f"{NAME}: the statement is not in its canonical form")
    names = [subject.name for subject in statement.subject]
    if names != sorted(set(names)):
        raise NotVerified(f"{NAME}: it lists a file twice, or in another order")
    return statement, key


def _same_files(found: Mapping[str, bytes], listed: Mapping[str, str]) -> None:
    for name in sorted(set(listed) | set(found)):
        if name not in found:
            raise NotVerified(f"{name}: is listed in the statement and missing here")
        if name not in listed:
            raise NotVerified(f"{_shown(name)}: is here and not listed in the statement")
        if sha256(found[name]) != listed[name]:
            raise NotVerified(f"{name}: was changed after it was signed")


def _same_folders(here: set[str], found: Mapping[str, bytes]) -> None:
    needed = {parent.as_posix() for name in found for parent in PurePosixPath(name).parents} - {"."}
    if extra := sorted(here - needed):
        raise NotVerified(f"{_shown(extra[0])}: a folder that holds nothing of this bundle")
