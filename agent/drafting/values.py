"""The one place that turns a fact into words. Escaping for Markdown, HTML or a terminal is the outputs' work."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from functools import singledispatch
from math import isfinite
from zoneinfo import ZoneInfo

from collectors.evidence import Day, Duration, Fact, FactBase, Number, Person, Quote, Resource, State, Time

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SPANS = (("day", 86400), ("hour", 3600), ("minute", 60))
_SYMBOLS = {"percent": "%", "%": "%"}
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Printed as nothing or as a blank, though Unicode files them under letters, marks and symbols.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(map(chr, range(0xFE00, 0xFE10)))
_NAME, _STATE, _RESOURCE, _UNIT, _QUOTE = 80, 80, 200, 24, 300


def say(fact: Fact, zone: str) -> str:
    """A fact in words, times in `zone`, free of control, bidirectional and zero-width characters, capped."""
    return _say(fact, zone)


def clean(text: str, cap: int = 1000) -> str:
    """One line of what can be seen of a text; longer than `cap` characters ends in "…"."""
    plain = text.isascii() and text.isprintable()  # most texts; looking at each character takes time
    seen = text if plain else "".join(_shown(character) for character in text)
    line = " ".join(re.sub(r"([\u0300-\u036f]{2})[\u0300-\u036f]+", r"\1", seen).split())
    return line if len(line) <= cap else line[: cap - 1].rstrip() + "…"


def instant(value: datetime, zone: str) -> str:
    """12 June 2026, 16:00 EDT; seconds only where they are not zero."""
    local = value.astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    name, offset = local.tzname() or "", local.strftime("%z")
    return f"{day(local.date())}, {clock} {name if name.isalpha() else f'UTC{offset[:3]}:{offset[3:]}'}"


def day(value: date) -> str:
    """13 June 2026."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def count(value: float, unit: str) -> str:
    """A number with its unit in the right number: 92 %, 0 incidents, 1 hour, 2,557 days."""
    told, unit = _figure(value), clean(unit, _UNIT)
    if unit in _SYMBOLS:
        return f"{told} {_SYMBOLS[unit]}"
    return f"{told} {_plural(unit, abs(value) == 1)}".rstrip()


def _shown(character: str) -> str:
    if character in "\t\n\r\v\f\x85\u2028\u2029":
        return " "
    return "" if character in _UNSEEN or unicodedata.category(character) in _UNSEEN_CATEGORIES else character


def _figure(value: float) -> str:
    if not isfinite(value):
        return "no finite number of"
    # Twelve digits hide the noise of binary fractions and nothing that a target could hang on.
    told = format(value, ".12g")
    if "e" in told:
        return told
    whole, _, rest = told.partition(".")
    return f"{int(whole):,}" + ("." + rest if rest else "") if whole != "-0" else told


def _plural(unit: str, one: bool) -> str:
    head, tail = re.fullmatch(r"([a-z]*)(.*)", unit, re.DOTALL).groups()  # type: ignore[union-attr]
    if len(head) < 4 and head not in ("day", "run"):
        return unit
    if one:
        return _single(head) + tail
    if head.endswith("s"):
        return unit
    return (head[:-1] + "ies" if re.search("[^aeiou]y$", head) else head + "s") + tail


def _single(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith("sses") else word if word.endswith("ss") else word.removesuffix("s")


@singledispatch
def _say(fact: FactBase, zone: str) -> str:
    raise TypeError(f"there are no words for a {type(fact).__name__}")


@_say.register
def _(fact: Person, zone: str) -> str:
    return clean(fact.value, _NAME) or "(no name given)"


@_say.register
def _(fact: Time, zone: str) -> str:
    return instant(fact.value, zone)


@_say.register
def _(fact: Day, zone: str) -> str:
    return f"{_WEEKDAYS[fact.value.weekday()]}, {day(fact.value)}"


@_say.register
def _(fact: Duration, zone: str) -> str:
    left, parts = round(abs(fact.value), 3), []
    for name, seconds in _SPANS:
        whole, left = divmod(left, seconds)
        parts += [count(whole, name)] if whole else []
    left = round(left, 3)
    told = " ".join([*parts, count(left, "second")] if left or not parts else parts)
    return f"minus {told}" if fact.value < 0 else told


@_say.register
def _(fact: Number, zone: str) -> str:
    return count(fact.value, fact.unit)


@_say.register
def _(fact: State, zone: str) -> str:
    return clean(fact.value, _STATE) or "(empty)"


@_say.register
def _(fact: Resource, zone: str) -> str:
    return clean(fact.value, _RESOURCE) or "(no name given)"


@_say.register
def _(fact: Quote, zone: str) -> str:
    return f"“{clean(fact.value, _QUOTE)}”"
