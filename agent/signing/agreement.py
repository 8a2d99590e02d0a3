"""Whether what a sealed bundle holds agrees with itself: evidence, log, review, and every sign-off in it.

Only who holds the product's key could seal one that does not; each person's own signature still stands against that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from agent.concerns import Concern
from agent.domain import Decision, SignOff, SignOffDecision
from agent.errors import NotVerified
from agent.signing import signoffs
from agent.signing.concerns import lets_through_unanswered
from agent.signing.statement import NAME as STATEMENT
from agent.signing.statement import Predicate, SignedBy
from collectors.evidence import canonical, sha256

EVIDENCE = "evidence/"
SAME = ("review", "subject", "version", "gate", "gate_digest", "sandbox", "product_version", "decision")


def agree(
    found: Mapping[str, bytes], predicate: Predicate, recompute: Callable[[dict[str, JsonValue]], str],
    house: Sequence[str],
) -> datetime:  # fmt: skip
    """When it was sealed, by its log. NotVerified names the first file that disagrees.

    `house`: the key that sealed, and others we trust.
    """
    _evidence(found)
    try:
        sealed_at = _log(found.get("log.jsonl", b""), predicate)
    except _NOT_OURS as error:
        raise NotVerified("log.jsonl: it is no log of ours") from error
    try:
        review = json.loads(found.get("review.json", b""))
        _review(review, predicate, recompute, house)
    except _NOT_OURS as error:
        raise NotVerified("review.json: it is no review of ours") from error
    _whole(found, review["evidence"])
    return sealed_at


_NOT_OURS = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def _evidence(found: Mapping[str, bytes]) -> None:
    for name in sorted(name for name in found if name.startswith(EVIDENCE)):
        if name != f"{EVIDENCE}{sha256(found[name])}.json":
            raise NotVerified(f"{name}: its name is not the digest of what it holds")


def _log(text: bytes, predicate: Predicate) -> datetime:
    """When it was sealed. The chain holds from its first line to its seal, and its head is the one that was signed."""
    before, entry = "0" * 64, {}
    for number, line in enumerate(text.splitlines(), start=1):
        entry = json.loads(line)
        said = entry.pop("hash", "")
        if entry.get("before") != before or entry.get("review") != predicate.review or sha256(canonical(entry)) != said:
            raise NotVerified(f"log.jsonl: line {number} does not follow from the one before")
        before = said
    if not entry or entry["event"] != "sealed" or entry["body"]["digest"] != predicate.digest:
        raise NotVerified("log.jsonl: it does not end at the seal of this review")
    if [row.role for row in predicate.signoffs] != entry["body"]["roles"]:
        raise NotVerified("log.jsonl: its seal is over other sign-offs than the statement lists")
    if before != predicate.log_head:
        raise NotVerified("log.jsonl: its head is not the one that was signed")
    return datetime.fromisoformat(entry["at"])


def _whole(found: Mapping[str, bytes], rests_on: Mapping[str, str]) -> None:
    """All evidence that the review rests on is here, and no other."""
    here = {name.removeprefix(EVIDENCE).removesuffix(".json") for name in found if name.startswith(EVIDENCE)}
    for digest in sorted(here ^ set(rests_on)):
        wrong = "the review does not rest on it" if digest in here else "the review rests on it, and it is not here"
        raise NotVerified(f"{EVIDENCE}{digest}.json: {wrong}")


def _review(
    review: dict[str, Any], predicate: Predicate, recompute: Callable[[dict[str, JsonValue]], str],
    house: Sequence[str],
) -> None:  # fmt: skip
    """review.json is what people signed, and each of them did."""
    signed = [SignOff.model_validate(one) for one in review.get("signoffs", [])]
    if recompute(review) != predicate.digest:
        raise NotVerified("review.json: what it shows has not the digest that was signed")
    for name in SAME:
        if review[name] != (said := getattr(predicate, name)):
            raise NotVerified(f"{STATEMENT}: says {name} {said!r}, and review.json {review[name]!r}")
    _decision(signed, Decision(review["proposal"]), predicate)
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
        if unsaid := signoffs.unsaid(review["notes_for"], one):
            raise NotVerified(f"review.json: {one.name} let it through without a sentence on item {unsaid[0]}")
        if one.holder not in named.get(one.role, [review["card"]["people"].get(one.role)]):
            raise NotVerified(f"review.json: {one.name} is not named for the role {one.role}, nor stands in for who is")
    if missing := set(named) - {one.role for one in signed}:
        raise NotVerified(f"review.json: nobody signed as {', '.join(sorted(missing))}")


def _decision(signed: Sequence[SignOff], proposal: Decision, predicate: Predicate) -> None:
    """What was decided is the strictest of what people signed, and never laxer than what the rules proposed."""
    if any(one.decision is SignOffDecision.MORE_EVIDENCE for one in signed):
        raise NotVerified("review.json: it was sent back for more evidence, so nothing was decided")
    strictest = max([proposal, *(Decision(one.decision) for one in signed)], key=lambda one: one.strictness)
    if strictest != predicate.decision:
        raise NotVerified(f"{STATEMENT}: says {predicate.decision}, and what people signed is {strictest}")


def _signoff(one: SignOff, listed: SignedBy, predicate: Predicate, house: Sequence[str]) -> None:
    who = f"review.json: the sign-off of {listed.name} as {listed.role}"
    if (one.person, one.role, one.key) != (listed.person, listed.role, listed.key):
        raise NotVerified(f"{who} is not the one that the statement lists")
    if one.digest != predicate.digest or one.review != predicate.review:
        raise NotVerified(f"{who} is over something else")
    by_login = one.login is not None
    of_kind = signoffs.of_its_kind(one.assurance, one.login) if one.login else one.assurance not in signoffs.BY_LOGIN
    if not of_kind or listed.assurance != one.assurance.value:
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
