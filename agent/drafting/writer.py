"""Has the model write the prose, checks every sentence, asks once more for what was rejected, then falls back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import ConfigDict, JsonValue, ValidationError

from agent.domain import DraftedBy, Finding, ItemResult, Statement, Usage
from agent.drafting import template_prose, vocabulary
from agent.drafting.model import Answer, Model, ModelUnavailable, Prompt
from agent.drafting.parts import Scope, fill, finished
from agent.drafting.prompts import Prompts
from agent.drafting.slots import Rejection, Rule, check_summary, checked
from collectors.evidence import Duration, Number, Person, Quote, Resource, sha256
from collectors.evidence import Model as Frozen

MAX_TOKENS = 16_000
LONGEST_SUMMARY = 3
MOST_REASONS = 80
TEMPLATE_PROSE = "template prose"
NOT_CONFIGURED = "no model is configured"

# Units are the sources' own words; the writer sees only those that everybody knows.
_KNOWN_UNITS = frozenset(
    {"percent", "seconds", "minutes", "hours", "days", "incidents", "samples", "runs", "events", "business days"}
)


class _Strict(Frozen):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class DraftedStatement(_Strict):
    finding: int
    template: str


class DraftedItem(_Strict):
    number: int
    statements: list[DraftedStatement]


class GateDraft(_Strict):
    """What the model has to return; all fields required, closed, nothing specific to one run."""

    items: list[DraftedItem]
    summary: list[str]


class Drafted(Frozen):
    """Statements by item number, all of them checked. Nothing that was rejected is in here, not even in a reason."""

    statements: dict[int, tuple[Statement, ...]]
    summary: tuple[str, ...] = ()
    fell_back: tuple[int, ...] = ()
    by: DraftedBy
    usage: Usage = Usage()
    rejections: tuple[Rejection, ...] = ()


@dataclass(frozen=True)
class Brief:
    """What the writer is told of: titles, what a pass means by item number, findings, roles. Never a value."""

    gate_title: str
    asks: Mapping[int, str]
    zone: str
    prompts: Prompts


@dataclass(frozen=True)
class _Round:
    """Where a draft stands after a call."""

    accepted: dict[int, tuple[Statement, ...]] = field(default_factory=dict)
    summary: tuple[str, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    usage: Usage = field(default_factory=Usage)
    stop: str = ""


def draft(brief: Brief, items: Sequence[ItemResult], model: Model | None) -> Drafted:
    """Statements for every item: the model's where they hold to the contract, else template prose."""
    if model is None:
        return _from_templates(items, brief, NOT_CONFIGURED)
    asked = [item for item in items if item.findings]
    try:
        first = _ask(brief, asked, model, _Round(), "draft_gate.md.jinja")
    except ModelUnavailable as gone:
        return _from_templates(items, brief, gone.sentence)
    last = _again(brief, asked, model, first)
    return _merged(brief, items, model, last)


def answer_schema() -> dict[str, JsonValue]:
    """The JSON schema sent along: objects closed, all fields required, no unions."""
    schema: dict[str, JsonValue] = GateDraft.model_json_schema()
    return schema


def _again(brief: Brief, items: Sequence[ItemResult], model: Model, first: _Round) -> _Round:
    left = [item for item in items if _needs(item, first)]
    if not left or first.stop == "refusal":
        return first
    try:
        return _ask(brief, left, model, first, "draft_again.md.jinja", rejections=first.rejected[:MOST_REASONS])
    except ModelUnavailable as gone:
        return replace(first, stop=gone.sentence)


def _needs(item: ItemResult, done: _Round) -> bool:
    """Met items may stay without a statement of the model; rejected and forgotten ones may not."""
    return item.number not in done.accepted


