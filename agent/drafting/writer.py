"""Has the model write the prose, checks every sentence, asks once more for what was rejected, then falls back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pydantic import Field, ValidationError

from agent.domain import DraftedBy, ItemResult, Statement, SummaryLine, Usage, Used
from agent.drafting import template_prose, vocabulary
from agent.drafting.exchanges import Exchange, exchange
from agent.drafting.model import Answer, Model, ModelUnavailable, Prompt
from agent.drafting.parts import Scope, fill, finished
from agent.drafting.showing import AGAIN, CONTRACT, FIRST, Brief, GateDraft, first_prompt, prompt, written_about
from agent.drafting.slots import Rejection, Rule, check_summary, checked
from collectors.evidence import Model as Frozen
from collectors.evidence import sha256

__all__ = ["Brief", "Drafted", "draft"]

LONGEST_SUMMARY = 3
MOST_REASONS = 80
TEMPLATE_PROSE = "template prose"
NOT_CONFIGURED = "no model is configured"
_STOPPED = {"refusal": "the model refused to write", "max_tokens": "the model's answer was cut off at its longest"}


class Drafted(Frozen):
    """Statements by item number, all of them checked. Nothing that was rejected is in here, not even in a reason.

    `exchanges` hold that; they are kept apart.
    """

    statements: dict[int, tuple[Statement, ...]]
    summary: tuple[SummaryLine, ...] = ()
    overall: tuple[Used, ...] = ()
    fell_back: tuple[int, ...] = ()
    by: DraftedBy
    usage: Usage = Usage()
    rejections: tuple[Rejection, ...] = ()
    exchanges: tuple[Exchange, ...] = Field((), exclude=True)


@dataclass(frozen=True)
class _Round:
    """Where a draft stands after a call."""

    accepted: dict[int, tuple[Statement, ...]] = field(default_factory=dict)
    summary: tuple[SummaryLine, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    usage: Usage = field(default_factory=Usage)
    stop: str = ""
    gone: str = ""

    @property
    def answers(self) -> int:
        return sum(one.answer is not None for one in self.exchanges)


def draft(brief: Brief, items: Sequence[ItemResult], model: Model | None) -> Drafted:
    """Statements for every item: the model's where they hold to the contract, else template prose."""
    if model is None:
        return _from_templates(items, brief, NOT_CONFIGURED)
    asked = written_about(items)
    first = _ask(brief, asked, model, _Round(), first_prompt(brief, items))
    return _merged(brief, items, model, _again(brief, asked, model, first))


def seen(model: Model, first: Prompt) -> str:
    """The digest of model and first prompt: where it is that of the last draft, its answers can be used again."""
    return sha256(f"{model.name}\n{first.digest}".encode())


def _again(brief: Brief, items: Sequence[ItemResult], model: Model, first: _Round) -> _Round:
    left = [item for item in items if item.number not in first.accepted]
    if not left or first.gone or first.stop == "refusal":
        return first
    asks = prompt(brief, left, AGAIN, rejections=first.rejected[:MOST_REASONS])
    return _ask(brief, left, model, first, asks)


def _ask(brief: Brief, items: Sequence[ItemResult], model: Model, before: _Round, asks: Prompt) -> _Round:
    try:
        answer = model.write(asks)
    except ModelUnavailable as gone:
        failed = exchange(model.name, asks, failure=gone.sentence)
        return replace(before, gone=gone.sentence, exchanges=(*before.exchanges, failed))
    after = _weighed(brief, items, before, answer)
    why = after.rejected[len(before.rejected) :]
    told = exchange(model.name, asks, answer).model_copy(update={"rejections": why})
    usage = before.usage.plus(brief.prices.paid(model.name, answer))
    return replace(after, usage=usage, exchanges=(*before.exchanges, told))


def _weighed(brief: Brief, items: Sequence[ItemResult], before: _Round, answer: Answer) -> _Round:
    """What of an answer holds to the contract, and what does not."""
    read = _read(answer)
    if isinstance(read, Rejection):
        stop = answer.stop_reason if answer.stop_reason != "end_turn" else ""
        return replace(before, rejected=(*before.rejected, read), stop=stop)
    accepted, rejected = _checked(read, items, brief.zone)
    summary, doubtful = (before.summary, ()) if before.exchanges else _summary(read, items, brief)
    return replace(
        before, accepted=before.accepted | accepted, summary=summary, stop="",
        rejected=(*before.rejected, *rejected, *doubtful),
    )  # fmt: skip


