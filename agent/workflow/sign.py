"""Node: waits until the set of sign-offs is complete. Nothing else may stand in this node."""

from __future__ import annotations

from langgraph.types import interrupt

from agent.workflow.state import ReviewState, SignaturesComplete


def sign(state: ReviewState) -> ReviewState:
    """Wait for people; the answer is ours, given once their rows are complete."""
    complete = interrupt({"review": state["review"], "digest": state["digest"]}, response_schema=SignaturesComplete)
    return {"complete": complete.model_dump()}
