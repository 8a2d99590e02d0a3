"""Node: one branch for each type of request, from the locker where fresh, else from the source. A boundary."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from agent import periods
from agent.deps import Deps
from agent.errors import StoreError
from agent.store.locker import Sealed, seal
from agent.workflow import frozen
from agent.workflow.planning import Plan
from agent.workflow.sealing import sealed
from agent.workflow.state import CollectInput, ReviewState
from collectors.connections import identities, identity
from collectors.errors import Malformed, NotConfigured
from collectors.evidence import Answer, Gap, GapReason, Request, Source
from collectors.registry import REQUESTS

if TYPE_CHECKING:
    from langgraph.runtime import Runtime

REUSE = timedelta(minutes=5)
PORTION = 50  # answers that are kept together: each is sealed when it is made, and so many wait in memory
AHEAD = timedelta(minutes=1)  # by which the clocks of two machines may differ


@dataclass(frozen=True)
class Batch:
    """Questions of one type, by key. `since`: the instant from which on an earlier answer still counts; without one,
    none does. `unasked` are looked for in the locker alone. `owner`: the review or sweep that answers are kept for.
    """

    type: str
    asks: Mapping[str, Request]
    since: Mapping[str, datetime]
    owner: str
    unasked: Collection[str] = ()


@dataclass(frozen=True)
class Gathered:
    """Digests of evidence and gaps by key; how many of them are gaps that were met now, and how many were there."""

    digests: dict[str, str]
    gaps: int
    reused: int


def collect(state: CollectInput, runtime: Runtime[Deps]) -> ReviewState:
    """Answer every question of one type with evidence or a gap, and keep it in the locker."""
    deps, branch = runtime.context, state
    plan = frozen.plan(deps, branch["plan"])
    asks = frozen.asks(deps, branch["plan"])
    wanted = {key: asks[key] for key in branch["keys"]}
    unasked = {key for key in wanted if not _is_asked(key, plan, branch)}
    since = _since(deps, branch, plan, wanted) if shares(deps, branch["type"]) else {}
    found = gather(deps, Batch(branch["type"], wanted, since, branch["review"], unasked))
    told = f", {found.gaps} without evidence" if found.gaps else ""
    deps.progress("collect", f"{branch['type']}: {len(found.digests)} answered{told}")
    return {"answers": [{"key": key, "digest": digest} for key, digest in sorted(found.digests.items())]}


def shares(deps: Deps, type_: str) -> bool:
    """May an answer serve more than one review? One to somebody that we know, and none of our own files."""
    return bool(_who(deps, type_)) and not is_local(type_)


def gather(deps: Deps, batch: Batch) -> Gathered:
    """Every question of a batch answered: from the locker, from who is asking it already, else by its source."""
    who = _who(deps, batch.type)
    found, vain = dict[str, str](), set[str]()  # who joined in vain asks for himself: nobody waits for a source twice
    gaps = reused = 0
    while left := {key: ask for key, ask in batch.asks.items() if key not in found}:
        shared = {key: batch.since[key] for key in left.keys() & batch.since.keys() - vain - set(batch.unasked)}
        with deps.flights.taking(who, shared, deps.clock()) as taken:
            own = {key: ask for key, ask in left.items() if key not in taken.others}
            held = _in_locker(deps, {key: batch.since[key] for key in own if key in batch.since}, who)
            kept = dict[str, str]()
            for some in _answered(deps, batch, {k: a for k, a in own.items() if k not in held}):
                now = deps.locker.keep_many(who, some, batch.owner, deps.clock())
                taken.land(now)
                kept |= now
                gaps += sum(answer.kind == "gap" for answer in some.values())
        landed = taken.joined()
        joined = _joined(deps, {key: batch.since[key] for key in landed}, landed, who)
        vain |= landed.keys() - joined.keys()
        reused += len(held) + len(joined)
        found |= held | kept | joined
    deps.meter.reuse(reused)
    return Gathered(found, gaps, reused)


def _who(deps: Deps, type_: str) -> str:
    return identity(deps.connections, type_.split(".")[0])


def asked_as(deps: Deps) -> dict[str, str]:
    """By vendor, who would be asked now and as whom; our own files are nobody's."""
    vendors = {type_.split(".")[0] for type_ in REQUESTS if not is_local(type_)}
    return identities(deps.connections, vendors)


def _answered(deps: Deps, batch: Batch, asks: Mapping[str, Request]) -> Iterator[dict[str, Sealed]]:
    """Some of them at a time, each question once."""
    yield from _ask(deps, {key: ask for key, ask in asks.items() if key not in batch.unasked})
    if left := {key: seal(_not_asked(deps, ask)) for key, ask in asks.items() if key in batch.unasked}:
        yield left


def _since(deps: Deps, branch: CollectInput, plan: Plan, wanted: Mapping[str, Request]) -> dict[str, datetime]:
    """By key, the instant from which on an earlier answer still counts."""
    now, row = deps.clock(), deps.reviews.get(branch["review"])
    refetch = behind_unmet(deps, row.supersedes, wanted)
    found = {}
    for key in wanted:
        found[key] = row.started_at
        if not _is_asked(key, plan, branch):
            limits = [periods.length(b.fetched_within) for b in plan.bound if b.key == key]
            found[key] = now - min(limits)
        elif not branch["only"] and key not in refetch:
            found[key] = min(row.started_at, now - REUSE, row.started_at if row.rehearsal else row.as_of)
    return found


