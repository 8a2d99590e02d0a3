"""Node: the only one with effects. They stand apart: who finishes no review needs no graph."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agent.deps import Deps
from agent.workflow.publishing import publish_review
from agent.workflow.state import ReviewState


def report(state: ReviewState, runtime: Runtime[Deps]) -> ReviewState:
    """Write the bundle of a review whose set of sign-offs is complete. Safe to repeat."""
    return {"bundle": publish_review(runtime.context, state["review"])}
