"""Checks a bundle without the service: signature, files, evidence, log, digest and every person's own signature.

Keys are given by the caller, never taken from the bundle. The first thing that is wrong is named.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import rfc8785
from pydantic import Field, JsonValue, ValidationError

from agent.concerns import Concern
from agent.domain import Assurance, SignOff
from agent.errors import NotVerified
from agent.signing import keys, signoffs
from agent.signing.concerns import lets_through_unanswered
from agent.signing.envelope import signer_of, unseal
from agent.signing.statement import NAME, PAYLOAD_TYPE, Predicate, SignedBy
from collectors.evidence import Model, canonical, sha256

LARGEST = 64_000_000  # bytes of one file
EVIDENCE = "evidence/"


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


def verify(bundle: Path, trusted: Sequence[str], recompute: Recompute) -> Verified:
    """`trusted`: public keys (base64) from elsewhere. `recompute` gives the digest that review.json's content has.

    NotVerified (exit code 40) names the first thing that is wrong.
    """
    if not bundle.is_dir():
        raise NotVerified(f"{bundle}: there is no such bundle")
    found = _files(bundle)
    if NAME not in found:
        raise NotVerified(f"{bundle}: it is not signed ({NAME} is missing)")
    statement, key = _opened(found.pop(NAME), trusted)
    _same_files(found, {subject.name: subject.digest.sha256 for subject in statement.subject})
    _evidence(found)
    _log(found.get("log.jsonl", b""), statement.predicate)
    _review(found.get("review.json", b""), statement.predicate, recompute, [key, *trusted])
    return Verified(predicate=statement.predicate, key=keys.fingerprint(key), files=len(found))


def trusted_keys(folder: Path, more: Sequence[Path] = ()) -> list[str]:
    """The public keys of a home's trust/ folder, or only those that are named."""
    paths = list(more) or sorted(folder.glob("*.pem"))
    return [keys.read_public(path) for path in paths]


def _files(bundle: Path) -> dict[str, bytes]:
    """Every file of the bundle by its path in it; links and anything else that is no plain file are refused."""
    found = {}
    for folder, names, files in os.walk(bundle, followlinks=False):
        for name in [*names, *files]:
            path = Path(folder, name)
            mode = path.lstat().st_mode
            inside = path.relative_to(bundle).as_posix()
            if stat.S_ISDIR(mode):
                continue
            if not stat.S_ISREG(mode) or path.stat().st_size > LARGEST:
                raise NotVerified(f"{inside}: is not a plain file of reasonable size")
            found[inside] = path.read_bytes()
    return found


def _opened(envelope: bytes, trusted: Sequence[str]) -> tuple[_Statement, str]:
    payload, key = unseal(envelope, PAYLOAD_TYPE, trusted)
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
            raise NotVerified(f"{name}: is here and not listed in the statement")
        if sha256(found[name]) != listed[name]:
            raise NotVerified(f"{name}: was changed after it was signed")


def _evidence(found: Mapping[str, bytes]) -> None:
    for name in sorted(name for name in found if name.startswith(EVIDENCE)):
        if name != f"{EVIDENCE}{sha256(found[name])}.json":
            raise NotVerified(f"{name}: its name is not the digest of what it holds")


def _log(text: bytes, predicate: Predicate) -> None:
    """The chain holds from its first line to its seal, and its head is the one that was signed."""
    before, entry = "0" * 64, {}
    for number, line in enumerate(text.splitlines(), start=1):
        entry = json.loads(line)
        said = entry.pop("hash", "")
        if entry.get("before") != before or entry.get("review") != predicate.review or sha256(canonical(entry)) != said:
            raise NotVerified(f"log.jsonl: line {number} does not follow from the one before")
        before = said
    if not entry or entry["event"] != "sealed" or entry["body"]["digest"] != predicate.digest:
        raise NotVerified("log.jsonl: it does not end at the seal of this review")
    if before != predicate.log_head:
        raise NotVerified("log.jsonl: its head is not the one that was signed")


def _review(text: bytes, predicate: Predicate, recompute: Recompute, house: Sequence[str]) -> None:
    """review.json is what people signed, and each of them did. `house`: the key that sealed, and others we trust."""
    review = json.loads(text or b"{}")
    signed = [SignOff.model_validate(one) for one in review.get("signoffs", [])]
    if recompute(review) != predicate.digest:
        raise NotVerified("review.json: what it shows has not the digest that was signed")
    if len(signed) != len(predicate.signoffs) or not signed:
        raise NotVerified("review.json: its sign-offs are not those of the statement")
    named = {str(row["role"]): row["people"] for row in review["signers"]}
    concerns = [Concern.model_validate(one) for one in review["concerns"]]
    for index, (one, listed) in enumerate(zip(signed, predicate.signoffs, strict=True)):
        _signoff(one, listed, predicate, house)
        if left := lets_through_unanswered(concerns, one, signed[:index]):
            raise NotVerified(f"review.json: {one.name} let it through, and nobody had answered {', '.join(left)}")
        if unseen := signoffs.unseen(review["notes_for"], one):
            raise NotVerified(f"review.json: {one.name} let it through without having opened item {unseen[0]}")
        if one.holder not in named.get(one.role, [review["card"]["people"].get(one.role)]):
            raise NotVerified(f"review.json: {one.name} is not named for the role {one.role}, nor stands in for who is")
    if missing := set(named) - {one.role for one in signed}:
        raise NotVerified(f"review.json: nobody signed as {', '.join(sorted(missing))}")


def _signoff(one: SignOff, listed: SignedBy, predicate: Predicate, house: Sequence[str]) -> None:
    who = f"review.json: the sign-off of {listed.name} as {listed.role}"
    if (one.person, one.role, one.key) != (listed.person, listed.role, listed.key):
        raise NotVerified(f"{who} is not the one that the statement lists")
    if one.digest != predicate.digest or one.review != predicate.review:
        raise NotVerified(f"{who} is over something else")
    by_login = one.login is not None
    if by_login != (one.assurance is Assurance.OIDC) or listed.assurance != one.assurance.value:
        raise NotVerified(f"{who} says of itself that it is by {one.assurance}, and it is not")
    if one.login and (one.login.issuer, one.login.subject) != (listed.issuer, listed.subject):
        raise NotVerified(f"{who} is by another login than the statement lists")
    if by_login and listed.public not in house:
        raise NotVerified(f"{who} is by login, and the key that vouches for it is none of the product's that you trust")
    if not by_login and listed.public == house[0]:
        raise NotVerified(f"{who} is called one by their own key, and the product's key made it")
    whose = "the product's seal" if by_login else "that person's signature"
    if not signoffs.sealed_by(one, listed.public):
        raise NotVerified(f"{who} does not carry {whose}")
