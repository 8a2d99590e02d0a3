"""Node: prose about fixed verdicts, by the writing model where there is one, else from templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent import decide, resources
from agent.cards import Card
from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.drafting import choice, writer
from agent.drafting.known import Known, used_again
from agent.drafting.model import Model, Prompt
from agent.drafting.overview import Outlook, Overview, overview
from agent.drafting.prompts import Prompts
from agent.drafting.showing import Brief, first_prompt
from agent.drafting.slots import offered
from agent.drafting.writer import Drafted
from agent.workflow import document, exchanges, frozen, previous, read
from agent.workflow.judge import Judged, case_of
from agent.workflow.judging import Case
from agent.workflow.state import ReviewState

if TYPE_CHECKING:
    from langgraph.runtime import Runtime


def draft(state: ReviewState, runtime: Runtime[Deps]) -> ReviewState:
    """Have the assessment written; verdicts and values are not the writer's to choose."""
    deps = runtime.context
    judged = frozen.of(deps, state["judged"], Judged)
    case, _ = case_of(deps, state)
    before = previous.before(deps, state)
    whole = overview(outlook(case, judged, before, state, earlier=bool(previous.earlier(deps, state))))
    drafted = _drafted(deps, state, brief_of(case, whole), judged, before)
    lines = (*whole.lines(judged.items, case.scope.zone), *drafted.summary)
    kept = exchanges.keep(deps, drafted.exchanges)
    by = drafted.by.model_copy(update={"exchanges": kept})
    deps.progress("draft", _told(drafted))
    drafted = drafted.model_copy(update={"summary": lines, "overall": tuple(whole.facts), "by": by})
    return {"draft": frozen.keep(deps, drafted, "draft")}


def to_ask(
    deps: Deps, state: ReviewState, case: Case, judged: Judged, before: ReviewDocument | None, *, earlier: bool
) -> tuple[Model, Prompt] | None:  # fmt: skip
    """What the draft of a review that is judged so will ask, and of which model, so that a sweep asks it in a batch.

    `state` holds the digests of card, gate and people. None where no model is configured, or where the last draft's
    answers will do.
    """
    whole = overview(outlook(case, judged, before, state, earlier=earlier))
    brief, model = brief_of(case, whole), choice.for_items(judged.items, deps.model, deps.model_when_met)
    if model is None or (before and choice.is_the_same(brief, judged.items, model, before.drafted_by)):
        return None
    return model, first_prompt(brief, judged.items)


def brief_of(case: Case, whole: Overview) -> Brief:
    """What the writer is told."""
    asks = {item.number: item.asks for item in case.gate.items}
    prompts = Prompts(resources.folder("prompts"))
    return Brief(case.gate.title, asks, case.scope.zone, prompts, offered(whole.facts), exchanges.price_list())


def outlook(case: Case, judged: Judged, before: ReviewDocument | None, state: ReviewState, *, earlier: bool) -> Outlook:
    """What the summary is about: this review as judged, beside the one before it."""
    card = Card.model_validate(case.scope.card)
    return Outlook(
        proposal=decide.proposal(judged.items, judged.checks, case.gate.policy), items=judged.items,
        checks=judged.checks, gaps=document.gap_rows(case.told, case.answers, case.digests),
        reasons=decide.reasons(judged.items, judged.checks, case.scope.zone), as_of=case.scope.as_of,
        zone=case.scope.zone, launch=card.launch.date, before=before, earlier=earlier, version=card.version,
        keeper=case.people.name_of(card.people.lead),
        frozen={"card": state["card"], "gate": state["gate"], "list of people": state["people"]},
    )  # fmt: skip


def _drafted(deps: Deps, state: ReviewState, brief: Brief, judged: Judged, before: ReviewDocument | None) -> Drafted:
    model = choice.for_items(judged.items, deps.model, deps.model_when_met)
    if model is None:
        return writer.draft(brief, judged.items, None)
    budgeted = exchanges.budgeted(deps, model, read.usage(deps, state))
    if not before or not choice.is_the_same(brief, judged.items, budgeted, before.drafted_by):
        return writer.draft(brief, judged.items, budgeted)
    answers = used_again(exchanges.to_use_again(deps, before.drafted_by.exchanges))
    drafted = writer.draft(brief, judged.items, Known(model.name, answers, budgeted))
    reused = "" if drafted.usage.model_calls else before.review
    return drafted.model_copy(update={"by": drafted.by.model_copy(update={"reused_from": reused})})


def _told(drafted: Drafted) -> str:
    again = f", as in {drafted.by.reused_from}" if drafted.by.reused_from else ""
    return f"written by {drafted.by.writer}{again}"
