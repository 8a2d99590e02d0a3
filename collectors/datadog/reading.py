"""Reading answers in which any field may be missing or null, and keeping only what evidence needs of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from pydantic import JsonValue

from collectors import addresses
from collectors.errors import Malformed

Shape = Mapping[str, "Shape | None"]


def at(value: JsonValue, *path: str) -> JsonValue:
    """The value under `path`, None where any step is missing."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def mapping(value: JsonValue, told: str) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise Malformed(f"{told} is {_kind(value)} instead of an object")
    return value


def listing(value: JsonValue, told: str) -> list[JsonValue]:
    if not isinstance(value, list):
        raise Malformed(f"{told} is {_kind(value)} instead of a list")
    return value


def text(value: JsonValue) -> str | None:
    """The text, or None for anything else, empty text included."""
    return value if isinstance(value, str) and value else None


def number(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def instant(value: JsonValue) -> datetime | None:
    """An ISO time with a zone, or None."""
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return parsed if parsed and parsed.tzinfo else None


def epoch_ms(value: JsonValue, told: str) -> datetime:
    """An instant given in epoch milliseconds."""
    milliseconds = number(value)
    if milliseconds is None or not 0 <= milliseconds < 4e12:
        raise Malformed(f"{told} holds {_kind(value)} instead of a time in milliseconds")
    return _at(milliseconds)


@lru_cache(maxsize=4096)
def _at(milliseconds: float) -> datetime:
    """The points of many series lie at the same times."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def capped(value: str, limit: int) -> str:
    return value if len(value) <= limit else value[: limit - 1] + "…"


def pick(value: JsonValue, shape: Shape) -> dict[str, JsonValue]:
    """Only the keys of `shape`, as deep as it goes; a key with None keeps its whole value."""
    if not isinstance(value, dict):
        return {}
    return {k: value[k] if sub is None else pick(value[k], sub) for k, sub in shape.items() if k in value}


def without_people(value: JsonValue) -> JsonValue:
    """The value with each e-mail address replaced by a one-way name that stays the same for the same person."""
    if isinstance(value, str):
        return addresses.under_names(value)
    if isinstance(value, dict):
        return {str(without_people(k)): without_people(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_people(v) for v in value]
    return value


def without_keys(value: JsonValue, names: Sequence[str]) -> JsonValue:
    """The value less every key of these names, at any depth."""
    if isinstance(value, dict):
        return {k: without_keys(v, names) for k, v in value.items() if k not in names}
    if isinstance(value, list):
        return [without_keys(v, names) for v in value]
    return value


def _kind(value: JsonValue) -> str:
    return "null" if value is None else type(value).__name__
