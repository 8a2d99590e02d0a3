"""What keeps a draft of a card from being taken for one: the key `draft`, and a mark at each guess.

`clearance cards discover` writes both. A card in which either is left is refused wherever cards are read, so that what
was found by name alone passes nothing before a person has looked at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent import yaml_lines

KEY, MARK = "draft", "# ?"


def complaints(path: Path, data: Any, lines: dict[yaml_lines.Loc, int]) -> Iterator[str]:
    """One line for each thing in the file that nobody has confirmed; none for a finished card."""
    if isinstance(data, dict) and KEY in data:
        yield (
            f"{path}:{lines[(KEY,)]}: {KEY}: this is a draft; confirm what is marked `{MARK}`, fill in what is "
            "missing, then take this line away"
        )
    marked = MARK in path.read_text(encoding="utf-8")  # else no comment can begin with it
    for line, comment in yaml_lines.comments(path).items() if marked else ():
        if comment.startswith(MARK):
            key = _key_at(line, lines)
            yield f"{path}:{line}: {key}: is a guess that nobody confirmed; look at it, then take its `{MARK}` away"


def _key_at(line: int, lines: dict[yaml_lines.Loc, int]) -> str:
    """The innermost key that begins on this line."""
    here = [loc for loc, number in lines.items() if number == line]
    return yaml_lines.dotted(max(here, key=len)) if here else "the line"
