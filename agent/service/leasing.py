"""A lease is kept alive by a thread for as long as the work under it takes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from agent.errors import StoreError


@contextmanager
def renewed(take: Callable[[], bool], lease: timedelta, release: Callable[[], None]) -> Iterator[None]:
    """`take` again, three times in the time of a lease, until it is somebody else's; `release` at the end."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(lease.total_seconds() / 3):
            try:
                if not take():
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
        release()
