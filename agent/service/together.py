"""Many reviews in one go, which share a budget of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.deps import Deps
from agent.drafting.budget import Budget
from agent.service.assess import Assessed, assess


def assess_each(deps: Deps, subjects: Sequence[str], gate: str, *, new: bool = False) -> Iterator[tuple[str, Assessed]]:
    """Each subject with its review, as they come; all of them within CLEARANCE_BUDGET_PER_SWEEP where that is set.

    Raises what `assess` raises, at the subject it happens to; whoever goes on with the rest asks for them again.
    """
    shared = within_one_budget(deps)
    for subject in subjects:
        yield subject, assess(shared, subject, gate, new=new)


def within_one_budget(deps: Deps, used: int = 0) -> Deps:
    """The same, with one budget for all reviews that are made with it; so many tokens of it are used up already."""
    limit = deps.settings.tokens_a_sweep
    return deps if limit is None else replace(deps, budgets=(*deps.budgets, Budget("this sweep", limit, used)))
