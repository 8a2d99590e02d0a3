"""Node: one branch for each type of request, from the locker where fresh, else from the source. A boundary."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from langgraph.runtime import Runtime

from agent import periods
from agent.deps import Deps
from agent.workflow import frozen
from agent.workflow.planning import Plan
from agent.workflow.sealing import unsound
from agent.workflow.state import CollectInput, ReviewState
from collectors.connections import identity
from collectors.errors import Malformed, NotConfigured
from collectors.evidence import Answer, Gap, Request, Source
from collectors.registry import REQUESTS

REUSE = timedelta(minutes=5)
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
    found: dict[str, str] = {}
    gaps = reused = 0
    while left := {key: ask for key, ask in batch.asks.items() if key not in found}:
        shared = {key: batch.since[key] for key in left if key in batch.since and key not in batch.unasked}
        with deps.flights.taking(who, shared, deps.clock()) as taken:
            own = {key: ask for key, ask in left.items() if key not in taken.others}
            held = _in_locker(deps, {key: batch.since[key] for key in own if key in batch.since}, who)
            answers = _answered(deps, batch, {k: a for k, a in own.items() if k not in held})
            kept = deps.locker.keep_many(who, answers, batch.owner, deps.clock())
            taken.land(kept)
        joined = taken.joined()
        reused += len(held) + len(joined)
        found |= held | kept | joined
        gaps += sum(isinstance(answer, Gap) for answer in answers.values())
    deps.meter.reuse(reused)
    return Gathered(found, gaps, reused)


def _who(deps: Deps, type_: str) -> str:
    return identity(deps.connections, type_.split(".")[0])


def _answered(deps: Deps, batch: Batch, asks: Mapping[str, Request]) -> dict[str, Answer]:
    answers = _ask(deps, {key: ask for key, ask in asks.items() if key not in batch.unasked})
    return answers | {key: _not_asked(deps, ask) for key, ask in asks.items() if key not in answers}


def _since(deps: Deps, branch: CollectInput, plan: Plan, wanted: Mapping[str, Request]) -> dict[str, datetime]:
    """By key, the instant from which on an earlier answer still counts."""
    now, row = deps.clock(), deps.reviews.get(branch["review"])
    refetch = _behind_unmet(deps, row.supersedes)
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


def is_local(type_: str) -> bool:
    """Our own files and statements: asking costs nothing, and somebody may just have written one."""
    return type_.split(".")[0] in ("attestation", "documents", "clearance")


def _is_asked(key: str, plan: Plan, branch: CollectInput) -> bool:
    """With --only, the sources are asked for what those items need; the other items get what is fresh enough."""
    if not branch["only"] or is_local(branch["type"]):
        return True
    return any(row.item in branch["only"] for row in plan.bound if row.key == key)


def _behind_unmet(deps: Deps, earlier: str) -> set[str]:
    """Questions that stood behind an item that was not met in the review this one supersedes: always asked again."""
    document = deps.reviews.get(earlier).document if earlier else ""
    return deps.recall.once(("unmet", document), lambda: _unmet(deps, document)) if document else set()


def _unmet(deps: Deps, document: str) -> set[str]:
    data = json.loads(deps.locker.get(document))
    unmet = {item["number"] for item in data["items"] if item["verdict"] not in ("met", "pending")}
    rows = json.loads(deps.locker.get(data["collected"]))["rows"]
    return {row["key"] for row in rows if row["item"] in unmet}


def _ask(deps: Deps, asks: Mapping[str, Request]) -> dict[str, Answer]:
    if not asks:
        return {}
    type_ = next(iter(asks.values())).type
    try:
        answers = REQUESTS[type_].collector()(deps.connections, list(asks.values()))
        if len(answers) != len(asks):
            raise ValueError(f"{type_} answered {len(answers)} of {len(asks)} questions")
        return {key: unsound(answer, asks[key]) or answer for key, answer in zip(asks, answers, strict=True)}
    except Exception as error:  # noqa: BLE001 - a crash of ours is a gap of its own, and costs no other branch anything
        return {key: _crashed(deps, ask, error) for key, ask in asks.items()}


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
