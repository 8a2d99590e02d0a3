"""The five checklists as they were written, counted by their own marks; and the places that a gate says it covers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from agent.configuration import Configuration
from agent.gates import Gate
from tests.builders import ROOT

SEEDS = ROOT.parent / "shared" / "seeds"
OWN = Configuration(ROOT / "config", None)
WRITTEN_OUT = ROOT / "tests/gates/written_out.yaml"  # pilot-to-prod without its controls, for tests that change a rule
BOX = re.compile(r"^\s*- \[[ x]\] (.+)$", re.MULTILINE)
BULLET = re.compile(r"^- (?!\[)(.+)$", re.MULTILINE)


def seed(name: str) -> str:
    """The checklist's text; the test is skipped aloud where it is not there."""
    path = SEEDS / name
    if not path.is_file():
        pytest.skip(f"{path} is not here, so nothing can be counted against it")
    return path.read_text(encoding="utf-8")


def part(text: str, begins: str, ends: str = r"^## |\Z") -> str:
    """What stands between the line that `begins` matches and the next that `ends` matches."""
    start = re.search(begins, text, re.MULTILINE)
    assert start, f"the checklist has no {begins!r}"
    rest = text[start.end() :].partition("\n")[2]
    end = re.search(ends, rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def boxes(text: str) -> list[str]:
    return BOX.findall(text)


def bullets(text: str) -> list[str]:
    return BULLET.findall(text)


def places(gate: Gate) -> list[str]:
    """Every place of the checklist that the gate's items, sections and files name, in their order."""
    return [place.strip() for one in _told(gate) for place in one.split(";") if place.strip()]


def _told(gate: Gate) -> Iterator[str]:
    yield from (item.seed for item in gate.items)
    for section in (*gate.report, *(section for file in gate.files for section in file.sections)):
        yield section.seed
        yield from (line.seed for line in section.lines)
    yield from (file.seed for file in gate.files)


def missing(gate: Gate, place: str, count: int) -> list[str]:
    """The places `place` 1 to `count` (a pattern with {}) that the gate does not name."""
    known = places(gate)
    return [place.format(i) for i in range(1, count + 1) if place.format(i) not in known]
