"""What was asked of the models and what they answered, kept in the locker write-once; and what they may still cost."""

from __future__ import annotations

from collections.abc import Sequence

from agent import resources
from agent.deps import Deps
from agent.domain import Usage
from agent.drafting import prices
from agent.drafting.budget import Budget, Budgeted
from agent.drafting.exchanges import Exchange
from agent.drafting.model import Model
from agent.workflow import frozen


def keep(deps: Deps, exchanges: Sequence[Exchange]) -> tuple[str, ...]:
    """The digests of exchanges. The fixed part of a prompt is kept once for all reviews."""
    kept = []
    for one in exchanges:
        system = deps.locker.put(one.system.encode(), "prompt", deps.clock())
        kept.append(frozen.keep(deps, one.model_copy(update={"system": system}), "exchange"))
    return tuple(kept)


def load(deps: Deps, digests: Sequence[str]) -> tuple[Exchange, ...]:
    """Exchanges by digest, with the whole prompt. StoreError where the locker has lost or changed one."""
    found = [Exchange.model_validate_json(deps.locker.get(digest)) for digest in digests]
    return tuple(one.model_copy(update={"system": deps.locker.get(one.system).decode()}) for one in found)


def budgeted(deps: Deps, model: Model, spent: Usage) -> Budgeted:
    """A model within what the review, of which so much is spent, and the sweep may use."""
    used = spent.input_tokens + spent.cache_write_tokens + spent.cache_read_tokens + spent.output_tokens
    return Budgeted(model, [Budget("this review", deps.settings.tokens_a_review, used), *deps.budgets])


def price_list() -> prices.Prices:
    return prices.read(resources.folder("config") / "prices.yaml")
