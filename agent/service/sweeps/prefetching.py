"""Asks every source once for all subjects, batch-first, into the locker. What comes back is digests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, islice
from typing import TypeVar

from pydantic import JsonValue

from agent.deps import Deps
from agent.service import own_switch
from agent.service.orders import OrderedSweep
from agent.service.sweeps.planning import Asks, request
from agent.service.sweeps.shared import Common
from agent.workflow.collect import Batch, gather, shares
from collectors.registry import EACH_ALONE

AT_ONCE = 10  # errands under way: all that take calls for each question, and some more that come and go
MOST = 1000  # questions of one type in one call of its collector: what it holds in memory meanwhile
SUBJECTS = 100  # whose statements are read once for all questions about them
LOOK = 0.5  # seconds between two looks at how far it is
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Errand:
    """Questions that are answered one type after the other: by type and key, their parameters."""

    deps: Deps
    asks: Mapping[str, Mapping[str, bytes]]


def prefetch(common: Common, asks: Asks, tell: Callable[[int], None]) -> dict[str, str]:
    """By question key, the digest of the evidence or gap. `tell` hears how many are answered."""
    found: dict[str, str] = {}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sweep") as pool:
        under_way: set[Future[dict[str, str]]] = {
            pool.submit(_done, common, asks, one) for one in _errands(common, asks)
        }
        while under_way:
            done, under_way = wait(under_way, timeout=LOOK, return_when=FIRST_COMPLETED)
            for one in done:
                found |= one.result()
            tell(len(found))
    return found


def _done(common: Common, asks: Asks, errand: Errand) -> dict[str, str]:
    found: dict[str, str] = {}
    for type_, params in errand.asks.items():
        own_switch.begin(common.deps, OrderedSweep(sweep=common.order))  # Queued: what is not asked yet is not asked
        found |= gather(errand.deps, _batch(common, asks, type_, params)).digests
    return found


def _batch(common: Common, asks: Asks, type_: str, params: Mapping[str, bytes]) -> Batch:
    now = common.deps.clock()
    since = {key: now - _within(common, asks, key) for key in params} if shares(common.deps, type_) else {}
    return Batch(type_, {key: request(type_, one) for key, one in params.items()}, since, common.sweep.id)


def _errands(common: Common, asks: Asks) -> Iterator[Errand]:
    """People's statements last, which no vendor is waited for with."""
    stated = {type_: whole for type_, whole in asks.by_type.items() if type_.startswith("attestation.")}
    asked = {type_: whole for type_, whole in asks.by_type.items() if type_ not in stated}
    for type_ in longest_first({type_: len(whole) for type_, whole in asked.items()}):
        for some in _parts(asked[type_]):
            yield Errand(common.deps, {type_: some})
    for few in _by_subject(stated):
        yield Errand(_reading_once(common.deps), few)


def longest_first(counts: Mapping[str, int]) -> list[str]:
    """Types by how long they take: those whose questions each take calls of their own, then by how many are asked."""
    return sorted(counts, key=lambda type_: (type_ not in EACH_ALONE, -counts[type_]))


def _by_subject(stated: Mapping[str, Mapping[str, bytes]]) -> Iterator[dict[str, dict[str, bytes]]]:
    """The same questions, of some subjects at a time."""
    whose: dict[JsonValue, list[tuple[str, str, bytes]]] = {}
    for type_, whole in stated.items():
        for key, params in whole.items():
            whose.setdefault(json.loads(params)["subject"], []).append((type_, key, params))
    for some in _parts(whose, SUBJECTS):
        found: dict[str, dict[str, bytes]] = {}
        for type_, key, params in chain.from_iterable(some.values()):
            found.setdefault(type_, {})[key] = params
        yield found


def _reading_once(deps: Deps) -> Deps:
    """Statements are read, and their signatures checked, once for all questions of an errand."""
    return replace(deps, connections=deps.connections.of_a_run())


def _within(common: Common, asks: Asks, key: str) -> timedelta:
    """For how long an answer counts here: so that it still does when the last review of the sweep is judged."""
    limit = asks.within[key]
    return limit - min(common.spare, limit / 2)


def _parts(asks: Mapping[K, V], most: int = MOST) -> Iterator[dict[K, V]]:
    rows = iter(asks.items())
    while part := dict(islice(rows, most)):
        yield part
