"""The raw value in its place: the lines of an evidence body around what a fact's pointer leads to. Pure."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from collectors.evidence import resolve

AROUND = 4  # lines shown before and after
LONGEST = 300  # characters of one value
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True)
class Line:
    """One line of the body; `marked` where the pointer leads."""

    text: str
    marked: bool


def place(body: JsonValue, pointer: str) -> tuple[Line, ...]:
    """The value at the pointer with its neighbours, under the path to them; () where it leads nowhere."""
    above, _, last = pointer.rpartition("/")
    try:
        value = resolve(body, pointer)
        around = resolve(body, above)
    except KeyError:
        return ()
    if not pointer:
        return (Line(raw(value), True),)
    lines = list(_members(around, last))
    here = next(i for i, line in enumerate(lines) if line.marked)
    first, after = max(0, here - AROUND), here + AROUND + 1
    return (
        *([Line(raw_text(above), False)] if above else []),
        *([Line("  …", False)] if first else []),
        *lines[first:after],
        *([Line("  …", False)] if after < len(lines) else []),
    )


def raw(value: JsonValue) -> str:
    """JSON text in one line, capped; what cannot be seen is written as its escape."""
    text = raw_text(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def raw_text(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) in _UNSEEN else c for c in text)


def _members(around: JsonValue, last: str) -> Iterator[Line]:
    key = last.replace("~1", "/").replace("~0", "~")
    if isinstance(around, dict):
        for name, value in around.items():
            yield Line(f"  {raw(name)}: {raw(value)}", name == key)
    elif isinstance(around, list):
        for index, value in enumerate(around):
            yield Line(f"  [{index}] {raw(value)}", str(index) == key)
