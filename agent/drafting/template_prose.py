"""Prose from findings alone: what stands under each finding when no model is configured or its draft was rejected.

The code's own sentence about each finding stands above; what is written here says what it means and what to do next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.domain import Finding, ItemResult, Outcome, Statement, Verdict
from agent.drafting import meanings
from agent.drafting.parts import WORST_OUTCOME_FIRST, Scope, fill, finished
from agent.drafting.values import clean, instant
from collectors.evidence import Person, Resource

_LONGEST = 600


def draft_item(item: ItemResult, zone: str) -> tuple[Statement, ...]:
    """Worst first: what each finding that is not a pass means, and then what is to be done, and by whom."""
    ranked = sorted(enumerate(item.findings), key=lambda pair: WORST_OUTCOME_FIRST.index(pair[1].outcome))
    open_ = [(index, finding) for index, finding in ranked if finding.outcome not in _SETTLED]
    templates = [*_meant(open_), *_decides_nothing(ranked), *_remedy(item, open_)]
    if not templates and ranked:
        templates = _nothing_to_do(item, ranked, zone)
    return tuple(_statement(item.findings[index], index, template, zone) for index, template in templates)


_SETTLED = (Outcome.PASS, Outcome.NOT_APPLICABLE)
_Template = tuple[int, str]


def _statement(finding: Finding, index: int, template: str, zone: str) -> Statement:
    text = finished(fill(template, Scope.of_finding(finding, zone)), template)
    return Statement(finding=index, template=template, text=text, by="template")


def _meant(findings: Sequence[tuple[int, Finding]]) -> Iterator[_Template]:
    told: set[tuple[str, ...]] = set()
    for index, finding in findings:
        said = meanings.of(finding.probe, finding.outcome, unseen=bool(finding.gap))
        if said not in told:
            yield index, " ".join(said)
        else:
            yield index, _the_same(finding)
        told.add(said)


def _the_same(finding: Finding) -> str:
    """For the second finding of a kind: names the thing it is about instead of saying it all again."""
    thing = next((used for used in finding.facts if isinstance(used.fact, Person | Resource)), None)
    return f"The same holds for {{{thing.slot} as {thing.role}}}" if thing else "The same holds here."


def _decides_nothing(findings: Sequence[tuple[int, Finding]]) -> Iterator[_Template]:
    for index, finding in findings:
        if finding.outcome is Outcome.NOT_APPLICABLE:
            yield index, meanings.IN_GENERAL[Outcome.NOT_APPLICABLE]


def _remedy(item: ItemResult, findings: Sequence[tuple[int, Finding]]) -> Iterator[_Template]:
    """The gate's remedy mends what was seen; where nothing was, an answer has to be had first."""
    how, who = _plain(item.remedy.how), _plain(item.remedy.who or item.owner)
    if findings and all(finding.gap for _, finding in findings):
        how = "Get the answer that is missing; what stands in its way is told with the gap."
    if findings and how:
        yield findings[0][0], f"To do{f' for {who}' if who else ''}: {how}"


def _nothing_to_do(item: ItemResult, findings: Sequence[tuple[int, Finding]], zone: str) -> list[_Template]:
    if item.verdict is Verdict.PENDING:
        return [(findings[0][0], "Nothing else is asked here: the item waits for the signatures.")]
    dated = [pair for pair in findings if pair[1].valid_until and pair[1].valid_until == item.valid_until]
    if not dated or item.valid_until is None:
        return []  # the rules' own sentences say it all
    until = instant(item.valid_until, zone)
    return [(dated[0][0], f"This counts until {until}; after that it has to be shown again.")]


def _plain(text: str) -> str:
    """Words of the gate or card in a template: no braces, so that nothing in them is read as a slot."""
    return clean(text, _LONGEST).replace("{", "(").replace("}", ")")
