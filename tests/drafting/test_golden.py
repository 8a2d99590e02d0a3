"""Whole drafts of both worlds as people read them. `CLEARANCE_GOLDEN=write pytest tests/drafting/test_golden.py` writes
them anew; read them before you commit them: would you sign this?"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agent.domain import CheckResult, ItemResult
from agent.drafting.model import Model
from agent.drafting.overview import overview
from agent.drafting.parts import sentence
from agent.drafting.slots import offered
from agent.drafting.writer import Drafted, draft
from agent.outputs.table import worst_first
from tests.builders import ZONE
from tests.drafting import builders
from tests.drafting.scripted import Good, Writer, model_that
from tests.drafting.test_writer import BRIEF

FOLDER = Path(__file__).parent / "golden"
EARLIER = builders.document(builders.as_written_items(), [builders.launch_check()])
WORLDS: dict[str, tuple[Sequence[ItemResult], Sequence[CheckResult], bool]] = {
    "as-written": (builders.as_written_items(), [builders.launch_check()], False),
    "put-right": (builders.put_right_items(), [], True),
    "unseen": ((builders.item(3, builders.unseen()),), [], False),
}


def summing(good: Good) -> Writer:
    """The good writer, with a summary of its own."""
    says = ["Plan the drill of {I9} before the messages of {I8} are sent."]
    return lambda findings: {**good(findings), "summary": says if any(f.item == 9 for f in findings) else []}


def page(name: str, model: Model | None) -> str:
    """Summary, and under each item its findings, worst first, with what was drafted."""
    items, checks, later = WORLDS[name]
    gaps = [builders.GAP_ROW] if name == "unseen" else []
    made = overview(builders.outlook(items, checks, gaps, EARLIER if later else None))
    drafted = draft(replace(BRIEF, overall=offered(made.facts)), items, model)
    lines = [line.text for line in (*made.lines(items, ZONE), *drafted.summary)]
    return "\n".join([*lines, "", *(line for item in items for line in _item(item, drafted))]).rstrip() + "\n"


def _item(item: ItemResult, drafted: Drafted) -> Iterator[str]:
    yield f"## {item.number}. {item.title}: {item.verdict.value.replace('_', ' ')}"
    yield ""
    for finding in worst_first(item.findings):
        yield f"- {sentence(finding, ZONE)}"
        told = [one for one in drafted.statements[item.number] if item.findings[one.finding] is finding]
        yield from (f"  - {one.text}" for one in told)
    yield ""


def pages() -> Iterator[tuple[str, str]]:
    for world in WORLDS:
        yield f"{world}-templates.md", page(world, None)
        with model_that(summing(Good())) as (model, _):
            yield f"{world}-model.md", page(world, model)


PAGES = [f"{world}-{by}.md" for world in WORLDS for by in ("templates", "model")]


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    found = dict(pages())
    if os.environ.get("CLEARANCE_GOLDEN") == "write":
        FOLDER.mkdir(exist_ok=True)
        for name, text in found.items():
            (FOLDER / name).write_text(text, encoding="utf-8")
    return found


@pytest.mark.parametrize("name", PAGES)
def test_drafts_are_those_that_somebody_read(name: str, written: dict[str, str]):
    """Word for word."""
    assert written[name] == (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_drafts_read_as_a_person_would_write(name: str, written: dict[str, str]):
    """No raw values, no holes, no wrong plurals, no times without a zone, no sentence twice under one item."""
    text = written[name]

    for wooden in (
        r"N/A|None|null|\[\]|\{",
        r"\b1 (?:items|days|checks|questions|reasons|monitors)\b",
        r"\d{4}-\d\d-\d\dT",
    ):
        assert not re.search(wooden, text), wooden
    assert not re.findall(r"\d\d:\d\d(?! E[DS]T)(?!:\d\d E)", text)
    for item in text.split("## ")[1:]:
        lines = [line for line in item.splitlines() if line.strip()]
        assert len(lines) == len(set(lines))
