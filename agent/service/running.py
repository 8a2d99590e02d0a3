"""Runs the graph of a review: to where it waits, and from there to its end. One process at a time, by a lease."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.deps import Deps
from agent.domain import GRAPH_VERSION, ReviewDocument
from agent.errors import Refused, WorkAway
from agent.holder import is_dead
from agent.service.leasing import renewed
from agent.store import checkpoints
from agent.store.database import stamp
from agent.store.reviews import LEASE, ReviewRow
from agent.workflow.recall import Recall
from collectors.connections import unknown

if TYPE_CHECKING:
    from agent.workflow.graph import Graph
    from agent.workflow.state import ReviewState


@contextmanager
def graph_of(deps: Deps) -> Iterator[Graph]:
    """The compiled graph over its checkpoints: that which is open already, else one of its own."""
    if deps.graph is not None:
        yield deps.graph
        return
    from agent.workflow.graph import build

    with checkpoints.opened(deps.engine, deps.settings.home) as saver:
        yield build(saver)


def config_of(review: str) -> dict[str, Any]:
    return {"configurable": {"thread_id": review}, "max_concurrency": 8}


def run(deps: Deps, review: str, start: ReviewState) -> tuple[str, ReviewDocument, list[str]]:
    """From the beginning, or from where a killed process left it, to where the review waits; gives the document to be
    signed, its digest in the locker first, and what there is to say of it.

    What was left counts only if its sources were asked as they would be asked now. Else it is begun once more: the
    locker gives what was seen as now, the rest is asked again.
    """
    from agent.workflow import frozen
    from agent.workflow.collect import asked_as

    _check_version(deps.reviews.get(review))
    with graph_of(deps) as graph:
        config, now = config_of(review), asked_as(deps)
        left = graph.get_state(config).values  # type: ignore[arg-type]
        if moved := _moved(review, left, now):
            graph.checkpointer.delete_thread(review)  # type: ignore[union-attr]
        begins = None if left and not moved else {**start, "asked_as": now}
        own = replace(deps, recall=Recall(), connections=deps.connections.of_a_run())
        try:
            graph.invoke(begins, config, context=own, durability="sync")  # type: ignore[call-overload]
            values: dict[str, Any] = graph.get_state(config).values  # type: ignore[arg-type]
            shown = frozen.of(own, values["document"], ReviewDocument)
        finally:
            own.recall.forget()
        graph.checkpointer.prune([review])  # type: ignore[union-attr]  # what waits needs only where it stands
    return values["document"], shown, [moved] if moved else []


def _moved(review: str, left: dict[str, Any], now: dict[str, str]) -> str:
    """Why nothing that was left counts: sources were asked by another, or as another; "" where they were not."""
    if not left:
        return ""
    if "asked_as" not in left:
        return f"{review} was begun by an earlier build, which did not keep as whom it asked; it is begun once more"
    then: dict[str, str] = left["asked_as"]
    moved = sorted(vendor for vendor in now if then.get(vendor, "") != now[vendor])
    blind = [vendor for vendor in moved if vendor in {*unknown(then), *unknown(now)}]
    why = [f"with other access to {', '.join(other)}"] if (other := [one for one in moved if one not in blind]) else []
    why += [unknown_access(blind)] if blind else []
    return f"{review} was begun {', and '.join(why)}; what was seen there is asked again" if why else ""


def unknown_access(vendors: Sequence[str]) -> str:
    """Why nothing can be shared of what is asked as nobody knows whom."""
    return (
        f"as somebody at {', '.join(vendors)} whom nobody can tell from others (the AWS profile's credentials cannot "
        "be read here; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in its place could be)"
    )


def resume(deps: Deps, row: ReviewRow, decision: str) -> None:
    """Let a review whose sign-offs are complete go on to its report; finishes what a killed process began."""
    from agent.workflow.publishing import publish_review

    _check_version(row)
    try:
        done = _gone_on(deps, row, decision)
    except WorkAway as error:  # nothing that was shown or signed is in there
        logging.getLogger("clearance").warning("%s: the report is written without its checkpoints: %s", row.id, error)
        done = False
    if not done:
        publish_review(deps, row.id)


def _gone_on(deps: Deps, row: ReviewRow, decision: str) -> bool:
    """False where the graph is done or its checkpoints are lost: the report needs only what the locker holds."""
    from langgraph.types import Command

    with graph_of(deps) as graph:
        config = config_of(row.id)
        snapshot = graph.get_state(config)  # type: ignore[arg-type]
        if snapshot.interrupts:
            answer = {snapshot.interrupts[0].id: {"digest": row.digest, "decision": decision}}
            graph.invoke(Command(resume=answer), config, context=deps, durability="sync")  # type: ignore[call-overload]
        elif snapshot.next:
            graph.invoke(None, config, context=deps, durability="sync")  # type: ignore[call-overload]
        else:
            return False
    return True


def _check_version(row: ReviewRow) -> None:
    if row.graph_version != GRAPH_VERSION:
        raise Refused(
            f"{row.id} was begun by another version of the workflow ({row.graph_version}); "
            f"start afresh: clearance assess {row.subject} --gate {row.gate} --new"
        )


def new_lease(deps: Deps) -> str:
    """The holder of one piece of work: two threads that share their dependencies must not share a lease."""
    return f"{deps.holder}:{secrets.token_hex(4)}"


def take(deps: Deps, row: ReviewRow, when: str = "") -> str | None:
    """Take the lease on a review, or None; a holder of this machine that was killed gives way at once.

    `when`: only while the review is in that state.
    """
    gone = row.lease_holder if row.lease_holder and is_dead(row.lease_holder) else ""
    lease = new_lease(deps)
    return lease if deps.reviews.take(row.id, lease, deps.clock(), dead=gone, when=when) else None


def is_worked_on(deps: Deps, row: ReviewRow) -> bool:
    """Does somebody hold a lease on it that has not lapsed, and whose process is not seen to be gone?"""
    return bool(row.lease_holder) and row.lease_until >= stamp(deps.clock()) and not is_dead(row.lease_holder)


@contextmanager
def held(deps: Deps, review: str, lease: str) -> Iterator[Deps]:
    """Keep a lease that was taken alive for as long as the work takes, then let it go.

    What is yielded works under that lease: once it is somebody else's, the store takes no effects from it any more.
    """

    def take() -> bool:
        return bool(deps.reviews.take(review, lease, deps.clock()))

    with renewed(take, LEASE, lambda: deps.reviews.release(review, lease)):
        yield replace(deps, lease=lease)
