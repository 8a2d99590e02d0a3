"""Node: prose about fixed verdicts, by the writing model where there is one, else from templates."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agent import decide, resources
from agent.deps import Deps
from agent.drafting import template_prose, writer
from agent.drafting.prompts import Prompts
from agent.drafting.writer import Brief, Drafted
from agent.workflow import document, frozen
from agent.workflow.judge import Judged, case_of
from agent.workflow.judging import Case
from agent.workflow.state import ReviewState


def draft(state: ReviewState, runtime: Runtime[Deps]) -> ReviewState:
    """Have the assessment written; verdicts and values are not the writer's to choose."""
    deps = runtime.context
    judged = Judged.model_validate_json(deps.locker.get(state["judged"]))
    case, _ = case_of(deps, state)
    asks = {item.number: item.asks for item in case.gate.items}
    brief = Brief(case.gate.title, asks, case.scope.zone, Prompts(resources.folder("prompts")))
    drafted = _summed_up(writer.draft(brief, judged.items, deps.model), judged, case)
    deps.progress("draft", f"written by {drafted.by.writer}")
    return {"draft": frozen.keep(deps, drafted, "draft")}


def _summed_up(drafted: Drafted, judged: Judged, case: Case) -> Drafted:
    """Code's own summary stands first: what is proposed, who can unblock it, what could not be seen."""
    proposal = decide.proposal(judged.items, judged.checks, case.gate.policy)
    gaps = document.gap_rows(case.told, case.answers, case.digests)
    own = template_prose.summary(proposal, judged.items, judged.checks, gaps)
    return drafted.model_copy(update={"summary": (*own, *drafted.summary)})
