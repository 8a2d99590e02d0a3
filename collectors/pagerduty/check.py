"""Does PagerDuty answer to the key that is set, and may the key read all that is asked for?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from collectors.connections import Connections, PagerDutyAccess, SourceCheck
from collectors.errors import Denied, Malformed, NotConfigured, SourceError
from collectors.pagerduty import client, reach
from collectors.pagerduty.client import Reader
from collectors.pagerduty.reading import Node, account_of
from collectors.skew import DateHeard

# One cheap list for each permission that the collectors use.
READS = ("services", "escalation_policies", "oncalls", "schedules", "users", "incidents", "priorities")
MORE: Mapping[str, client.Params] = MappingProxyType({"users": {"include[]": [*reach.INCLUDE]}})


@dataclass
class _Seen:
    """What the lists told so far; `refusal` is the first."""

    held: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    refusal: Denied | None = None
    account: str = ""


def check(conn: Connections) -> SourceCheck:
    """One sentence about the account and the first permission that is missing; each permission by itself."""
    if conn.pagerduty is None:
        return _said("not configured", f"{client.SETTING} is not set.")
    heard, seen = DateHeard(conn.clock), _Seen()
    try:
        with client.reading(conn, conn.pagerduty) as reader:
            reader.hear_dates(heard)
            told = _ask(reader, conn.pagerduty, seen)
    except SourceError as failure:
        told = _failed(failure)
    found = {"held": tuple(seen.held), "missing": tuple(seen.missing), "clock_ahead_s": heard.ahead}
    return told.model_copy(update=found)


def _ask(reader: Reader, access: PagerDutyAccess, seen: _Seen) -> SourceCheck:
    _read(reader, "abilities", {}, seen)
    for name in READS:
        _read(reader, name, {"limit": 1, **MORE.get(name, {})}, seen)
    if seen.refusal:
        return _failed(seen.refusal)
    whose = "the sandbox" if client.source(access).sandbox else "PagerDuty"
    return _said("ok", f"{whose} answers and the key reads {', '.join(READS)}.", seen.account)


def _read(reader: Reader, name: str, params: client.Params, seen: _Seen) -> None:
    """One list. A key that is not accepted at all is not asked about further permissions."""
    scope = f"{name}.read"
    try:
        got = reader.get(f"/{name}", params, scope=scope)
    except Denied as failure:
        if failure.status == 401:
            raise
        seen.missing.append(scope)
        seen.refusal = seen.refusal or failure
        return
    seen.held.append(scope)
    if name == "users":
        _see_methods(Node(got.body), seen)
    if name in READS:
        seen.account = seen.account or next(map(account_of, Node(got.body)[name]), "")


def _see_methods(body: Node, seen: _Seen) -> None:
    """Whether the users' contact methods are written out; a user without any tells nothing."""
    try:
        for user in body["users"]:
            reach.responder(user)
    except Malformed as failure:
        if failure.scope:
            seen.missing.append(failure.scope)
            seen.refusal = seen.refusal or Denied(failure.what, scope=failure.scope, advice=failure.next_step)


def _failed(failure: SourceError) -> SourceCheck:
    sentence = f"{failure.what}. {failure.next_step}"
    if isinstance(failure, NotConfigured):
        return _said("not configured", sentence)
    return _said("refused" if isinstance(failure, Denied) else "unreachable", sentence)


def _said(state: str, sentence: str, account: str = "") -> SourceCheck:
    return SourceCheck.model_validate(
        {"vendor": "pagerduty", "state": state, "account": account, "sentence": sentence}
    )  # fmt: skip
