"""Node: which questions this review asks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from agent.deps import Deps
from agent.errors import StoreError
from agent.workflow import frozen, planning
from agent.workflow.collect import is_local
from agent.workflow.planning import Bound
from agent.workflow.state import ReviewState
from collectors.evidence import Gap, GapReason, Source, canonical, sha256

if TYPE_CHECKING:
    from langgraph.runtime import Runtime


def plan(state: ReviewState, runtime: Runtime[Deps]) -> ReviewState:
    """Expand the frozen gate over the frozen card into questions, each asked once."""
    deps = runtime.context
    scope = frozen.scope(deps, state)
    wanted = planning.plan(frozen.gate(deps, state), scope)
    rows, answers = settle_missing(deps, state, _kept(deps, state, wanted.bound))
    whole = planning.Plan(as_of=scope.as_of, bound=rows)
    deps.progress("plan", f"{len(whole.asked())} questions for {len(whole.bound)} needs")
    return {"plan": frozen.keep(deps, whole, "plan"), "answers": answers}


def _kept(deps: Deps, state: ReviewState, bound: tuple[Bound, ...]) -> tuple[Bound, ...]:
    """With --only, the other items keep the questions of the review before (their windows end where they ended).

    Whether an answer to them is fresh enough, and from this source and credential, is for `collect` to find.
    """
    before = frozen.row(deps, state).supersedes
    document = deps.reviews.get(before).document if before else ""
    if not state.get("only") or not document:
        return bound
    try:
        old = json.loads(deps.locker.get(document))
        rows = frozen.Collected.model_validate_json(deps.locker.get(old["collected"])).rows
    except (StoreError, ValidationError):
        return bound  # what the review before froze is damaged, or of another version: every question is put as of now
    if (old["gate_digest"], old["card_digest"]) != (state["gate"], state["card"]):
        return bound
    earlier = {(row.item, row.name, row.index): row for row in rows if row.state == "asked"}
    return tuple(_of_before(row, earlier, state["only"]) for row in bound)


def _of_before(row: Bound, earlier: dict[tuple[int, str, int | None], Bound], only: list[int]) -> Bound:
    if row.item in only or row.item == planning.GATE_ITSELF or is_local(row.type):
        return row
    return earlier.get((row.item, row.name, row.index), row)


def settle_missing(
    deps: Deps, state: ReviewState, bound: tuple[Bound, ...]
) -> tuple[tuple[Bound, ...], list[dict[str, str]]]:
    """Questions that the card does not let us ask end as gaps, like any other that has no answer."""
    rows, answers = [], []
    for row in bound:
        if row.state == "missing":
            row = row.model_copy(update={"key": sha256(canonical([row.item, row.name, row.index, row.why]))})
            digest = deps.locker.keep(row.key, "", gap_of(row, deps), state["review"], deps.clock())
            answers.append({"key": row.key, "digest": digest})
        rows.append(row)
    return tuple(rows), answers


def gap_of(row: Bound, deps: Deps) -> Gap:
    return Gap(
        request_type=row.type, params=row.params, source=Source(vendor=row.type.split(".")[0], base_url=""),
        at=deps.clock(), reason=GapReason.NOT_CONFIGURED, what=row.why, next_step=row.next_step,
    )  # fmt: skip
