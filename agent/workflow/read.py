"""Node: where documents and statements are read for quotes and concerns."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agent.deps import Deps
from agent.workflow.state import ReviewState


def read(state: ReviewState, runtime: Runtime[Deps]) -> ReviewState:
    """No reader is configured: nothing is quoted, and no concern is raised."""
    runtime.context.progress("read", "no reader is configured")
    return {}
