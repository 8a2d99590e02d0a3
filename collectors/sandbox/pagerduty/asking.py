"""How PagerDuty reads a question and pages a list, and how it says no."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import JsonValue

from collectors.sandbox.server import Asked, Reply, reply_json

DEFAULT_LIMIT, LARGEST_LIMIT, LAST_OFFSET = 25, 100, 10_000
ACCOUNT_KEY = "An account-level access token has no user of its own; this path needs a user's token."

T = TypeVar("T")


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, code: int, message: str, *details: str) -> None:
        super().__init__(message)
        error: dict[str, JsonValue] = {"message": message, "code": code}
        self.reply = reply_json({"error": error | ({"errors": [*details]} if details else {})}, status)


def bad_key() -> Refused:
    return Refused(401, 2006, "Unauthorized")


def not_found() -> Refused:
    return Refused(404, 2100, "Not Found")


def invalid(detail: str, code: int = 2001) -> Refused:
    return Refused(400, code, "Invalid Input Provided", detail)


def check_key(asked: Asked, token: str) -> None:
    if asked.headers.get("authorization") not in (f"Token token={token}", f"Bearer {token}"):
        raise bad_key()


def instant(asked: Asked, name: str, zone: tzinfo, otherwise: datetime) -> datetime:
    """A time from the query; one without an offset is read in `zone`."""
    given = asked.one(name)
    if given is None:
        return otherwise
    try:
        read = datetime.fromisoformat(given)
    except ValueError as error:
        raise invalid(f"{name} is not a time", 2004 if name == "since" else 2005) from error
    return read if read.tzinfo else read.replace(tzinfo=zone)


def zone(asked: Asked, otherwise: tzinfo = UTC) -> tzinfo:
    """The zone that answers are rendered in."""
    name = asked.one("time_zone")
    try:
        return ZoneInfo(name) if name and name != "UTC" else (UTC if name else otherwise)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise invalid("time_zone is not known") from error


def include(asked: Asked, *known: str) -> tuple[str, ...]:
    wanted = asked.all("include[]")
    for name in wanted:
        if name not in known:
            raise invalid(f"include {name} is not one of {', '.join(known)}")
    return wanted


def truth(asked: Asked, name: str) -> bool:
    return asked.one(name) == "true"


def page(
    asked: Asked, key: str, items: Sequence[T], write: Callable[[T], JsonValue], largest: int = LARGEST_LIMIT,
    total: bool = True,
) -> Reply:  # fmt: skip
    """One page of a list by offset and limit; beyond the last offset is refused, never empty. Only it is written."""
    limit, offset = _number(asked, "limit", DEFAULT_LIMIT), _number(asked, "offset", 0)
    limit = min(limit, largest)
    if offset + limit > LAST_OFFSET:
        raise invalid(f"offset and limit together may not exceed {LAST_OFFSET}")
    body: dict[str, JsonValue] = {key: [write(item) for item in items[offset : offset + limit]]}
    body |= {"limit": limit, "offset": offset, "more": offset + limit < len(items)}
    if total:
        body["total"] = len(items) if truth(asked, "total") else None
    return reply_json(body)


def _number(asked: Asked, name: str, otherwise: int) -> int:
    given = asked.one(name)
    if given is None:
        return otherwise
    if not given.isascii() or not given.isdigit():
        raise invalid(f"{name} is not a number from 0")
    return int(given)
