"""The report's pages behind the table: each item's findings, what they rest on, and what could not be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.domain import Finding, GapRow, ItemResult, ReviewDocument, Used
from agent.drafting.parts import sentence
from agent.drafting.values import instant, say
from agent.outputs import established
from agent.outputs.escape import code, md, opening
from agent.outputs.table import OUTCOMES, items_worst_first, numbered, standing
from collectors.evidence import Origin

SHORT = 12
_ORIGINS = {Origin.CARD: "the card", Origin.GATE: "the gate", Origin.CODE: "worked out by code"}


def item_details(document: ReviewDocument) -> Iterator[str]:
    """Every item, worst first: lines of Markdown."""
    for item in items_worst_first(document.items):
        glyph, word = standing(item)
        yield f"### {item.number}. {md(item.title)}: {glyph} {word}"
        yield ""
        yield _about(item, document)
        yield ""
        yield from _findings(item, document)
        yield from _around(item, document)
        yield ""


def not_seen(document: ReviewDocument) -> Iterator[str]:
    """The questions that got no answer, and what would get one."""
    if not document.gaps:
        yield "Every question that was asked got an answer."
    for gap in document.gaps:
        yield f"- {_gap(gap)}"


def short(digest: str) -> str:
    return code(digest[:SHORT])


def _about(item: ItemResult, document: ReviewDocument) -> str:
    zone = document.zone
    told = [f"Established by: {established.told(item, document)}."]
    told += [f"Owner: {md(item.owner)}."] if item.owner else []
    told += [f"Counts until {instant(item.valid_until, zone)}."] if item.valid_until else []
    told += ["The model's draft for this item was rejected; the fixed text stands in."] if item.fell_back else []
    return " ".join(told)


def _findings(item: ItemResult, document: ReviewDocument) -> Iterator[str]:
    if not item.findings:
        yield "- No rule has reported."
    for index, finding in numbered(item.findings):
        glyph, word = OUTCOMES[finding.outcome]
        note = ", a note that decides nothing" if finding.note else ""
        yield f"- {glyph} {word}{note}: {md(sentence(finding, document.zone))}"
        for one in item.draft:
            if one.finding == index:
                yield f"  - {'Drafted by the model: ' if one.by == 'model' else ''}{opening(one.text)}"
        if finding.facts:
            yield f"  - Rests on: {'; '.join(_citation(used, document) for used in finding.facts)}."
        if finding.gap:
            yield f"  - Could not be seen: gap {short(finding.gap)}, below."


def _citation(used: Used, document: ReviewDocument) -> str:
    fact = used.fact
    role = re.sub(r"(?:_\d+)+$", "", used.role).replace("_", " ")
    told = f"{md(role)}: {md(say(fact, document.zone))}"
    if fact.origin is not Origin.EVIDENCE:
        place = _ORIGINS[fact.origin] + (f" {code(fact.pointer)}" if fact.pointer else "")
        return f"{told} ({place})"
    kind = document.evidence.get(fact.evidence, "evidence")
    return f"{told} ({md(kind)}, evidence {short(fact.evidence)}, {code(fact.pointer)})"


def _around(item: ItemResult, document: ReviewDocument) -> Iterator[str]:
    for waiver in document.waivers:
        if waiver.digest == item.waived:
            expires = instant(waiver.expires, document.zone)
            people = f"Asked for by {md(waiver.requested_by)}, approved by {md(waiver.approved_by)}"
            yield f"- ⚠️ Waived until {expires}, which is not a pass: {md(waiver.reason)}"
            yield f"  - {people}; in its place: {md(waiver.compensating)}"
    if item.evidence:
        looked = (f"{md(document.evidence.get(one, 'evidence'))} {short(one)}" for one in item.evidence)
        yield f"- Looked at: {', '.join(looked)}."
    if item.remedy.recheck:
        yield f"- Check this item again: {code(item.remedy.recheck)}"


def _gap(gap: GapRow) -> str:
    items = ", ".join(str(item) for item in gap.items)
    where = f" (item {items})" if len(gap.items) == 1 else f" (items {items})" if items else ""
    reason = md(gap.reason.replace("_", " "))
    told = f"{opening(gap.request_type)}{where}, {reason}: {_ended(md(gap.what))}"
    return f"{told} Next: {_ended(md(gap.next_step))} Gap {short(gap.digest)}."


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def outcome_of(finding: Finding) -> str:
    glyph, word = OUTCOMES[finding.outcome]
    return f"{glyph} {word}"
