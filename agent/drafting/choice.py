"""Which model writes, and whether one has to be asked at all."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain import DraftedBy, ItemResult
from agent.drafting.model import Model
from agent.drafting.showing import Brief, first_prompt, is_open
from agent.drafting.writer import seen


def for_items(items: Sequence[ItemResult], strong: Model | None, when_met: Model | None) -> Model | None:
    """The strong model where anything is open, the cheap one where every item is met or waits for signatures."""
    nothing_open = not any(is_open(finding) for item in items for finding in item.findings)
    return when_met or strong if nothing_open else strong


def is_the_same(brief: Brief, items: Sequence[ItemResult], model: Model, last: DraftedBy) -> bool:
    """Would this model be shown exactly what it was shown for the last draft?"""
    return bool(last.exchanges) and last.seen == seen(model, first_prompt(brief, items))
