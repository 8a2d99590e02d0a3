"""The fact sheet beside the project in blocks: a bullet, a numbered line, a row of a table or a paragraph each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

SHEET = Path(__file__).parents[2].parent / "shared/contracts/FACTS.md"
_HEADING = re.compile(r"#{2,3} (\d+[a-z]?)[ .]")
_STARTS = re.compile(r"- |\d+\. |\|")
_RULE = re.compile(r"\|[-| ]+\|$")


def blocks(text: str) -> dict[str, str]:
    """Blocks by place: `1b.3` is the third below the heading 1b. A heading without a number ends nothing."""
    found: dict[str, str] = {}
    for section, lines in _sections(text):
        started = sum(1 for place in found if place.startswith(f"{section}."))
        found |= {f"{section}.{place}": block for place, block in enumerate(_cut(lines), start=started + 1)}
    return found


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """(number, lines) of each numbered section; what stands before the first is not a section."""
    section, lines = "", []
    for line in text.splitlines():
        if line.startswith("## Contents"):
            section, lines = "", []
        elif heading := _HEADING.match(line):
            if section:
                yield section, lines
            section, lines = heading.group(1), []
        elif not line.startswith("#"):
            lines.append(line)
    yield section, lines


def _cut(lines: list[str]) -> list[str]:
    found: list[list[str]] = []
    ended = True
    for line in lines:
        if not line.strip() or line.strip() == "---" or _RULE.match(line):
            ended = True
        elif ended or _STARTS.match(line):
            found.append([line])
            ended = False
        else:
            found[-1].append(line)
    return [" ".join(part.strip() for part in block) for block in found]
