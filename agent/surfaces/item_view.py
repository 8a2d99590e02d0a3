"""One item down to the ground: each finding, each fact, and the very value in the evidence that it rests on."""

from __future__ import annotations

from dataclasses import asdict

from agent.deps import Deps
from agent.domain import ItemResult, ReviewDocument
from agent.drafting.parts import sentence
from agent.outputs import established
from agent.outputs.table import OUTCOMES, standing, worst_first
from agent.service.sourced import FactRow, fact_row
from agent.surfaces.review_view import items_of
from agent.surfaces.terminal import Screen


def show_item(screen: Screen, deps: Deps, document: ReviewDocument, item: ItemResult) -> None:
    glyph, word = standing(item)
    screen.heading(f"{item.number}. {item.title}: {glyph} {word}")
    screen.say(f"review {document.review}; by {established.told(item, document)}; owner {item.owner or 'not named'}")
    for finding in worst_first(item.findings):
        mark, told = OUTCOMES[finding.outcome]
        note = ", a note that decides nothing" if finding.note else ""
        screen.heading(f"{mark} {told}{note}: {sentence(finding, document.zone)}")
        for used in finding.facts:
            _show_fact(screen, fact_row(deps, document, used))
    _show_gaps(screen, document, item)
    screen.heading("What to do about it")
    screen.say(
        f"who: {item.remedy.who or 'nobody is named'}\nhow: {item.remedy.how}\ncheck again: {item.remedy.recheck}",
        indent=2,
    )


def _show_fact(screen: Screen, row: FactRow) -> None:
    screen.say(f"{row.slot} {row.role.replace('_', ' ')}: {row.value}", indent=2)
    lines = {
        "source": row.source, "pointer": row.pointer, "raw": row.raw, "fetched": row.fetched_at, "link": row.link,
        "evidence": row.evidence[:16],
    }  # fmt: skip
    for name, value in lines.items():
        if value:
            screen.say(f"{name}: {value}", "dim", indent=5)


def _show_gaps(screen: Screen, document: ReviewDocument, item: ItemResult) -> None:
    for gap in document.gaps:
        if item.number in gap.items:
            screen.heading(f"❔ could not be seen: {items_of(gap)}{gap.request_type}, {gap.reason.replace('_', ' ')}")
            screen.say(f"{gap.what}\nnext: {gap.next_step}", indent=2)


def item_json(deps: Deps, document: ReviewDocument, item: ItemResult) -> dict[str, object]:
    """The item with every fact's source, pointer and raw value."""
    findings = [
        {
            "probe": finding.probe, "outcome": finding.outcome.value, "about": finding.about, "note": finding.note,
            "sentence": sentence(finding, document.zone),
            "facts": [asdict(fact_row(deps, document, used)) for used in finding.facts],
        }
        for finding in worst_first(item.findings)
    ]  # fmt: skip
    gaps = [gap.model_dump(mode="json") for gap in document.gaps if item.number in gap.items]
    return {
        "review": document.review, "number": item.number, "id": item.id, "title": item.title,
        "verdict": item.verdict.value, "findings": findings, "gaps": gaps, "remedy": item.remedy.model_dump(),
    }  # fmt: skip
