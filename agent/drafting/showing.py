"""What the writing model is shown: titles, what a pass means, outcomes, and facts' labels and roles. Never a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ConfigDict, JsonValue

from agent.domain import Finding, ItemResult, Outcome, Used
from agent.drafting import vocabulary
from agent.drafting.model import Prompt
from agent.drafting.prices import NO_PRICES, Prices
from agent.drafting.prompts import Prompts
from collectors.evidence import Duration, Number, Person, Quote, Resource
from collectors.evidence import Model as Frozen

MAX_TOKENS = 16_000
CONTRACT, FIRST, AGAIN = "_slot_contract.md.jinja", "draft_gate.md.jinja", "draft_again.md.jinja"

# Units are the sources' own words; the writer sees only those that everybody knows.
_KNOWN_UNITS = frozenset(
    {"percent", "seconds", "minutes", "hours", "days", "incidents", "samples", "runs", "events", "business days",
     "items", "questions"}
)  # fmt: skip


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


@dataclass(frozen=True)
class Brief:
    """What the writer is told beside the items: titles, what a pass means by item number, facts of the whole gate that
    a summary may use. Never a value. `prices` reckons what its answers cost."""

    gate_title: str
    asks: Mapping[int, str]
    zone: str
    prompts: Prompts
    overall: Sequence[Used] = ()
    prices: Prices = field(default_factory=lambda: NO_PRICES)


def answer_schema() -> dict[str, JsonValue]:
    """The JSON schema sent along: objects closed, all fields required, no unions."""
    schema: dict[str, JsonValue] = GateDraft.model_json_schema()
    return schema


def is_open(finding: Finding) -> bool:
    """Does somebody have to hear of it? A finding that is no pass."""
    return finding.outcome is not Outcome.PASS


def written_about(items: Sequence[ItemResult]) -> list[ItemResult]:
    """The items that the model writes about: those with anything open, or all where nothing is."""
    told = [item for item in items if item.findings]
    return [item for item in told if any(map(is_open, item.findings))] or told


def first_prompt(brief: Brief, items: Sequence[ItemResult]) -> Prompt:
    """The first call of a review. Where it is that of the last one, no call is needed."""
    return prompt(brief, written_about(items), FIRST)


def prompt(brief: Brief, items: Sequence[ItemResult], name: str, **more: object) -> Prompt:
    words = " ".join(sorted(vocabulary.words()))
    system, _ = brief.prompts.render(CONTRACT, terms=list(vocabulary.TERMS), vocabulary=words)
    shown = [_item(item, brief.asks) for item in items]
    overall = [_fact(used) for used in brief.overall]
    user, _ = brief.prompts.render(name, gate_title=brief.gate_title, items=shown, overall=overall, **more)
    return Prompt(system=system, user=user, answer_schema=answer_schema(), max_tokens=MAX_TOKENS)


def _item(item: ItemResult, asks: Mapping[int, str]) -> dict[str, object]:
    """Of an item with anything open, what is a pass is left out: the code's sentence says it, and words cost money."""
    open_ = [pair for pair in enumerate(item.findings) if is_open(pair[1])] or list(enumerate(item.findings))
    findings = [_finding(index, finding) for index, finding in open_]
    return {"number": item.number, "title": item.title, "asks": asks.get(item.number, ""), "findings": findings}


def _finding(index: int, finding: Finding) -> dict[str, object]:
    facts = [_fact(used) for used in finding.facts if not isinstance(used.fact, Quote)]
    return {"index": index, "outcome": finding.outcome.value, "sentence": _own_words(finding), "facts": facts}


def _fact(used: Used) -> dict[str, str]:
    return {
        "slot": f"{{{used.slot} as {used.role}}}",
        "kind": used.fact.kind,
        "unit": _unit(used.fact),
        "origin": used.fact.origin.value,
    }


def _unit(fact: object) -> str:
    if isinstance(fact, Duration):
        return "seconds"
    return fact.unit if isinstance(fact, Number) and fact.unit in _KNOWN_UNITS else ""


def _own_words(finding: Finding) -> str:
    """The finding's sentence with its slots; withheld if a probe wrote a name or text into it instead of a slot."""
    outside = [used.fact.value for used in finding.facts if isinstance(used.fact, Person | Resource | Quote)]
    written = any(len(value) > 3 and value in finding.sentence for value in outside)
    return "" if written else finding.sentence
