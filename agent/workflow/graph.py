"""The review as a graph. Node names are frozen: a review that waits is found again by them."""

from __future__ import annotations

from functools import cache
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent.deps import Deps
from agent.workflow.branching import branches, first_branches
from agent.workflow.collect import collect
from agent.workflow.draft import draft
from agent.workflow.follow import follow
from agent.workflow.judge import judge
from agent.workflow.plan import plan
from agent.workflow.read import read
from agent.workflow.report import report
from agent.workflow.sign import sign
from agent.workflow.state import CollectInput, ReviewState
from agent.workflow.verify import verify

Graph = CompiledStateGraph[ReviewState, Deps, ReviewState, ReviewState]


def build(checkpointer: Any) -> Graph:
    """plan → collect → follow (→ collect) → judge → read → draft → verify → sign → report."""
    return _compiled().copy({"checkpointer": checkpointer})


@cache
def _compiled() -> Graph:
    """Compiling looks through the source of every node, which takes longer than some of them do."""
    graph = StateGraph(ReviewState, context_schema=Deps)
    graph.add_node("plan", plan)
    graph.add_node("collect", collect, input_schema=CollectInput)
    graph.add_node("follow", follow)
    graph.add_node("judge", judge)
    graph.add_node("read", read)
    graph.add_node("draft", draft)
    graph.add_node("verify", verify)
    graph.add_node("sign", sign)
    graph.add_node("report", report)
    graph.add_edge(START, "plan")
    graph.add_conditional_edges("plan", first_branches, ["collect", "follow"])
    graph.add_edge("collect", "follow")
    graph.add_conditional_edges("follow", branches, ["collect", "judge"])
    graph.add_edge("judge", "read")
    graph.add_edge("read", "draft")
    graph.add_edge("draft", "verify")
    graph.add_edge("verify", "sign")
    graph.add_edge("sign", "report")
    graph.add_edge("report", END)
    return graph.compile()
