"""What the runbook names in passing is there: each command with its options, each message, each setting and file."""

from __future__ import annotations

import re
from functools import cache

import pytest
import typer

from agent.settings import NAMES
from agent.surfaces.cli import app
from tests.runbook.steps import ROOT, RUNBOOK

TEXT = RUNBOOK.read_text(encoding="utf-8")
SPANS = sorted(set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))))
COMMANDS = [span for span in SPANS if span.startswith("clearance ")]
SEEN = [row.split("|")[1] for row in TEXT[TEXT.index("| You see") :].splitlines() if row.startswith("| ")][2:]
QUOTED = sorted({part.strip(" ,;") for cell in SEEN for part in re.findall(r'"([^"]+)"', cell)})


@pytest.mark.parametrize("span", COMMANDS)
def test_a_command_and_its_options_exist(span: str):
    node = typer.main.get_command(app)
    words = [word for word in re.split(r"[ |]", span)[1:] if word]
    while words and hasattr(node, "commands"):
        assert words[0] in node.commands, f"there is no {words[0]} in {span}"
        node = node.commands[words.pop(0)]
        if hasattr(node, "commands") and words and words[0] not in node.commands:
            break
    options = {name for parameter in node.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options | {"--reason"}


@cache
def said() -> str:
    """All texts of ours, without what Python puts between two pieces of one."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "agent").rglob("*.py")))
    return re.sub(r'"\s*f?"', "", code)


@pytest.mark.parametrize("quoted", QUOTED)
def test_a_message_is_one_that_clearance_says(quoted: str):
    """Piece by piece: where the runbook has …, something is filled in."""
    for piece in (piece.strip() for piece in quoted.split("…")):
        assert piece in said(), piece


def test_there_are_messages_and_commands_to_look_for():
    assert len(QUOTED) > 15
    assert len(COMMANDS) > 10


def test_a_setting_that_is_named_is_one():
    assert {span for span in SPANS if re.fullmatch(r"CLEARANCE_[A-Z_]+", span)} <= set(NAMES)
