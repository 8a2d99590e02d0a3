"""Descriptions of many secrets, roles or users out of the account's lists, instead of one call each.

A list is read for a sweep and not for a few things, which are asked for one by one, as is each that it does not hold.
It proves nothing by what is not in it. AWS says that the list of secrets may not show what changed in the last five
minutes, so a secret whose labels are not those that its own versions bear is asked for by itself too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from collectors.aws.client import Asking
from collectors.errors import SourceError
from collectors.evidence import Call
from collectors.http import CallLog

SPARED = 10  # calls that each page after the first must spare
LABELS = "SecretVersionsToStages"
LAGS = "described by the account's list, which may lag five minutes behind"

Entry = dict[str, JsonValue]


@dataclass(frozen=True)
class Kind:
    """A list of AWS's: what to ask, under which name entries and the next page's token come, what an entry is called.

    `names` is empty for an entry that is not whole. The token goes out under the name it came in. Up to `few` are asked
    for one by one.
    """

    operation: str
    asked: Mapping[str, object]
    entries: str
    token: str
    names: Callable[[Entry], frozenset[str]]
    few: int = 4


class Listed(NamedTuple):
    """An entry, the call that brought it, and when whoever asked began: it is no older."""

    entry: Entry
    calls: tuple[Call, ...]
    at: datetime


@dataclass
class AccountList:
    """The entries of what a batch asks for, by each of their names. Thread-safe; read once."""

    kind: Kind
    wanted: frozenset[str]
    log: CallLog
    _known: Mapping[str, Listed] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def entry(self, asking: Asking, name: str) -> Entry | None:
        """What the list says of it, with the call in its record; None where it must be asked for by itself."""
        if len(self.wanted) <= self.kind.few:
            return None
        with self._lock:
            if self._known is None:
                self._known = dict(self._read(asking))
        found = self._known.get(name)
        if found is None:
            return None
        asking.log.calls.extend(found.calls)
        asking.log.note(found.calls, found.at)
        return found.entry

    def _read(self, asking: Asking) -> Iterator[tuple[str, Listed]]:
        asked, missing = dict(self.kind.asked), set(self.wanted)
        for _ in range(max(1, len(self.wanted) // SPARED)):
            mark = len(self.log.calls)
            try:
                page = asking.account.call(self.log, self.kind.operation, asked).body
            except SourceError:
                return  # a short cut that is closed: each answers, or fails, for itself
            for entry in _entries(page.get(self.kind.entries)):
                for name in missing & self.kind.names(entry):
                    missing.discard(name)
                    yield name, Listed(entry, tuple(self.log.calls[mark:]), asking.at)
            token = page.get(self.kind.token)
            if not missing or not isinstance(token, str) or token == asked.get(self.kind.token):
                return
            asked[self.kind.token] = token


def _entries(listed: JsonValue) -> Iterator[Entry]:
    yield from (one for one in listed if isinstance(one, dict)) if isinstance(listed, list) else ()


def _secret(entry: Entry) -> frozenset[str]:
    name, arn = entry.get("Name"), entry.get("ARN")
    whole = isinstance(name, str) and isinstance(arn, str) and isinstance(entry.get(LABELS), dict)
    return frozenset({str(name), str(arn)}) if whole else frozenset()


def _role(entry: Entry) -> frozenset[str]:
    name = entry.get("RoleName")
    return frozenset({name}) if isinstance(name, str) and isinstance(entry.get("Arn"), str) else frozenset()


def _user(entry: Entry) -> frozenset[str]:
    name, whole = entry.get("UserName"), isinstance(entry.get("Arn"), str) and "CreateDate" in entry
    return frozenset({name}) if isinstance(name, str) and whole else frozenset()


SECRETS = Kind(
    "ListSecrets", {"IncludePlannedDeletion": True, "MaxResults": 100}, "SecretList", "NextToken", _secret, few=10
)
ROLES = Kind("ListRoles", {"MaxItems": 1000}, "Roles", "Marker", _role)
USERS = Kind("ListUsers", {"MaxItems": 1000}, "Users", "Marker", _user)


def agrees(entry: Entry, versions: Mapping[str, tuple[str, ...]]) -> bool:
    """Are the labels in the list those of the versions, `versions` by id? If not, it lags behind them."""
    told = entry[LABELS]
    labels = (
        {id: sorted(map(str, s)) for id, s in told.items() if isinstance(s, list)} if isinstance(told, dict) else {}
    )
    return labels == {id: sorted(stages) for id, stages in versions.items() if stages}
