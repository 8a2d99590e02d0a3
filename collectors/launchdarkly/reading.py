"""Typed values out of LaunchDarkly's JSON; what is missing or of another type is Malformed, never a default."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from pydantic import JsonValue

from collectors.errors import Gone, Malformed
from collectors.evidence import canonical, sha256

Json = dict[str, JsonValue]
LONGEST_STATE = 80
EVERY = "*"  # in place of a flag's key: what is said of all of them
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FlagNamed(Protocol):
    """Every question here names a flag in an environment of a project."""

    @property
    def project(self) -> str: ...
    @property
    def environment(self) -> str: ...
    @property
    def flag(self) -> str: ...


Place = tuple[str, str, str]


def place_of(ask: FlagNamed) -> Place:
    """Where a flag is: project, environment, key."""
    return ask.project, ask.environment, ask.flag


def check_keys(ask: FlagNamed) -> None:
    """Gone when a key on the card is none that LaunchDarkly could hold, such as a wildcard."""
    for kind, key in (("project", ask.project), ("environment", ask.environment), ("flag", ask.flag)):
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,200}", key) or not key.strip("."):
            raise Gone(f"LaunchDarkly has no {kind} {key[:80]!r}: keys are letters, digits, dots, dashes, underscores")


def named(ask: FlagNamed) -> str:
    flag = "every flag" if ask.flag == EVERY else f"flag {ask.flag}"
    return f"{flag} in {ask.project}/{ask.environment}"


def object_at(body: JsonValue, name: str, what: str) -> Json:
    held = body.get(name) if isinstance(body, dict) else None
    if not isinstance(held, dict):
        raise Malformed(f"LaunchDarkly's answer about {what} holds no object `{name}`", status=200)
    return held


def true_or_false(body: Json, name: str, what: str) -> bool:
    held = body.get(name)
    if not isinstance(held, bool):
        raise Malformed(f"LaunchDarkly's answer about {what} holds no true or false in `{name}`", status=200)
    return held


def whole(body: Json, name: str, what: str) -> int:
    held = body.get(name)
    if not isinstance(held, int) or isinstance(held, bool):
        raise Malformed(f"LaunchDarkly's answer about {what} holds no whole number in `{name}`", status=200)
    return held


def text(body: Json, name: str, what: str) -> str:
    held = body.get(name)
    if not isinstance(held, str) or not 0 < len(held) <= 200:
        raise Malformed(f"LaunchDarkly's answer about {what} holds no short text in `{name}`", status=200)
    return held


def instant(body: Json, name: str, what: str) -> datetime:
    """A time given in epoch milliseconds."""
    millis = whole(body, name, what)
    try:
        return EPOCH + timedelta(milliseconds=millis)
    except OverflowError as error:
        raise Malformed(f"LaunchDarkly's answer about {what} holds no time in `{name}`", status=200) from error


def on_off(on: bool) -> Literal["on", "off"]:
    return "on" if on else "off"


def json_text(value: JsonValue) -> str:
    """The JSON text of a served value; a digest where it is too long to be shown as a state."""
    written = canonical(value)
    return written.decode() if len(written.decode()) <= LONGEST_STATE else f"sha256:{sha256(written)}"