def _ask(brief: Brief, items: Sequence[ItemResult], model: Model, before: _Round, name: str, **more: object) -> _Round:
    answer = model.write(_prompt(brief, items, name, **more))
    usage = Usage(
        model_calls=before.usage.model_calls + 1,
        input_tokens=before.usage.input_tokens + answer.input_tokens,
        output_tokens=before.usage.output_tokens + answer.output_tokens,
    )
    read = _read(answer)
    if isinstance(read, Rejection):
        stop = answer.stop_reason if answer.stop_reason != "end_turn" else ""
        return replace(before, rejected=(*before.rejected, read), usage=usage, stop=stop)
    accepted, rejected = _checked(read, items, brief.zone)
    summary, doubtful = _summary(read, items, brief.zone) if not before.usage.model_calls else (before.summary, ())
    return replace(
        before, accepted=before.accepted | accepted, summary=summary, usage=usage, stop="",
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


def _summary(read: GateDraft, items: Sequence[ItemResult], zone: str) -> tuple[tuple[str, ...], tuple[Rejection, ...]]:
    known = {item.number: item for item in items}
    told, rejected = [], []
    for template in read.summary[:LONGEST_SUMMARY]:
        complaints = check_summary(template, known, zone)
        rejected += complaints
        if not complaints:
            told.append(finished(fill(template.strip(), Scope.of_items(known, zone)), template.strip()))
    return tuple(told), tuple(rejected)


def _merged(brief: Brief, items: Sequence[ItemResult], model: Model, done: _Round) -> Drafted:
    statements = {item.number: done.accepted.get(item.number) or _template(item, brief) for item in items}
    fell_back = tuple(item.number for item in items if item.findings and item.number not in done.accepted)
    names = ("_slot_contract.md.jinja", "draft_gate.md.jinja", "draft_again.md.jinja")[: done.usage.model_calls + 1]
    wrote_nothing = not any(done.accepted.values())
    why = _why(done) if fell_back else ""
    return Drafted(
        statements=statements, summary=done.summary, fell_back=fell_back, usage=done.usage,
        by=DraftedBy(
            writer=TEMPLATE_PROSE if wrote_nothing else "model", model=model.name, why_template=why,
            prompts=_digests(brief, names),
        ),
        rejections=tuple(one.model_copy(update={"offence": ""}) for one in done.rejected),
    )  # fmt: skip


def _why(done: _Round) -> str:
    if done.stop == "refusal":
        return "the model refused to write"
    if done.stop and done.stop != "max_tokens":
        return done.stop
    return "what the model wrote did not hold to the slot contract"


def _from_templates(items: Sequence[ItemResult], brief: Brief, why: str) -> Drafted:
    statements = {item.number: _template(item, brief) for item in items}
    return Drafted(statements=statements, by=DraftedBy(writer=TEMPLATE_PROSE, why_template=why))


def _template(item: ItemResult, brief: Brief) -> tuple[Statement, ...]:
    return template_prose.draft_item(item, brief.zone)


def _digests(brief: Brief, names: Sequence[str]) -> dict[str, str]:
    found = {name.split(".")[0].lstrip("_"): brief.prompts.digest(name) for name in names}
    return found | {"vocabulary": sha256(vocabulary.text().encode())}


# --- what the writer sees ---------------------------------------------------------------------------------------------


def _prompt(brief: Brief, items: Sequence[ItemResult], name: str, **more: object) -> Prompt:
    words = " ".join(sorted(vocabulary.words()))
    system, _ = brief.prompts.render("_slot_contract.md.jinja", terms=list(vocabulary.TERMS), vocabulary=words)
    shown = [_item(item, brief.asks) for item in items]
    user, _ = brief.prompts.render(name, gate_title=brief.gate_title, items=shown, **more)
    return Prompt(system=system, user=user, answer_schema=answer_schema(), max_tokens=MAX_TOKENS)


def _item(item: ItemResult, asks: Mapping[int, str]) -> dict[str, object]:
    findings = [_finding(index, finding) for index, finding in enumerate(item.findings)]
    return {"number": item.number, "title": item.title, "asks": asks.get(item.number, ""), "findings": findings}


def _finding(index: int, finding: Finding) -> dict[str, object]:
    facts = [
        {
            "slot": f"{{{used.slot} as {used.role}}}",
            "kind": used.fact.kind,
            "unit": _unit(used.fact),
            "origin": used.fact.origin.value,
        }
        for used in finding.facts
        if not isinstance(used.fact, Quote)
    ]
    return {"index": index, "outcome": finding.outcome.value, "sentence": _own_words(finding), "facts": facts}


def _unit(fact: object) -> str:
    if isinstance(fact, Duration):
        return "seconds"
    return fact.unit if isinstance(fact, Number) and fact.unit in _KNOWN_UNITS else ""


def _own_words(finding: Finding) -> str:
    """The finding's sentence with its slots; withheld if a probe wrote a name or text into it instead of a slot."""
    outside = [used.fact.value for used in finding.facts if isinstance(used.fact, Person | Resource | Quote)]
    written = any(len(value) > 3 and value in finding.sentence for value in outside)
    return "" if written else finding.sentence
