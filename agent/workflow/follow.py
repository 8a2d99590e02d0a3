"""Node: questions that could be put only once others were answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.deps import Deps
from agent.gates import FollowSpec, Gate
from agent.probes.all import MOMENTS
from agent.workflow import frozen, planning
from agent.workflow.binding import Scope
from agent.workflow.plan import settle_missing
from agent.workflow.planning import Bound
from agent.workflow.state import ReviewState
from collectors.evidence import Evidence

if TYPE_CHECKING:
    from langgraph.runtime import Runtime


def follow(state: ReviewState, runtime: Runtime[Deps]) -> ReviewState:
    """Bind what waited for an instant in another answer; joins the branches before and after."""
    if state.get("followed"):
        return {}
    deps = runtime.context
    gate, scope, now = frozen.gate(deps, state), frozen.scope(deps, state), frozen.collected(deps, state)
    later = [row for row in now.rows if row.state == "later"]
    if later:
        frozen.answers(deps, set(now.answers.values()))  # all are judged by next: read together
    bound = tuple(bind(deps, gate, scope, now, row) for row in later)
    rows, answers = settle_missing(deps, state, bound)
    deps.progress("follow", f"{len(rows)} questions followed from answers")
    return {"followed": frozen.keep(deps, planning.Plan(as_of=scope.as_of, bound=rows), "plan"), "answers": answers}


def bind(deps: Deps, gate: Gate, scope: Scope, now: frozen.Collected, row: Bound) -> Bound:
    """A row that waited, as a question or as one that cannot be put."""
    spec = follow_spec(gate, row)
    other = next(r for r in now.rows if (r.item, r.name) == (row.item, spec.request))
    answer = frozen.answer(deps, now.answers[other.key]) if other.state == "asked" else None
    if not isinstance(answer, Evidence):
        return _without(row, f"{row.type} was not asked: it goes by {other.type}, which could not be seen")
    at = MOMENTS[spec.moment](answer.facts)
    if at is None:
        return _without(row, f"{row.type} was not asked: {other.type} shows no event to look around")
    return planning.follow(gate, scope, row, at)


def follow_spec(gate: Gate, row: Bound) -> FollowSpec:
    item = gate.item(row.item)
    specs = {spec.name: spec for spec in item.requests} if item else {}
    found = specs[row.name].follows
    if found is None:
        raise ValueError(f"request {row.name} of item {row.item} follows nothing")
    return found


def _without(row: Bound, why: str) -> Bound:
    return row.model_copy(
        update={
            "state": "missing",
            "why": why,
            "next_step": "Mend what the other request needs, then start a new review.",
        }
    )
