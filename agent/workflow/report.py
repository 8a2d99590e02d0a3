"""Node: the only one with effects. They stand apart: who finishes no review needs no graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.deps import Deps
from agent.workflow.state import ReviewState

if TYPE_CHECKING:
    from langgraph.runtime import Runtime


def report(state: ReviewState, runtime: Runtime[Deps]) -> ReviewState:
    """Write the bundle of a review whose set of sign-offs is complete. Safe to repeat."""
    from agent.workflow.publishing import publish_review  # few runs get so far, and it brings every format

    return {"bundle": publish_review(runtime.context, state["review"])}
