"""Who asks: the person whose key it is. Nobody can be named in any other way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.deps import Deps
from agent.domain import Assurance
from agent.errors import ClearanceError, Refused
from agent.signing import keys


@dataclass(frozen=True)
class Caller:
    """Who asks, by the key they hold. `assurance`: how we know that it is they."""

    person: str
    name: str
    roles: tuple[str, ...]
    key: keys.SigningKey
    assurance: Assurance = Assurance.KEY


def caller(deps: Deps, key_file: Path | None = None) -> Caller:
    """The person that people.yaml binds to the caller's key; nobody can be named in any other way."""
    key = keys.load(key_file or deps.settings.key_file)
    people = deps.configuration.people()
    person = people.by_key(key.public, deps.clock())
    if person is None:
        raise Refused(
            f"the key {key.fingerprint[:19]}… is nobody's in people.yaml at this time; "
            f"add `public: {key.public}` under that person's keys, or set CLEARANCE_KEY to your own key file"
        )
    return Caller(person, people.name_of(person), people.people[person].roles, key)


def asked_by(deps: Deps) -> str:
    """The person whose key is at hand, for the log; "" where nobody's is, since looking needs no key."""
    if not deps.settings.key_file.exists():
        return ""
    try:
        return caller(deps).person
    except ClearanceError:
        return ""
