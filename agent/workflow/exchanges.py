"""Keeps in the locker what was asked of the models and what they answered, write-once, and reads it back."""

from __future__ import annotations

from collections.abc import Sequence

from agent.deps import Deps
from agent.drafting.exchanges import Exchange
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
