"""Who is who: the people of the overlay's people.yaml, their roles, their keys, and how each vendor knows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, Field

from agent import yaml_lines
from agent.cards import Line
from agent.errors import ConfigError
from collectors.evidence import Model


class PublicKey(Model):
    """An Ed25519 public key of a person. `public` is base64 of its 32 bytes."""

    public: str
    valid_from: AwareDatetime | None = None
    revoked: AwareDatetime | None = None


class Login(Model):
    """How a provider of OpenID Connect knows a person: by its lasting `subject`, or by an `email` it has verified."""

    issuer: str
    subject: str = ""
    email: str = ""
    valid_from: AwareDatetime | None = None
    revoked: AwareDatetime | None = None

    def is_of(self, issuer: str, subject: str, email: str, at: datetime) -> bool:
        """Is it this login, and good at an instant? `email` is "" where the provider has not verified it."""
        same = self.subject == subject if self.subject else bool(email) and self.email.casefold() == email.casefold()
        begun = self.valid_from is None or self.valid_from <= at
        return self.issuer == issuer and same and begun and (self.revoked is None or at < self.revoked)


class Deputy(Model):
    """Who stands in for somebody, in which of their roles (none named: in all), from an instant until before another.

    Entries of the past stay in the file: a signature counts as long as the entry that covers it is there.
    """

    person: str
    roles: tuple[str, ...] = ()
    since: AwareDatetime
    until: AwareDatetime

    def covers(self, role: str, at: datetime) -> bool:
        return (not self.roles or role in self.roles) and self.since <= at < self.until


class Someone(Model):
    """One person. `accounts` maps a vendor to the id it knows the person by; `email` and `slack` are told through."""

    name: Line
    roles: tuple[str, ...] = ()
    deputies: tuple[Deputy, ...] = ()
    accounts: dict[str, str] = Field(default_factory=dict)
    keys: tuple[PublicKey, ...] = ()
    logins: tuple[Login, ...] = ()


class People(Model):
    """Everybody, by our own id (mike.chen)."""

    people: dict[str, Someone] = Field(default_factory=dict)

    def name_of(self, id: str) -> str:
        """The person's name, or the id itself where people.yaml does not know it."""
        someone = self.people.get(id)
        return someone.name if someone else id

    def by_account(self, vendor: str, account: str) -> str | None:
        """Our id of the person whom a vendor knows as `account`."""
        return next((id for id, one in self.people.items() if one.accounts.get(vendor) == account), None)

    def deputised(self, deputy: str, holder: str, role: str) -> tuple[Deputy, ...]:
        """The entries that let one person stand in for another in a role, whenever they count."""
        someone = self.people.get(holder)
        if someone is None or role not in someone.roles:
            return ()
        return tuple(d for d in someone.deputies if d.person == deputy and (not d.roles or role in d.roles))

    def may_stand_in(self, deputy: str, holder: str, role: str, at: datetime) -> bool:
        return any(entry.covers(role, at) for entry in self.deputised(deputy, holder, role))

    def by_key(self, public: str, at: datetime) -> str | None:
        """Our id of the person whose key this is and was valid at an instant."""
        for id, one in self.people.items():
            for key in one.keys:
                begun = key.valid_from is None or key.valid_from <= at
                if key.public == public and begun and (key.revoked is None or at < key.revoked):
                    return id
        return None

    def by_login(self, issuer: str, subject: str, email: str, at: datetime) -> str | None:
        """Our id of the person whose login this is and was at an instant; None where it is nobody's, or several
        people's: one by the subject, another by the e-mail.
        """
        found = {
            id for id, one in self.people.items() if any(own.is_of(issuer, subject, email, at) for own in one.logins)
        }
        return found.pop() if len(found) == 1 else None

    def login_revoked(self, id: str, issuer: str, subject: str, email: str, at: datetime) -> bool:
        """Was this login of a person withdrawn, as of then or before?"""
        someone = self.people.get(id)
        ended = [one for one in someone.logins if one.revoked is not None and one.revoked <= at] if someone else []
        return any(one.model_copy(update={"revoked": None}).is_of(issuer, subject, email, at) for one in ended)


