"""Runs the graph of a review: to where it waits, and from there to its end. One process at a time, by a lease."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.deps import Deps
from agent.domain import GRAPH_VERSION
from agent.errors import Refused, StoreError
from agent.holder import is_dead
from agent.store import checkpoints
from agent.store.reviews import LEASE, ReviewRow
from agent.workflow.recall import Recall

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


def run(deps: Deps, review: str, start: ReviewState) -> dict[str, Any]:
    """From the beginning, or from where a killed process left it, to where the review waits; gives the state there."""
    _check_version(deps.reviews.get(review))
    with graph_of(deps) as graph:
        config = config_of(review)
        snapshot = graph.get_state(config)  # type: ignore[arg-type]
        begun = bool(snapshot.values)
        own = replace(deps, recall=Recall())
        graph.invoke(None if begun else start, config, context=own, durability="sync")  # type: ignore[call-overload]
        values: dict[str, Any] = graph.get_state(config).values  # type: ignore[arg-type]
        graph.checkpointer.prune([review])  # type: ignore[union-attr]  # what waits needs only where it stands
    return values


def resume(deps: Deps, row: ReviewRow, decision: str) -> None:
    """Let a review whose sign-offs are complete go on to its report; finishes what a killed process began."""
    from langgraph.types import Command

    _check_version(row)
    with graph_of(deps) as graph:
        config = config_of(row.id)
        snapshot = graph.get_state(config)  # type: ignore[arg-type]
        if snapshot.interrupts:
            answer = {snapshot.interrupts[0].id: {"digest": row.digest, "decision": decision}}
            graph.invoke(Command(resume=answer), config, context=deps, durability="sync")  # type: ignore[call-overload]
        elif snapshot.next:
            graph.invoke(None, config, context=deps, durability="sync")  # type: ignore[call-overload]
        else:  # the graph is done or its checkpoints are lost; the report needs only what the locker holds
            from agent.workflow.publishing import publish_review

            publish_review(deps, row.id)


def _check_version(row: ReviewRow) -> None:
    if row.graph_version != GRAPH_VERSION:
        raise Refused(
            f"{row.id} was begun by another version of the workflow ({row.graph_version}); "
            f"start afresh: clearance assess {row.subject} --gate {row.gate} --new"
        )


def new_lease(deps: Deps) -> str:
    """The holder of one piece of work: two threads that share their dependencies must not share a lease."""
    return f"{deps.holder}:{secrets.token_hex(4)}"


def take(deps: Deps, row: ReviewRow) -> str | None:
    """Take the lease on a review, or None; a holder of this machine that was killed gives way at once."""
    gone = row.lease_holder if row.lease_holder and is_dead(row.lease_holder) else ""
    lease = new_lease(deps)
    return lease if deps.reviews.take(row.id, lease, deps.clock(), dead=gone) else None


@contextmanager
def held(deps: Deps, review: str, lease: str) -> Iterator[Deps]:
    """Keep a lease that was taken alive for as long as the work takes, then let it go.

    What is yielded works under that lease: once it is somebody else's, the store takes no effects from it any more.
    """
    done = threading.Event()

    def renew() -> None:
        while not done.wait(LEASE.total_seconds() / 3):
            try:
                if not deps.reviews.take(review, lease, deps.clock()):
                    return
            except StoreError:  # the next turn may reach the store again; until then the lease runs on, or is lost
                continue

    keeper = threading.Thread(target=renew, daemon=True)
    keeper.start()
    try:
        yield replace(deps, lease=lease)
    finally:
        done.set()
        keeper.join()
        deps.reviews.release(review, lease)
