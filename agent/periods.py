"""Spans as people write them: "7 years", "180 days", "24 hours", "30 minutes", "60 s"."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_UNITS = {
    "second": 1,
    "s": 1,
    "minute": 60,
    "min": 60,
    "hour": 3600,
    "h": 3600,
    "day": 86400,
    "d": 86400,
    "week": 604800,
}


@lru_cache(maxsize=512)
def parse(text: str) -> tuple[int, str]:
    """Amount and unit (singular): "7 years" → (7, "year"). ValueError says what is allowed."""
    match = re.fullmatch(r"(\d+)\s*([a-z]+?)", text.strip().lower())
    unit = match[2] if match else ""
    if unit not in _UNITS and unit.removesuffix("s") in {*_UNITS, "month", "year"}:
        unit = unit.removesuffix("s")
    if match is None or unit not in {*_UNITS, "month", "year"}:
        raise ValueError(f"{text!r} is not a span; write for example 7 years, 180 days, 24 hours, 30 minutes or 60 s")
    return int(match[1]), unit


@lru_cache(maxsize=256)
def length(text: str) -> timedelta:
    """A span of fixed length; years and months have none and are refused."""
    amount, unit = parse(text)
    if unit not in _UNITS:
        raise ValueError(f"{text!r} has no fixed length; give days, hours, minutes or seconds")
    return timedelta(seconds=amount * _UNITS[unit])


def days_from(start: date, text: str) -> int:
    """How many days the span covers from `start`: seven years from 2026-06-12 are 2557."""
    amount, unit = parse(text)
    if unit in ("month", "year"):
        return (_months_later(start, amount * (12 if unit == "year" else 1)) - start).days
    seconds = amount * _UNITS[unit]
    return -(-seconds // 86400)


def _months_later(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    for day in range(start.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, min(start.day, 28))


def later(start: datetime, text: str) -> datetime:
    return start + length(text)


def utc(at: datetime) -> str:
    """An instant as sentences tell it, whatever zone it came in: 2026-06-17 14:00 UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
