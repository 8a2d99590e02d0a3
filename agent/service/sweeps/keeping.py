"""Keeps the lease on a sweep alive for as long as its work takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from agent.deps import Deps
from agent.errors import StoreError
from agent.store.sweeps import LEASE, Sweeps


@contextmanager
def kept_alive(deps: Deps, store: Sweeps, sweep: str, lease: str) -> Iterator[None]:
    """What is written under a lease that was lost meanwhile is refused by the store."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(LEASE.total_seconds() / 3):
            try:
                if not store.take(sweep, lease, deps.clock()):
                    return
            except StoreError:  # the next turn may reach the store again; until then the lease runs on, or is lost
                continue

    keeper = threading.Thread(target=renew, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
        store.release(sweep, lease)
