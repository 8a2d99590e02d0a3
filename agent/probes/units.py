"""Whether two units are the same one. Spellings are brought together; nothing is ever converted."""

from __future__ import annotations

from math import isfinite

from collectors.evidence import Number

_SPELLINGS = {"%": "percent", "s": "second", "sec": "second", "ms": "millisecond", "min": "minute", "h": "hour"}
# Plain counts have no other scale: a source that names no unit can mean nothing else by them.
_COUNTS = frozenset({"count", "error", "event", "incident", "request", "run", "sample"})


def _spelled(unit: str) -> str:
    unit = unit.strip()
    return _SPELLINGS.get(unit) or (unit.removesuffix("s") if len(unit) > 3 else unit)


def same_unit(source: str, card: str) -> bool:
    """Is the source's unit the one on the card?

    A source without a unit is believed for counts only. Where another scale exists (a share as 0.05 or as 5 percent,
    seconds or milliseconds) it could turn a missed target into a reached one; a metric that really has no unit is
    written on the card with the unit "".
    """
    ours, theirs = _spelled(card), _spelled(source)
    return ours == theirs or (not theirs and ours in _COUNTS)


def in_days(given: Number) -> float | None:
    """The number of days, None where it is not one."""
    return given.value if isfinite(given.value) and _spelled(given.unit) == "day" else None
