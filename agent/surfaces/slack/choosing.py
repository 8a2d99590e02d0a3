"""A model chooses among the commands, subjects and gates that there are; code takes nothing else from its answer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Literal

from pydantic import JsonValue, ValidationError

from agent import resources
from agent.answers import Listed
from agent.deps import Deps
from agent.drafting.model import AnthropicModel, Model, ModelUnavailable, Prompt
from agent.drafting.prompts import Prompts
from agent.drafting.values import clean
from agent.surfaces.slack.wording import LONGEST, Command
from collectors.evidence import Model as Frozen

PROMPT = "choose_command.md.jinja"
TOKENS = 300
SECONDS = 18.0  # connecting, waiting and reading may each take so long: less than inbox.HOLD together
SCHEMA: dict[str, JsonValue] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["command", "subject", "gate", "item"],
    "properties": {
        "command": {"type": "string", "enum": ["assess", "status", "why", "evidence", "may-deploy", "list", "none"]},
        "subject": {"type": "string"},
        "gate": {"type": "string"},
        "item": {"type": "integer"},
    },
}


class Chosen(Frozen):
    command: Literal["assess", "status", "why", "evidence", "may-deploy", "list", "none"]
    subject: str
    gate: str
    item: int


def choose(deps: Deps, text: str, known: Listed) -> Command | None:
    """None without a reader (CLEARANCE_READER_MODEL), without an answer, and for every answer that names what is not
    there: subject, gate, or a number that does not stand in the text.
    """
    if deps.reader is None:
        return None
    shown = clean(text, LONGEST)
    try:
        answer = _quick(deps.reader).write(_prompt(shown, known))
        chosen = Chosen.model_validate(json.loads(answer.text)) if answer.whole else None
    except (ModelUnavailable, ValueError, ValidationError):
        return None
    return _checked(chosen, shown, known) if chosen else None


def _quick(model: Model) -> Model:
    """Asked once and not for long: somebody waits, one of few threads is held, and without an answer rules do."""
    return replace(model, timeout=SECONDS, retries=0) if isinstance(model, AnthropicModel) else model


def _prompt(text: str, known: Listed) -> Prompt:
    subjects, gates = [one.subject for one in known.subjects], [one.id for one in known.gates]
    system, _ = Prompts(resources.folder("prompts")).render(PROMPT, subjects=subjects, gates=gates)
    return Prompt(system=system, user=json.dumps({"line": text}), answer_schema=SCHEMA, max_tokens=TOKENS)


def _checked(chosen: Chosen, text: str, known: Listed) -> Command | None:
    subjects, gates = {"", *(one.subject for one in known.subjects)}, {"", *(one.id for one in known.gates)}
    about_item = chosen.command in ("why", "evidence")
    if chosen.command == "none" or chosen.subject not in subjects or chosen.gate not in gates:
        return None
    if about_item and (chosen.item < 1 or str(chosen.item) not in text):
        return None
    return Command(chosen.command, chosen.subject, chosen.gate, chosen.item if about_item else 0)
