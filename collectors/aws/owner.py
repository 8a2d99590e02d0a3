"""Whose bucket it must be: told the owner, S3 refuses a bucket of the same name that is another account's.

The owner is the one on the card, or else the account that our own credentials belong to, which STS names to anybody.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from collectors.aws.client import Account, Asking, read
from collectors.connections import AwsAccess, Connections
from collectors.errors import Denied, SourceError
from collectors.evidence import Call, Resource, pointer

KEY = "`owner` in its row of the card"
NAME_IT = f"Or name the account that owns it as {KEY}: then STS is not asked."
OTHER = f"Grant the permission named; if the bucket is meant to be another account's, name that account as {KEY}."


class Owned(Protocol):
    """A question about something that an account owns; None = our own credentials' account."""

    @property
    def owner(self) -> str | None: ...


class _Caller(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    account: Annotated[str, StringConstraints(pattern=r"^\d{12}$")] = Field(alias="Account")


@dataclass(frozen=True)
class Owner:
    """`fact` points into `body`, which is kept beside the bucket's settings; `removed` was in STS's answer."""

    account: str
    fact: Resource
    body: dict[str, JsonValue] = field(default_factory=dict)
    removed: Sequence[str] = ()


@dataclass
class Caller:
    """The account of our own credentials, asked for once a batch and only where a card names none. Thread-safe."""

    conn: Connections
    access: AwsAccess
    _known: Owner | SourceError | None = None
    _calls: tuple[Call, ...] = ()
    _at: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def owner(self, asking: Asking, ask: Owned) -> Owner:
        """Who must own what is asked about. Raises SourceError where neither card nor STS says so."""
        if ask.owner is not None:
            return Owner(ask.owner, Resource(value=ask.owner, pointer=pointer("asked", "ExpectedBucketOwner")))
        with self._lock:
            if self._known is None:
                self._known, self._at = self._ask(asking), asking.at
            elif self._at is not None:
                asking.log.calls.extend(self._calls)
                asking.log.note(self._calls, self._at)
        if isinstance(self._known, SourceError):
            raise self._known
        return self._known

    def _ask(self, asking: Asking) -> Owner | SourceError:
        before = len(asking.log.calls)
        try:
            with closing(Account(self.conn, self.access, "sts")) as sts:
                told = sts.call(asking.log, "GetCallerIdentity", {}).body
            account = read(_Caller, told, "aws sts:GetCallerIdentity").account
        except SourceError as failure:
            failure.next_step = f"{failure.next_step} {NAME_IT}"
            return failure
        finally:
            self._calls = tuple(asking.log.calls[before:])
        removed = [f"caller.{name}" for name in sorted(told) if name != "Account"]
        fact = Resource(value=account, pointer=pointer("caller", "Account"))
        return Owner(account, fact, {"caller": {"Account": account}}, removed)


@contextmanager
def or_another_owner(account: str) -> Iterator[None]:
    """S3 refuses a stranger's bucket with the words it has for a missing permission: the gap names both."""
    try:
        yield
    except Denied as failure:
        if failure.scope:
            failure.what += f", or the bucket is not one of account {account}"
            failure.next_step = OTHER
        raise
