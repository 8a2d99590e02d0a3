"""Who asks: the person whose key it is. Nobody can be named in any other way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.deps import Deps
from agent.domain import Assurance, LoggedIn
from agent.errors import ClearanceError, Refused
from agent.people import People
from agent.signing import keys
from agent.signing.signoffs import SLACK


@dataclass(frozen=True)
class Caller:
    """Who asks: by the key they hold (`own`), or by a `login` at a provider. `assurance`: how we know it is they."""

    person: str
    name: str
    roles: tuple[str, ...]
    own: keys.SigningKey | None
    assurance: Assurance = Assurance.KEY
    login: LoggedIn | None = None

    @property
    def key(self) -> keys.SigningKey:
        """Their own key; Refused for whoever is known by a login alone."""
        if self.own is None:
            raise Refused(
                f"{self.name} is logged in and has no key here, and a statement needs its author's own key; "
                "make it with `clearance attest` or `clearance waive` and your key"
            )
        return self.own


def caller(deps: Deps, key_file: Path | None = None) -> Caller:
    """The person that people.yaml binds to the caller's key; nobody can be named in any other way."""
    return by_key(key_file or deps.settings.key_file, deps.configuration.people(), deps.clock())


def by_key(key_file: Path, people: People, now: datetime) -> Caller:
    """As `caller`, without a store."""
    key = keys.load(key_file)
    person = people.by_key(key.public, now)
    if person is None:
        raise Refused(
            f"the key {key.fingerprint[:19]}… is nobody's in people.yaml at this time; "
            f"add `public: {key.public}` under that person's keys, or set CLEARANCE_KEY to your own key file"
        )
    return Caller(person, people.name_of(person), people.people[person].roles, key)


def logged_in(deps: Deps, login: LoggedIn, roles: tuple[str, ...] | None = None) -> Caller:
    """The person that people.yaml binds to a login. `roles`: those the provider vouches for; None = people.yaml's."""
    people = deps.configuration.people()
    person = people.by_login(login.issuer, login.subject, login.email, deps.clock())
    if person is None:
        raise Refused(
            f"the login {login.subject!r} at {login.issuer} is nobody's in people.yaml at this time; "
            f"add `issuer: {login.issuer}` and `subject: {login.subject}` under that person's logins"
        )
    held = people.people[person].roles if roles is None else roles
    return Caller(person, people.name_of(person), held, None, Assurance.OIDC, login)


def in_slack(deps: Deps, team: str, user: str) -> Caller:
    """The person whom people.yaml lets sign from Slack: a login of that workspace's member, with its dates.

    `accounts: {slack: …}` says where somebody is written to, and is no login.
    """
    login = LoggedIn(issuer=f"{SLACK}{team}", subject=user, at=deps.clock())
    people = deps.configuration.people()
    person = people.by_login(login.issuer, login.subject, "", deps.clock())
    if person is None:
        raise Refused(
            f"nobody signs from Slack as {user}: people.yaml binds this member to nobody at this time; "
            f"add `issuer: {login.issuer}` and `subject: {user}` under that person's logins, or sign on the page"
        )
    return Caller(person, people.name_of(person), people.people[person].roles, None, Assurance.SLACK, login)


def asks_in_slack(deps: Deps, team: str, user: str) -> str:
    """Our id of a member who asks; Refused for whoever people.yaml does not know, names twice, or whose login was
    withdrawn: evidence is not for everybody, and a phone that was stolen asks as well as it signs.
    """
    people, issuer, now = deps.configuration.people(), f"{SLACK}{team}", deps.clock()
    written_to, logs_in = people.by_account("slack", user), people.by_login(issuer, user, "", now)
    if written_to and logs_in and written_to != logs_in:
        raise Refused(
            f"people.yaml has the Slack member {user!r} as the account of {written_to} and as the login of {logs_in}, "
            "so nothing is told; whoever looks after it leaves one of the two"
        )
    person = written_to or logs_in
    if person and not logs_in and people.login_revoked(person, issuer, user, "", now):
        raise Refused(f"the login of the Slack member {user!r} was withdrawn in people.yaml, so nothing is told")
    if person is None or not user:
        raise Refused(
            f"people.yaml does not know the Slack member {user!r}, so nothing is told; "
            "whoever looks after it adds `slack: …` under that person's accounts"
        )
    return person


def asked_by(deps: Deps) -> str:
    """The person whose key is at hand, for the log; "" where nobody's is, since looking needs no key."""
    if not deps.settings.key_file.exists():
        return ""
    try:
        return caller(deps).person
    except ClearanceError:
        return ""
