"""A person's signature over one digest, in one role: sealed with their own key, and read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import JsonValue

from agent.domain import Assurance, LoggedIn, SignOff, SignOffDecision
from agent.errors import NotVerified
from agent.people import People
from agent.signing import own_words
from agent.signing.concerns import LETS_THROUGH
from agent.signing.envelope import seal, unseal
from agent.signing.house import Seal
from agent.signing.keys import fingerprint
from collectors.evidence import canonical

SLACK = "slack:"  # begins the issuer of a login that is a member of a workspace; no provider's address begins so

PAYLOAD_TYPE = "application/vnd.clearance.signoff+json"
SIGNED = {"review", "role", "person", "digest", "decision", "reason", "notes", "at", "channel", "assurance"}
BY_LOGIN = (Assurance.OIDC, Assurance.SLACK)  # no key of the signer's own: the product's vouches for who it was
WHERE_THERE = {"concerns", "opened", "on_behalf", "label", "login"}  # only where they say something: older ones hold


def sign(
    key: Seal, *, review: str, role: str, person: str, name: str, digest: str, decision: SignOffDecision,
    reason: str, notes: dict[str, str], at: datetime, channel: str, concerns: dict[str, str] | None = None,
    assurance: Assurance = Assurance.KEY, opened: dict[str, datetime] | None = None,
    on_behalf: tuple[str, str] = ("", ""), label: str = "", login: LoggedIn | None = None,
) -> SignOff:  # fmt: skip
    """The sign-off with its own envelope. `on_behalf`: id and name of the holder for whom a deputy signs.

    `key` is the signer's own, or with a `login` the product's: it then says that this person was logged in.
    """
    signoff = SignOff(
        review=review, role=role, person=person, name=name, digest=digest, decision=decision, reason=reason,
        notes=notes, concerns=concerns or {}, channel=channel, assurance=assurance, at=at, key=key.fingerprint,
        opened=opened or {}, on_behalf=on_behalf[0], on_behalf_name=on_behalf[1], label=label,
        login=login,
    )  # fmt: skip
    payload = canonical(_signed(signoff))
    return signoff.model_copy(update={"envelope": seal(payload, PAYLOAD_TYPE, key).decode()})


def unseen(items: Iterable[int], one: SignOff) -> list[int]:
    """Of the items that need a look, those that a sign-off which lets the subject through had not been shown."""
    return [item for item in items if str(item) not in one.opened] if one.decision in LETS_THROUGH else []


def unsaid(items: Iterable[int], one: SignOff) -> list[int]:
    """Of the same items, those on which a sign-off that lets the subject through says nothing of its signer's own."""
    short = [item for item in items if own_words.words(one.notes.get(str(item), "")) < own_words.FEWEST]
    return short if one.decision in LETS_THROUGH else []


def _signed(signoff: SignOff) -> dict[str, JsonValue]:
    """What the signature covers; a field of `WHERE_THERE` only where it says something."""
    told = signoff.model_dump(mode="json", include=SIGNED | WHERE_THERE)
    return {name: value for name, value in told.items() if value or name in SIGNED}


def holds(signoff: SignOff, people: People, house: Sequence[str] = ()) -> bool:
    """Does the envelope say what the row says, sealed by a key that was this person's at the time?

    For a login: sealed by one of `house` (the product's own keys), and the login was this person's at the time.
    """
    if signoff.assurance in BY_LOGIN or signoff.login:
        return _login_holds(signoff, people) and any(sealed_by(signoff, public) for public in house)
    publics = [key.public for one in people.people.values() for key in one.keys]
    public = next((p for p in publics if fingerprint(p) == signoff.key), None)
    return public is not None and sealed_by(signoff, public) and people.by_key(public, signoff.at) == signoff.person


def _login_holds(signoff: SignOff, people: People) -> bool:
    login = signoff.login
    if login is None or not of_its_kind(signoff.assurance, login) or login.at > signoff.at:
        return False
    return people.by_login(login.issuer, login.subject, login.email, signoff.at) == signoff.person


def of_its_kind(assurance: Assurance, login: LoggedIn) -> bool:
    """A click in Slack never counts for a login at a provider, nor the other way round."""
    return assurance is (Assurance.SLACK if login.issuer.startswith(SLACK) else Assurance.OIDC)


def revoked(signoff: SignOff, people: People) -> bool:
    """Was the key or login withdrawn, as of then or before? A revocation always wins, whatever else knows the key."""
    login = signoff.login
    if login and people.login_revoked(signoff.person, login.issuer, login.subject, login.email, signoff.at):
        return True
    keys = (key for one in people.people.values() for key in one.keys)
    return any(
        fingerprint(key.public) == signoff.key and key.revoked is not None and key.revoked <= signoff.at for key in keys
    )


def sealed_by(signoff: SignOff, public: str) -> bool:
    """Did this key sign exactly what the sign-off says?"""
    try:
        payload, signer = unseal(signoff.envelope.encode(), PAYLOAD_TYPE, [public])
    except NotVerified:
        return False
    return signer == public and json.loads(payload) == _signed(signoff)
