"""Node: where documents and statements are read for quotes and concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent import domain, resources
from agent.deps import Deps
from agent.drafting import reader
from agent.drafting.known import Known, used_again
from agent.drafting.model import Model
from agent.drafting.prompts import Prompts
from agent.workflow import exchanges, frozen, previous, read_sources
from agent.workflow.judge import Judged, case_of
from agent.workflow.judging import Case
from agent.workflow.state import ReviewState

if TYPE_CHECKING:
    from langgraph.runtime import Runtime


def read(state: ReviewState, runtime: Runtime[Deps]) -> ReviewState:
    """Have documents and statements read; nothing that comes of it fills a slot or moves a verdict."""
    deps = runtime.context
    judged = frozen.of(deps, state["judged"], Judged)
    case, _ = case_of(deps, state)
    last = previous.before(deps, state) if deps.reader else None
    found = reader.read(desk(case, judged, asked=deps.reader is not None), _model(deps, last))
    more = {
        "instructions": read_sources.instructions(case), "exchanges": exchanges.keep(deps, found.exchanges),
        "reused_from": last.review if last and _again(found) else "",
    }  # fmt: skip
    reading = found.reading.model_copy(update=more)
    deps.progress("read", reading.why_none or f"{len(reading.quotes)} quotes, {len(found.concerns)} concerns")
    return {"read": frozen.keep(deps, found.model_copy(update={"reading": reading}), "read")}


def desk(case: Case, judged: Judged, *, asked: bool = True) -> reader.Desk:
    """What of a judged review is put before a reader; where nobody is `asked`, only what there would be to read."""
    sources = read_sources.sources(case)
    findings = read_sources.findings(judged.items, sources, case.scope.zone) if asked else ()
    prompts = Prompts(resources.folder("prompts"))
    return reader.Desk(sources, findings, prompts, prices=exchanges.price_list())


def done(deps: Deps, state: ReviewState) -> reader.Read | None:
    """What came of reading, in a review that got so far."""
    return frozen.of(deps, state["read"], reader.Read) if state.get("read") else None


def usage(deps: Deps, state: ReviewState) -> domain.Usage:
    """What of the review's budget the reader has used."""
    found = done(deps, state)
    return found.usage if found else domain.Usage()


def _model(deps: Deps, last: domain.ReviewDocument | None) -> Model | None:
    """The reader within the budget; the same prompt as in the last review is not asked of the same model again."""
    if deps.reader is None:
        return None
    asked = exchanges.to_use_again(deps, last.reading.exchanges) if last and last.reading else ()
    answers = used_again(one for one in asked if one.model == deps.reader.name)
    return Known(deps.reader.name, answers, exchanges.budgeted(deps, deps.reader, domain.Usage()))


def _again(found: reader.Read) -> bool:
    return any(one.answer and one.answer.via == "reuse" for one in found.exchanges)
