"""Many reviews in one go, which share a budget of tokens."""

from __future__ import annotations

from dataclasses import replace

from agent.deps import Deps
from agent.drafting.budget import Budget


def within_one_budget(deps: Deps, used: int = 0) -> Deps:
    """The same, with one budget for all reviews that are made with it; so many tokens of it are used up already."""
    limit = deps.settings.tokens_a_sweep
    return deps if limit is None else replace(deps, budgets=(*deps.budgets, Budget("this sweep", limit, used)))
