"""May a review that is under way, or was left so, stand for one that is asked for now?"""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta

from agent.deps import Deps
from agent.service.running import config_of, graph_of, is_worked_on, unknown_access
from agent.store import log
from agent.store.reviews import ReviewRow
from agent.workflow import frozen
from agent.workflow.collect import AHEAD, REUSE, behind_unmet, is_local
from agent.workflow.state import ReviewState
from collectors.connections import unknown
from collectors.evidence import Answer, Gap

YOUNG = timedelta(minutes=15)  # how long after its start a killed review is still worth going on with
LOOK = 0.1  # seconds between looks at a review that another process runs
SHOWN = ("signing", "complete", "reported")  # states in which what a review shows still stands
SAME = ("gate", "card", "people", "only", "graph_version")


def may_join(deps: Deps, row: ReviewRow, state: ReviewState, *, by_hand: bool) -> bool:
    """Only a young one that asks just what is asked now, of the same and as the same.

    `by_hand`: one of a sweep, whose answers may be hours old, only where all of them are of now. A sweep joins
    another's over the same answers; what is assessed by hand is younger than that.
    """
    begun = started_state(deps, row.id)
    if not is_worked_on(deps, row):
        return may_take_over(deps, row, state)
    if not _is_alike(deps, row, begun, state) or not _is_asked_alike(begun, state):
        return False
    return _is_of_now(deps, row, begun) if by_hand else _may_serve_a_sweep(deps, begun, state)


def is_result(deps: Deps, row: ReviewRow, state: ReviewState) -> bool:
    """May what was joined stand for what is asked, now that it has ended? Another may have ended it, who sees more."""
    if row.state not in SHOWN:
        return False
    with graph_of(deps) as graph:
        left = graph.get_state(config_of(row.id)).values  # type: ignore[arg-type]
    return left.get("asked_as") == state["asked_as"]


def may_take_over(deps: Deps, row: ReviewRow, state: ReviewState) -> bool:
    """May what a process left that is gone be gone on with?"""
    begun = started_state(deps, row.id)
    return _is_alike(deps, row, begun, state) and _brought_the_same(deps, begun, state)


def is_worth_waiting(deps: Deps, row: ReviewRow, state: ReviewState) -> bool:
    """Would it be joined, if it were not for whom it asked, or when? Then it is nothing to be left behind."""
    return is_worked_on(deps, row) and _is_alike(deps, row, started_state(deps, row.id), state)


def waited(deps: Deps, row: ReviewRow, state: ReviewState) -> str:
    """Until nobody works on it any more; what there is to say of it."""
    brought = frozen.answered(deps, started_state(deps, row.id))
    why = "with answers of a sweep" if brought else other_access(state)
    deps.progress("join", f"{row.id} is being assessed by {row.lease_holder}, {why}; waiting for its end")
    while row.state == "running" and is_worked_on(deps, row):
        time.sleep(LOOK)
        row = deps.reviews.get(row.id)
    return f"{row.id} was being assessed already, {why}; after it this one was made anew"


def other_access(state: ReviewState) -> str:
    """As whom another review was asked, where that is not as now; where nobody can tell, that."""
    blind = unknown(state["asked_as"])
    return unknown_access(blind) if blind else "with other access to the sources"


def taken_over(deps: Deps, row: ReviewRow, state: ReviewState) -> ReviewState:
    """What a review begins with whose process is gone: what it was over, and no answers but those of now."""
    begun = started_state(deps, row.id)
    same = begun["as_of"] == state["as_of"]
    return {**begun, "answers": state["answers"] if same else [], "known": state.get("known", "") if same else ""}


def started_state(deps: Deps, review: str) -> ReviewState:
    """The state that a review began with, from its log."""
    first = log.entries(deps.engine, review)[0]
    state: ReviewState = json.loads(first.body)["state"]
    return state


def _is_alike(deps: Deps, row: ReviewRow, begun: ReviewState, state: ReviewState) -> bool:
    young = deps.clock() - row.started_at < YOUNG
    return young and all(begun.get(key) == state.get(key) for key in SAME)


def _is_asked_alike(begun: ReviewState, state: ReviewState) -> bool:
    return begun.get("asked_as") == state["asked_as"]


def _is_of_now(deps: Deps, row: ReviewRow, begun: ReviewState) -> bool:
    """What a review began with is what `assess` itself would take from the locker: new, and behind nothing unmet."""
    brought = frozen.answered(deps, begun)
    if not brought:
        return True
    now = deps.clock()
    if now - row.as_of > YOUNG:
        return False
    again = behind_unmet(deps, row.supersedes, brought)
    held = deps.locker.all_answers(set(brought.values()))
    if any(key in again and not is_local(held[digest].request_type) for key, digest in brought.items()):
        return False
    return all(now - REUSE <= seen_at(one) <= now + AHEAD for one in held.values())


def seen_at(answer: Answer) -> datetime:
    """As of when it holds, or when it was met that nothing could be seen."""
    return answer.at if isinstance(answer, Gap) else answer.collected_at


def _may_serve_a_sweep(deps: Deps, begun: ReviewState, state: ReviewState) -> bool:
    return not frozen.answered(deps, begun) or _brought_the_same(deps, begun, state)


def _brought_the_same(deps: Deps, begun: ReviewState, state: ReviewState) -> bool:
    """The answers that a sweep began it with are those of now: they may be of another hour, or of a credential that is
    gone. Our own files are read anew each time, and count as one.
    """
    then, now = (frozen.answered(deps, each) for each in (begun, state))
    moved = {digest for key in then.keys() & now.keys() if then[key] != now[key] for digest in (then[key], now[key])}
    return then.keys() == now.keys() and all(
        is_local(answer.request_type) for answer in deps.locker.all_answers(moved).values()
    )
