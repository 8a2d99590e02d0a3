"""Looks for the values of facts in what a model was shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agent import resources
from agent.domain import ItemResult, Used
from agent.drafting import vocabulary
from agent.drafting.values import say


def unsaid(items: Iterable[ItemResult], zone: str, prompts: Sequence[str], more: Iterable[Used] = ()) -> list[str]:
    """The values that stand in a prompt, as a person would read them and as they are stored.

    Only what changes in a prompt is searched: not its slots, nor what the gate and the prompt files say.
    """
    facts = [used for item in items for finding in item.findings for used in finding.facts]
    text = "\n".join(map(changing, prompts))
    told = {form for used in (*facts, *more) for form in forms(used, zone)}
    return sorted(form for form in told if re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text))


def changing(prompt: str) -> str:
    """What a review makes of a prompt: its findings' own sentences and kinds of facts, without the slots."""
    return re.sub(r"\{[^}]*\}", "{}", _less_the_gate(prompt))


def forms(used: Used, zone: str) -> set[str]:
    """A value in words and raw, the parts of a name, and the id beside it; words that name nothing are left out."""
    raw = str(getattr(used.fact, "value", ""))
    found = {say(used.fact, zone), raw, str(getattr(used.fact, "id", ""))}
    if used.fact.kind == "person":
        found |= set(raw.split())
    return {form for form in found if form and form not in vocabulary.words() and form.lower() not in _STANDING_WORDS}


# States that are words of every sentence about a rule; a prompt names them for no review in particular.
_STANDING_WORDS = {"on", "off", "none", "true", "false"}


def _less_the_gate(prompt: str) -> str:
    static = ("## Item", "What a pass means", "Gate:", "Finding ")
    ours = {line for file in resources.folder("prompts").glob("*.jinja") for line in file.read_text().splitlines()}
    return "\n".join(line for line in prompt.splitlines() if not line.startswith(static) and line not in ours)
