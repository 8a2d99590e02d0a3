"""What the models of a review were asked, what they answered, and what of it was thrown away and why."""

from __future__ import annotations

from agent.concerns import Reading
from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.drafting.exchanges import Exchange
from agent.drafting.slots import Rejection, Rule
from agent.errors import UsageError
from agent.outputs.cost import models
from agent.surfaces.terminal import Screen
from agent.workflow import exchanges


def show(screen: Screen, deps: Deps, document: ReviewDocument, item: int | None, *, as_json: bool) -> None:
    """Everything in the order in which it happened. A model speaks of a gate, so there is no such view of an item."""
    if item is not None:
        raise UsageError("--model shows what was asked for the whole review; leave out the item's number")
    found = exchanges.load(deps, digests_of(document))
    if as_json:
        screen.json(whole_json(document, found))
        return
    by, reading = document.drafted_by, document.reading or Reading()
    if not found:
        screen.say(f"No model was asked: {by.why_template or 'nothing was drafted'}.")
        return
    screen.say(f"{models(document.usage)}; prompts {_digests(reading.prompts | by.prompts)}")
    if reading.reused_from:
        screen.say(f"The reader was not asked for this review: its answer is that of {reading.reused_from}.")
    if by.reused_from:
        screen.say(f"The writer was not asked for this review: the answers are those of {by.reused_from}.")
    for number, one in enumerate(found, start=1):
        _show_one(screen, number, one)


def whole_json(document: ReviewDocument, found: tuple[Exchange, ...]) -> dict[str, object]:
    by, reading = document.drafted_by, document.reading
    pairs = zip(digests_of(document), found, strict=True)
    return {
        "review": document.review,
        "drafted_by": by.model_dump(mode="json"),
        "reading": reading.model_dump(mode="json") if reading else None,
        "usage": document.usage.model_dump(mode="json"),
        "exchanges": [{"digest": digest, **one.model_dump(mode="json")} for digest, one in pairs],
    }


def digests_of(document: ReviewDocument) -> tuple[str, ...]:
    """The reader's exchanges and then the writer's, in the order of the workflow."""
    return (*(document.reading.exchanges if document.reading else ()), *document.drafted_by.exchanges)


def _show_one(screen: Screen, number: int, one: Exchange) -> None:
    screen.heading(f"Call {number} to {one.model} ({one.by}), prompt {one.prompt[:12]}")
    screen.heading("Prompt, the part that is always the same")
    screen.say(one.system, indent=2)
    screen.heading("Prompt, for this review")
    screen.say(one.user, indent=2)
    screen.heading("Answer")
    answer = one.answer
    if answer is None:
        screen.say(f"none: {one.failure}", indent=2)
        return
    via = {"call": "asked directly", "batch": "asked in a batch", "reuse": "from an earlier review"}[answer.via]
    screen.say(answer.text or "(empty)", indent=2)
    screen.say(f"{via}; stopped: {answer.stop_reason}; request {answer.request_id or 'without an id'}", indent=2)
    screen.heading("Thrown away")
    for rejection in one.rejections:
        screen.say(_rejected(rejection), indent=2)
    if not one.rejections:
        screen.say("nothing", indent=2)


def _rejected(one: Rejection) -> str:
    if one.rule is Rule.READING:
        return f"{one.reason}: {one.offence}"
    where = f"item {one.item}" if one.item else "the answer as a whole"
    finding = f", finding {one.finding}" if one.finding is not None else ""
    return f"{where}{finding} ({one.rule}): {one.reason}" + (f" It was: {one.offence}" if one.offence else "")


def _digests(prompts: dict[str, str]) -> str:
    return ", ".join(f"{name} {digest[:12]}" for name, digest in sorted(prompts.items())) or "none"
