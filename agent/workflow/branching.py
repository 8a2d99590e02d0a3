"""Where the graph goes on from plan and from follow. LangGraph resolves the types of these, so its own are imported."""

from __future__ import annotations

from langgraph.runtime import Runtime
from langgraph.types import Send

from agent.deps import Deps
from agent.workflow import frozen
from agent.workflow.state import CollectInput, ReviewState


def first_branches(state: ReviewState, runtime: Runtime[Deps]) -> list[Send] | str:
    """One branch for each type of request."""
    return _branches_over(state, runtime.context, state["plan"]) or "follow"


def branches(state: ReviewState, runtime: Runtime[Deps]) -> list[Send] | str:
    """The follow-up questions that are still without an answer, or on to judging."""
    return _branches_over(state, runtime.context, state["followed"]) or "judge"


def _branches_over(state: ReviewState, deps: Deps, digest: str) -> list[Send]:
    by_type: dict[str, list[str]] = {}
    answered = frozen.answered(deps, state)
    for key, row in frozen.plan(deps, digest).asked().items():
        if key not in answered:
            by_type.setdefault(row.type, []).append(key)
    sends = []
    for type_, keys in sorted(by_type.items()):
        branch: CollectInput = {
            "review": state["review"], "plan": digest, "type": type_, "keys": keys, "only": state.get("only", []),
        }  # fmt: skip
        sends.append(Send("collect", branch))
    return sends