def _in_locker(deps: Deps, since: Mapping[str, datetime], who: str) -> dict[str, str]:
    return deps.locker.fresh_many(since, who, deps.clock() + AHEAD)


def _joined(deps: Deps, since: Mapping[str, datetime], landed: Mapping[str, str], who: str) -> dict[str, str]:
    """What counts of answers that another's flight brought: it may rest on calls that were made before it began."""
    held = _in_locker(deps, since, who)
    met = {key: digest for key, digest in landed.items() if key not in held}
    answers = deps.locker.all_answers(met.values())
    return held | {key: digest for key, digest in met.items() if _is_met(answers[digest], since[key])}


def _is_met(answer: Answer, since: datetime) -> bool:
    """A gap of now blocks whatever it rests on, and who waits for a source that is down waits once. Not a blind one:
    it may be stood in for, so each looks for himself.
    """
    return isinstance(answer, Gap) and answer.at >= since and answer.reason is not GapReason.BLIND


def is_local(type_: str) -> bool:
    """Our own files and statements: asking costs nothing, and somebody may just have written one."""
    return type_.split(".")[0] in ("attestation", "documents", "clearance")


def _is_asked(key: str, plan: Plan, branch: CollectInput) -> bool:
    """With --only, the sources are asked for what those items need; the other items get what is fresh enough."""
    if not branch["only"] or is_local(branch["type"]):
        return True
    return any(row.item in branch["only"] for row in plan.bound if row.key == key)


def behind_unmet(deps: Deps, earlier: str, wanted: Collection[str]) -> Collection[str]:
    """Questions that stood behind an item that was not met in the review this one supersedes: always asked again.

    All of them, where the store cannot show any more what was met.
    """
    document = deps.reviews.get(earlier).document if earlier else ""
    try:
        return deps.recall.once(("unmet", document), lambda: _unmet(deps, document)) if document else set()
    except StoreError:
        return wanted


def _unmet(deps: Deps, document: str) -> set[str]:
    data = json.loads(deps.locker.get(document))
    unmet = {item["number"] for item in data["items"] if item["verdict"] not in ("met", "pending")}
    rows = json.loads(deps.locker.get(data["collected"]))["rows"]
    return {row["key"] for row in rows if row["item"] in unmet}


def _ask(deps: Deps, asks: Mapping[str, Request]) -> Iterator[dict[str, Sealed]]:
    """The answers of one collector, sealed as it makes them and given by portions: nothing raw is here as a whole.

    Nothing of a portion counts in which it crashed, or after which it had answers left.
    """
    left, some = dict(asks), dict[str, Sealed]()
    try:
        for key, one in _made(deps, asks):
            some[key] = one
            if len(some) == PORTION < len(left):  # the last one waits until it is known that nothing comes after it
                yield _taken(some, left)
    except Exception as error:  # noqa: BLE001 - a crash of ours is a gap of its own, and costs no other branch anything
        some = {key: seal(_crashed(deps, ask, error)) for key, ask in left.items()}
    if some:
        yield some


def _taken(some: dict[str, Sealed], left: dict[str, Request]) -> dict[str, Sealed]:
    """A portion that is complete: nothing of it is left."""
    portion = dict(some)
    some.clear()
    for key in portion:
        del left[key]
    return portion


def _made(deps: Deps, asks: Mapping[str, Request]) -> Iterator[tuple[str, Sealed]]:
    """Each answer sealed as it is made. ValueError where they are fewer or more than the questions."""
    if not asks:
        return
    type_ = next(iter(asks.values())).type
    conn = replace(deps.connections, one_by_one=True)
    with _ended(REQUESTS[type_].collector()(conn, list(asks.values()))) as answers:
        for count, (key, ask) in enumerate(asks.items()):
            answer = next(answers, None)
            if answer is None:
                raise ValueError(f"{type_} answered {count} of {len(asks)} questions")
            one = sealed(answer, ask)
            del answer  # what is sealed is not held twice
            yield key, one
        if next(answers, None) is not None:
            raise ValueError(f"{type_} gave more answers than the {len(asks)} questions it was asked")


@contextmanager
def _ended(answers: Iterable[Answer]) -> Iterator[Iterator[Answer]]:
    """Whoever makes them as they are taken stops when no more are taken."""
    taking = iter(answers)
    try:
        yield taking
    finally:
        if isinstance(taking, Generator):
            taking.close()


def _crashed(deps: Deps, ask: Request, error: Exception) -> Gap:
    incident = uuid4().hex[:8]
    logging.getLogger("clearance").error("incident %s: %s crashed", incident, ask.type, exc_info=error)
    what = f"{ask.type}: Clearance could not read the answer ({type(error).__name__}, incident {incident})"
    advice = "Look for the incident in the log and report it; check the item again after the fix."
    gap = Malformed(what, advice=advice).gap(ask, Source(vendor=ask.vendor, base_url=""), deps.clock())
    return gap.model_copy(update={"incident": incident})


def _not_asked(deps: Deps, ask: Request) -> Gap:
    failure = NotConfigured(
        f"{ask.type} was not asked again in this run and no earlier answer is fresh enough",
        advice="Assess without --only, or name this item in it.",
    )
    return failure.gap(ask, Source(vendor=ask.vendor, base_url=""), deps.clock())
