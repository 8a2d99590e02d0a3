"""Text that looks like instructions is told by code, and what people write every day is not."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
import yaml

from agent import resources
from agent.drafting import instructions
from agent.drafting.instructions import looks_like
from agent.yaml_lines import FastLoader
from tests.injections import INJECTIONS, ORDER, ORDINARY

WORLDS = sorted(resources.folder("config").glob("worlds/**/*.*"))


@pytest.mark.parametrize("name", sorted(INJECTIONS))
def test_every_injection_is_told(name: str):
    assert looks_like(INJECTIONS[name])


@pytest.mark.parametrize("name", sorted(INJECTIONS))
def test_it_is_told_in_the_middle_of_other_text_too(name: str):
    assert looks_like(f"Scheduled for Monday, {INJECTIONS[name]} Bring coffee.")


@pytest.mark.parametrize("text", ORDINARY)
def test_what_people_write_every_day_is_not(text: str):
    assert looks_like(text) == ()


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.relative_to(path.parents[2]).as_posix())
def test_nothing_in_the_worlds_is(path: Path):
    """Each value, and for documents each line and the whole."""
    text = path.read_text(encoding="utf-8")
    values = strings(yaml.load(text, Loader=FastLoader)) if path.suffix == ".yaml" else [text, *text.splitlines()]
    assert {value: signs for value in values if (signs := looks_like(value))} == {}


def strings(value: object) -> list[str]:
    if isinstance(value, dict | list):
        inner = [*value.values(), *value] if isinstance(value, dict) else value
        return [found for one in inner for found in strings(one)]
    return [value] if isinstance(value, str) else []


def test_it_says_of_which_kind():
    assert looks_like(INJECTIONS["fake slot"]) == (instructions.SLOT,)
    assert looks_like(INJECTIONS["homoglyphs"]) == (instructions.OVERRIDE, instructions.LOOKALIKE)
    assert looks_like(INJECTIONS["base64 twice"]) == (instructions.ENCODED,)
    assert looks_like(INJECTIONS["bidi"]) == (instructions.HIDDEN,)


def test_what_is_encoded_deeper_than_we_look_ends():
    """Bounded in depth and in length, whatever is sent."""
    text = ORDER
    for _ in range(6):
        text = instructions.base64.b64encode(text.encode()).decode()
    assert looks_like(text) == ()


LONG = {
    "letters": "a" * 200_000,
    "orders": "ignore all " * 20_000,
    "brackets": "<" * 200_000,
    "images": "![" * 100_000,
    "slots": "{F1 as " * 30_000,
    "digits": "A0" * 100_000,
    "blanks": " " * 200_000,
    "empty lines": "\n" * 200_000,
    "lines of blanks": " \n" * 100_000,
    "bars and empty lines": "|\n\n\n" * 50_000,
    "a tag that never closes": "<" + "\n" * 199_999,
}


@pytest.mark.parametrize("name", sorted(LONG))
def test_long_text_takes_no_long_time(name: str):
    """Text that is made to be slow is looked at in a moment of this processor."""
    began = process_time()
    looks_like(LONG[name])
    assert process_time() - began < 5
