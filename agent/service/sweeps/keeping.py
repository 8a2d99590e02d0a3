"""Keeps the lease on a sweep alive for as long as its work takes."""

from __future__ import annotations

from contextlib import AbstractContextManager

from agent.deps import Deps
from agent.service.leasing import renewed
from agent.store.sweeps import LEASE, Sweeps


def kept_alive(deps: Deps, store: Sweeps, sweep: str, lease: str) -> AbstractContextManager[None]:
    """What is written under a lease that was lost meanwhile is refused by the store."""
    return renewed(
        lambda: bool(store.take(sweep, lease, deps.clock())), LEASE, lambda: store.release(sweep, lease)
    )  # fmt: skip
