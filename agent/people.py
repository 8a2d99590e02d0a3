"""Who is who: the people of the overlay's people.yaml, their roles, their keys, and how each vendor knows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, Field

from collectors.evidence import Model


class PublicKey(Model):
    """An Ed25519 public key of a person. `public` is base64 of its 32 bytes."""

    public: str
    valid_from: AwareDatetime | None = None
    revoked: AwareDatetime | None = None


class Someone(Model):
    """One person. `accounts` maps a vendor to the id it knows the person by."""

    name: str
    roles: tuple[str, ...] = ()
    accounts: dict[str, str] = {}
    keys: tuple[PublicKey, ...] = ()


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

    def by_key(self, public: str, at: datetime) -> str | None:
        """Our id of the person whose key this is and was valid at an instant."""
        for id, one in self.people.items():
            for key in one.keys:
                begun = key.valid_from is None or key.valid_from <= at
                if key.public == public and begun and (key.revoked is None or at < key.revoked):
                    return id
        return None
