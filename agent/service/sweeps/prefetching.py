"""Asks every source once for all subjects, batch-first, into the locker. What comes back is digests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from itertools import islice

from agent.service import own_switch
from agent.service.orders import OrderedSweep
from agent.service.sweeps.common import Common
from agent.service.sweeps.planning import Asks
from agent.workflow.collect import Batch, gather, shares
from collectors.evidence import Request

AT_ONCE = 8  # types under way
MOST = 1000  # questions of one type in one call of its collector: what it holds in memory meanwhile
LOOK = 0.5  # seconds between two looks at how far it is


def prefetch(common: Common, asks: Asks, tell: Callable[[int], None]) -> dict[str, str]:
    """By question key, the digest of the evidence or gap. `tell` hears how many are answered."""
    found: dict[str, str] = {}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sweep") as pool:
        under_way: set[Future[dict[str, str]]] = {pool.submit(_gathered, common, one) for one in _batches(common, asks)}
        while under_way:
            done, under_way = wait(under_way, timeout=LOOK, return_when=FIRST_COMPLETED)
            for one in done:
                found |= one.result()
            tell(len(found))
    return found


def _gathered(common: Common, batch: Batch) -> dict[str, str]:
    own_switch.begin(common.deps, OrderedSweep(sweep=common.order))  # Queued: what is not asked yet is not asked
    return gather(common.deps, batch).digests


def _batches(common: Common, asks: Asks) -> Iterator[Batch]:
    """The largest first: they take longest."""
    now = common.deps.clock()
    for type_, whole in sorted(asks.by_type.items(), key=lambda pair: -len(pair[1])):
        shared = shares(common.deps, type_)
        for some in _parts(whole):
            since = {key: now - _within(common, asks, key) for key in some} if shared else {}
            yield Batch(type_, some, since, common.sweep.id)


def _within(common: Common, asks: Asks, key: str) -> timedelta:
    """For how long an answer counts here: so that it still does when the last review of the sweep is judged."""
    limit = asks.within[key]
    return limit - min(common.spare, limit / 2)


def _parts(asks: dict[str, Request]) -> Iterator[dict[str, Request]]:
    rows = iter(asks.items())
    while part := dict(islice(rows, MOST)):
        yield part
