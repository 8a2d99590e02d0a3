"""Node: where documents and statements are read for quotes and concerns."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agent import resources
from agent.deps import Deps
from agent.drafting import reader
from agent.drafting.prompts import Prompts
from agent.workflow import frozen, read_sources
from agent.workflow.judge import Judged, case_of
from agent.workflow.state import ReviewState


def read(state: ReviewState, runtime: Runtime[Deps]) -> ReviewState:
    """Have documents and statements read; nothing that comes of it fills a slot or moves a verdict."""
    deps = runtime.context
    judged = Judged.model_validate_json(deps.locker.get(state["judged"]))
    case, _ = case_of(deps, state)
    sources = read_sources.sources(case)
    findings = read_sources.findings(judged.items, sources, case.scope.zone)
    desk = reader.Desk(sources, findings, Prompts(resources.folder("prompts")))
    found = reader.read(desk, deps.reader)
    reading = found.reading.model_copy(update={"instructions": read_sources.instructions(case)})
    deps.progress("read", reading.why_none or f"{len(reading.quotes)} quotes, {len(found.concerns)} concerns")
    return {"read": frozen.keep(deps, found.model_copy(update={"reading": reading}), "read")}
