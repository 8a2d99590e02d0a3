"""The product's own key, which seals bundles and vouches for logins: a file made on first use, or a key in a KMS.

Its public part lies in the home's `trust/`, where `verify` looks; how long keys count stands in `trust/keys.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pydantic import AwareDatetime

from agent import yaml_lines
from agent.errors import ConfigError
from agent.signing import keys
from collectors.evidence import Model

NAME = "clearance"


class Seal(Protocol):
    """A key that signs. `public`: base64 of the raw public part; `sign` may reach out, StoreError where it fails."""

    @property
    def public(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    def sign(self, data: bytes) -> bytes: ...


class Outside(Protocol):
    """Where a key lies that is not a file of ours; asked at the first use."""

    def key(self) -> Seal: ...


class KeyLimits(Model):
    """How long a key that seals counts. `revoked`: it is in other hands, so no time that it tells is worth anything."""

    fingerprint: str
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    revoked: AwareDatetime | None = None

    def wrong(self, at: datetime) -> str:
        """Why what this key sealed at an instant does not count; "" where it does."""
        if self.revoked:
            return f"was revoked as of {self.revoked.isoformat()}, and whoever has it can write any date"
        if self.valid_from and at < self.valid_from:
            return f"counts from {self.valid_from.isoformat()} on, and this was sealed at {at.isoformat()}"
        if self.valid_until and at >= self.valid_until:
            return f"counted until {self.valid_until.isoformat()}, and this was sealed at {at.isoformat()}"
        return ""


class Limits(Model):
    """`trust/keys.yaml`: keys that it does not name count always."""

    keys: tuple[KeyLimits, ...] = ()

    def wrong(self, fingerprint: str, at: datetime) -> str:
        return next((why for one in self.keys if one.fingerprint == fingerprint if (why := one.wrong(at))), "")


def limits(home: Path) -> Limits:
    """ConfigError names line and key of what is written wrongly."""
    path = home / "trust" / "keys.yaml"
    return yaml_lines.load(path, Limits) if path.exists() else Limits()


@dataclass
class House:
    """The key of one home. `outside` None = the file keys/clearance.pem."""

    home: Path
    outside: Outside | None = None
    _asked: Seal | None = field(default=None, repr=False)

    def key(self, now: datetime) -> Seal:
        """The key that seals, made where there is none. ConfigError where it does not count at this time."""
        if self._asked is None:
            self._asked = self.outside.key() if self.outside else product_key(self.home)
            trust(self.home, self._asked.public)
        if why := limits(self.home).wrong(self._asked.fingerprint, now):
            file = f"move {_file(self.home)} away: the next use makes another"
            instead = "name another in CLEARANCE_SEAL" if self.outside else file
            raise ConfigError(f"the key {self._asked.fingerprint} that seals reports {why}; {instead}")
        return self._asked


def product_key(home: Path) -> keys.SigningKey:
    """The key in the home's own file: made on first use, private, its public part put among the trusted ones."""
    path = _file(home)
    key = keys.load(path) if path.exists() else keys.make_or_load(path)
    trust(home, key.public)
    return key


def own_keys(home: Path) -> list[str]:
    """The public keys that this home's product seals with, or sealed with, and that are not revoked; none before it
    has made one.
    """
    path, known = _file(home), limits(home)
    found = [keys.load(path).public] if path.exists() else []
    found += [keys.read_public(one) for one in sorted((home / "keys").glob("*.pub.pem"))]
    ended = {one.fingerprint for one in known.keys if one.revoked}
    return [public for public in dict.fromkeys(found) if keys.fingerprint(public) not in ended]


def trust(home: Path, public: str) -> None:
    """Put a public key of ours among the home's trusted ones, beside an earlier one, and remember that it is ours."""
    pem, short = keys.public_pem(public), keys.fingerprint(public)[7:23]
    keys.write_once(home / "keys" / f"{short}.pub.pem", pem)
    for name in (NAME, f"{NAME}-{short}"):
        path = home / "trust" / f"{name}.pub.pem"
        if keys.write_once(path, pem) or path.read_bytes() == pem:
            return


def _file(home: Path) -> Path:
    return home / "keys" / f"{NAME}.pem"