def _read(answer: Answer) -> GateDraft | Rejection:
    if answer.stop_reason != "end_turn":
        why = {"max_tokens": "was cut off; write shorter", "refusal": "was a refusal"}.get(
            answer.stop_reason, "did not come to its end"
        )
        return Rejection(rule=Rule.UNREADABLE, reason=f"The answer {why}.")
    try:
        return GateDraft.model_validate_json(answer.text)
    except ValidationError:
        return Rejection(rule=Rule.UNREADABLE, reason="The answer is not the JSON that was asked for.")


def _checked(
    read: GateDraft, items: Sequence[ItemResult], zone: str
) -> tuple[dict[int, tuple[Statement, ...]], list[Rejection]]:
    accepted: dict[int, tuple[Statement, ...]] = {}
    rejected = list(_strangers(read, items))
    for item in items:
        drafts = [one for one in read.items if one.number == item.number]
        if len(drafts) > 1:
            rejected.append(
                Rejection(item=item.number, rule=Rule.NO_SUCH, reason="The item was answered more than once.")
            )
            continue
        told = [(one.finding, one.template) for one in (drafts[0].statements if drafts else [])]
        result = checked(item, told, zone)
        if isinstance(result, list):
            rejected += result
        else:
            accepted[item.number] = result
    return accepted, rejected


def _strangers(read: GateDraft, items: Sequence[ItemResult]) -> Iterator[Rejection]:
    if {one.number for one in read.items} - {item.number for item in items}:
        yield Rejection(rule=Rule.NO_SUCH, reason="The answer speaks of an item that was not asked about.")


def _summary(
    read: GateDraft, items: Sequence[ItemResult], brief: Brief
) -> tuple[tuple[SummaryLine, ...], tuple[Rejection, ...]]:
    known = {item.number: item for item in items}
    scope = Scope.of_items(known, brief.zone, brief.overall)
    told, rejected = [], []
    for template in map(str.strip, read.summary[:LONGEST_SUMMARY]):
        complaints = check_summary(template, known, brief.zone, brief.overall)
        rejected += complaints
        if not complaints:
            text = finished(fill(template, scope), template)
            told.append(SummaryLine(about="drafted", template=template, text=text, by="model"))
    return tuple(told), tuple(rejected)


def _merged(brief: Brief, items: Sequence[ItemResult], model: Model, done: _Round) -> Drafted:
    statements = {item.number: done.accepted.get(item.number) or _template(item, brief) for item in items}
    # A model that never answered was not rejected: the reason says why nobody wrote, and no item fell back.
    fell_back = [item.number for item in written_about(items) if item.number not in done.accepted and done.answers]
    wrote = any(done.accepted.values()) or done.summary
    by = DraftedBy(
        writer="model" if wrote else TEMPLATE_PROSE, model=model.name if done.answers else "",
        why_template=_why(done) if fell_back or done.gone else "", prompts=_digests(brief, done),
        seen=seen(model, first_prompt(brief, items)),
    )  # fmt: skip
    return Drafted(
        statements=statements, summary=done.summary, fell_back=tuple(fell_back), usage=done.usage, by=by,
        rejections=tuple(one.model_copy(update={"offence": ""}) for one in done.rejected), exchanges=done.exchanges,
    )  # fmt: skip


def _why(done: _Round) -> str:
    """In words of ours: what an endpoint gives as its reason to stop is outside text."""
    if done.gone or not done.stop:
        return done.gone or "what the model wrote did not hold to the slot contract"
    return _STOPPED.get(done.stop, "the model's answer did not come to its end")


def _from_templates(items: Sequence[ItemResult], brief: Brief, why: str) -> Drafted:
    statements = {item.number: _template(item, brief) for item in items}
    return Drafted(statements=statements, by=DraftedBy(writer=TEMPLATE_PROSE, why_template=why))


def _template(item: ItemResult, brief: Brief) -> tuple[Statement, ...]:
    return template_prose.draft_item(item, brief.zone)


def _digests(brief: Brief, done: _Round) -> dict[str, str]:
    names = (CONTRACT, FIRST, AGAIN)[: done.answers + 1] if done.answers else ()
    found = {name.split(".")[0].lstrip("_"): brief.prompts.digest(name) for name in names}
    return found | {"vocabulary": sha256(vocabulary.text().encode())} if found else {}