def same_name(one: str, other: str) -> bool:
    """Are these two names one, as people read them? One human under two ids, each with its own key, is still one."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def load_people(path: Path) -> People:
    """The file people.yaml. ConfigError names file, line and key of what is unknown, wrong, or there twice."""
    data, lines = yaml_lines.read(path)
    people = yaml_lines.checked(path, data, lines, People)
    mistakes = [
        *_name_mistakes(people), *_key_mistakes(people),
        *_login_mistakes(people), *_account_mistakes(people), *_deputy_mistakes(people),
    ]  # fmt: skip
    if mistakes:
        rows = [f"{path}:{yaml_lines.line_of(loc, lines)}: {yaml_lines.dotted(loc)}: {what}" for loc, what in mistakes]
        raise ConfigError("\n".join(rows))
    return people


Mistake = tuple[yaml_lines.Loc, str]


def _name_mistakes(people: People) -> Iterator[Mistake]:
    """One human under two ids could sign twice, and a report would show one name for two people."""
    owner: list[tuple[str, str]] = []
    for id, someone in people.people.items():
        if other := next((known for known, name in owner if same_name(name, someone.name)), None):
            yield ("people", id, "name"), f"is the name of {other} already; give two people names that tell them apart"
        owner.append((id, someone.name))


def _key_mistakes(people: People) -> Iterator[Mistake]:
    """A key that two people have, or one has twice, would leave open who signed."""
    from agent.signing.keys import ED25519, public_bytes

    owner: dict[str, str] = {}
    for id, someone in people.people.items():
        for i, key in enumerate(someone.keys):
            loc: yaml_lines.Loc = ("people", id, "keys", i, "public")
            try:
                personal = len(public_bytes(key.public)) == ED25519
            except ValueError:
                personal = False
            if not personal:
                yield loc, "is not the base64 of an Ed25519 public key (32 bytes, 44 characters)"
            if key.public in owner:
                yield loc, f"is the key of {owner[key.public]} already; every person has keys of their own"
            owner.setdefault(key.public, id)
            if key.valid_from and key.revoked and key.revoked <= key.valid_from:
                yield (*loc[:-1], "revoked"), "is not after valid_from, so the key was never valid"


def _login_mistakes(people: People) -> Iterator[Mistake]:
    """A login that two people have, or that says neither or both of subject and e-mail."""
    owner: dict[tuple[str, str, str], str] = {}
    for id, someone in people.people.items():
        for i, login in enumerate(someone.logins):
            loc: yaml_lines.Loc = ("people", id, "logins", i)
            if bool(login.subject) == bool(login.email):
                yield loc, "needs either subject (what the provider calls `sub`) or email, and not both"
            if login.issuer.startswith("slack") and not re.fullmatch(r"slack:[TE][A-Z0-9]+", login.issuer):
                yield (*loc, "issuer"), "must be slack: and the id of the workspace, such as slack:T0123ABCD"
            if login.issuer.startswith("slack") and login.email:
                yield loc, "a member of Slack is known by subject (U…), not by email"
            if login.issuer.endswith("/.well-known/openid-configuration"):
                yield (*loc, "issuer"), "is the address of the provider's settings; the issuer is what stands before it"
            other = owner.setdefault((login.issuer, login.subject, login.email.casefold()), id)
            if other != id:
                yield loc, f"is the login of {other} already; every person has logins of their own"


def _account_mistakes(people: People) -> Iterator[Mistake]:
    """An account that two people have would leave open whom a vendor means."""
    owner: dict[tuple[str, str], str] = {}
    for id, someone in people.people.items():
        for vendor, account in someone.accounts.items():
            other = owner.setdefault((vendor, account), id)
            if other != id:
                yield ("people", id, "accounts", vendor), f"is the account of {other} already"


def _deputy_mistakes(people: People) -> Iterator[Mistake]:
    """A deputy whom nobody knows, of oneself, for a role that is not held, or for no time at all."""
    for id, someone in people.people.items():
        for i, deputy in enumerate(someone.deputies):
            loc: yaml_lines.Loc = ("people", id, "deputies", i)
            if deputy.person not in people.people or deputy.person == id:
                yield (*loc, "person"), f"must be somebody else of people.yaml, not {deputy.person}"
            if deputy.until <= deputy.since:
                yield (*loc, "until"), "is not after since, so nobody ever stands in"
            for role in deputy.roles:
                if role not in someone.roles:
                    yield (*loc, "roles"), f"{role} is no role of {id}"
