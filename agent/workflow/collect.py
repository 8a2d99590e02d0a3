"""Node: one branch for each type of request, from the locker where fresh, else from the source. A boundary."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
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

LOCAL = "local"  # the one branch of all types that cost nothing to ask
REUSE = timedelta(minutes=5)
AHEAD = timedelta(minutes=1)  # by which the clocks of two machines may differ


def collect(state: CollectInput, runtime: Runtime[Deps]) -> ReviewState:
    """Answer every question of one type with evidence or a gap, and keep it in the locker."""
    deps, by_type = runtime.context, dict[str, list[str]]()
    asks = frozen.asks(deps, state["plan"])
    for key in state["keys"]:
        by_type.setdefault(asks[key].type, []).append(key)
    found: dict[str, str] = {}
    for type_, keys in by_type.items():
        found |= _of_type(deps, {**state, "type": type_, "keys": keys})
    return {"answers": [{"key": key, "digest": digest} for key, digest in sorted(found.items())]}


def _of_type(deps: Deps, branch: CollectInput) -> dict[str, str]:
    """The digests of the answers to questions of one type, by key."""
    plan, asks = frozen.plan(deps, branch["plan"]), frozen.asks(deps, branch["plan"])
    wanted = {key: asks[key] for key in branch["keys"]}
    who = identity(deps.connections, branch["type"].split(".")[0])
    since = _since(deps, branch, plan, wanted) if who and not is_local(branch["type"]) else {}
    found: dict[str, str] = {}
    gaps = 0
    while left := {key: ask for key, ask in wanted.items() if key not in found}:
        shared = {key: since[key] for key in left if key in since and _is_asked(key, plan, branch)}
        with deps.flights.taking(who, shared, deps.clock()) as taken:
            own = {key: ask for key, ask in left.items() if key not in taken.others}
            held = _in_locker(deps, {key: since[key] for key in own if key in since}, who)
            answers = _answered(deps, branch, plan, {k: a for k, a in own.items() if k not in held})
            kept = deps.locker.keep_all(answers, who, branch["review"], deps.clock())
            taken.land(kept)
        joined = taken.joined()
        deps.meter.reuse(len(held) + len(joined))
        found |= held | kept | joined
        gaps += sum(isinstance(a, Gap) for a in answers.values())
    deps.progress(
        "collect", f"{branch['type']}: {len(found)} answered" + (f", {gaps} without evidence" if gaps else "")
    )
    return found


def from_locker(deps: Deps, state: ReviewState, digest: str) -> list[dict[str, str]]:
    """What the locker holds fresh enough of a plan's questions: they need no branch."""
    plan, asks = frozen.plan(deps, digest), frozen.asks(deps, digest)
    branch: CollectInput = {
        "review": state["review"], "plan": digest, "type": "", "keys": [], "only": state.get("only", []),
    }  # fmt: skip
    wanted = {key: ask for key, ask in asks.items() if not is_local(ask.type)}
    names = {vendor: identity(deps.connections, vendor) for vendor in {ask.vendor for ask in wanted.values()}}
    since = _since(deps, branch, plan, wanted)
    questions = {(key, names[ask.vendor]): since[key] for key, ask in wanted.items() if names[ask.vendor]}
    held = deps.locker.all_fresh(questions, deps.clock() + AHEAD)
    if held:
        deps.meter.reuse(len(held))
        deps.progress("collect", f"{len(held)} answers are at hand and fresh")
    return [{"key": key, "digest": one.digest} for key, one in sorted(held.items())]


def _answered(deps: Deps, branch: CollectInput, plan: Plan, asks: Mapping[str, Request]) -> dict[str, Answer]:
    answers = _ask(deps, {key: ask for key, ask in asks.items() if _is_asked(key, plan, branch)})
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
    hits = {key: deps.locker.fresh(key, who, earliest, deps.clock() + AHEAD) for key, earliest in since.items()}
    return {key: hit.digest for key, hit in hits.items() if hit}


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
