"""The whole sentences and list lines of a text, each with the line it begins on: what may be quoted. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from collectors.evidence import Model, sha256

_ALONE = re.compile(r"\s*(#{1,6}\s|\||```|~~~|[-*_=]{3,}\s*$)")  # a heading, table row, fence or rule stands alone
_LISTED = re.compile(r"\s*([-*+•]|\d{1,3}[.)])\s")
_END = re.compile(r"[.!?…][\"'”’)\]*_`]*(?=\s)")
_SHORTENED = re.compile(r"(?:\b(?:e\.g|i\.e|cf|vs|no|approx|ca|mr|mrs|ms|dr|st)\.)$", re.IGNORECASE)


class Passage(Model):
    """One whole sentence, list entry, heading or table row. `line` counts from 1."""

    line: int
    text: str


@lru_cache(maxsize=64)  # the text of one runbook is read for every subject that names it
def passages(text: str) -> tuple[Passage, ...]:
    """Every passage of a text in its order, white space collapsed. A list entry is not cut into sentences."""
    return tuple(found for block in _blocks(text) for found in _sentences(*block))


def collapsed(text: str) -> str:
    """The text with every run of white space as one space: how quotes are compared."""
    return " ".join(text.split())


def passage_key(line: int, text: str) -> str:
    """Names a passage and its place without its text, so that a rule can ask whether it is there."""
    return f"{line}:{sha256(collapsed(text).encode())[:32]}"


def passage_keys(text: str) -> tuple[str, ...]:
    """The keys of all passages of a text."""
    return tuple(passage_key(one.line, one.text) for one in passages(text))


def _blocks(text: str) -> Iterator[tuple[int, str, bool]]:
    """(first line, text, may it be cut into sentences?) of every paragraph, list entry and line that stands alone."""
    begun, held, whole = 0, [""], False
    for number, line in enumerate(text.split("\n"), start=1):
        alone, entry = bool(_ALONE.match(line)), bool(_LISTED.match(line))
        if not line.strip() or alone or entry:
            yield begun, "\n".join(held), not whole
            held, whole = [], False
        if line.strip():
            begun, whole = (begun, whole) if held else (number, alone or entry)
            held.append(line)
        if alone:
            yield begun, "\n".join(held), False
            held, whole = [], False
    yield begun, "\n".join(held), not whole


def _sentences(line: int, block: str, cut: bool) -> Iterator[Passage]:
    start = 0
    for end in [*(found.end() for found in _END.finditer(block) if cut), len(block)]:
        piece = block[start:end]
        if end < len(block) and _SHORTENED.search(piece[-16:]):
            continue
        lead = len(piece) - len(piece.lstrip())
        if piece.strip():
            yield Passage(line=line + piece[:lead].count("\n"), text=collapsed(piece))
        line, start = line + piece.count("\n"), end
