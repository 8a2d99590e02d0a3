"""The policy's sum as people read it: line by line, exactly, with the checklist's own words for the outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.domain import Decision, ItemResult, ReviewDocument, SignOff
from agent.outputs.escape import md
from agent.scores import Line

DECISIONS = {
    Decision.CLEARED: "✅ Cleared for production launch",
    Decision.CONDITIONAL: "⚠️ Conditional launch with open items",
    Decision.BLOCKED: "❌ Blocked: return to pilot",
}
_GLYPH = {Decision.CLEARED: "✅", Decision.CONDITIONAL: "⚠️", Decision.BLOCKED: "❌"}


@dataclass(frozen=True)
class SumRow:
    """One line of the sum as text. `sum` is exact: "94 of 95", or "17/30" where categories are weighed."""

    title: str
    sum: str
    share: str
    weight: str
    needs: str
    reached: str
    not_applicable: int


def words(document: ReviewDocument, signed: Sequence[SignOff] = ()) -> Mapping[Decision, str]:
    """What each decision is called: by a gate with a sum in its own words, of which some are people's to give."""
    score = document.score
    if score is None:
        return DECISIONS
    says = f": {score.says}" if score.says else ""
    by_people = next((one for one in signed if one.label), None)
    stricter = f"❌ {by_people.label}, signed by {by_people.name}" if by_people else "❌ Blocked by a signer"
    named = {Decision.CLEARED: "✅ Cleared", Decision.CONDITIONAL: "⚠️ Conditional", Decision.BLOCKED: stricter}
    proposed = f"{_GLYPH[document.proposal]} {score.label}{says}"
    return {**named, document.proposal: stricter if by_people and _blocked(document) else proposed}


def _blocked(document: ReviewDocument) -> bool:
    return document.proposal is Decision.BLOCKED


def sum_rows(document: ReviewDocument) -> list[SumRow]:
    """Each category or stage, then the whole; none where the policy has no sum."""
    score = document.score
    titles = {one.id: one.title for one in document.categories}
    return [_row(line, titles.get(line.id, line.title)) for line in (*score.lines, score.whole)] if score else []


def _row(line: Line, title: str) -> SumRow:
    reached = {True: "yes", False: "no", None: ""}[line.reached]
    share = f"{line.share} %" if line.share else "nothing applies"
    return SumRow(title, f"{line.done} of {line.of}", share, line.weight, line.needs, reached, line.not_applicable)


def section(document: ReviewDocument) -> Iterator[str]:
    """The sum in Markdown, with what stops the launch whatever it says."""
    score = document.score
    if score is None:
        return
    yield "## The sum"
    yield ""
    yield "| | Done | Share | Weight | Needs | Reached | Not applicable |"
    yield "|---|---|---|---|---|---|---|"
    for row in sum_rows(document):
        cells = (row.title, row.sum, row.share, row.weight, row.needs, row.reached, str(row.not_applicable or ""))
        yield f"| {' | '.join(md(cell) for cell in cells)} |"
    yield ""
    yield "Shares are cut off after a tenth and never rounded up."
    yield "What could not be seen is not done, nor what was waived."
    if score.critical:
        yield ""
        numbers = ", ".join(str(number) for number in score.critical)
        yield f"**Critical and not met:** {numbers}. No sum makes up for it."
    if score.by_a_person:
        yield ""
        yield f"Only a signer can decide: {', '.join(md(label) for label in score.by_a_person)}."
    yield ""


def not_applying(document: ReviewDocument) -> Iterator[str]:
    """What was left out of the sum, why, and who approved it."""
    if not document.not_applying:
        return
    yield "## What does not apply"
    yield ""
    yield "| # | Reason | Asked for by | Approved by |"
    yield "|---|---|---|---|"
    for row in document.not_applying:
        yield f"| {row.item} | {md(row.reason)} | {md(row.requested_by)} | {md(row.approved_by)} |"
    yield ""


class Answered(Protocol):
    """An item as a gate has it, or as a review judged it."""

    @property
    def number(self) -> int: ...
    @property
    def parent(self) -> int | None: ...
    @property
    def methods(self) -> Sequence[str]: ...


def shares(items: Sequence[Answered]) -> str:
    """How the items are answered: the strongest method of each, counted."""
    counted = [item for item in items if not any(part.parent == item.number for part in items)]
    strongest = [next(one for one in ("test", "examine", "interview") if one in item.methods) for item in counted]
    by_people = sum("interview" in item.methods and len(item.methods) > 1 for item in counted)
    told = ", ".join(f"{strongest.count(one)} by {one}" for one in ("test", "examine", "interview"))
    return f"Of {len(counted)} items, {told}; {by_people} of those also need a person's word."


def by_category(document: ReviewDocument) -> list[tuple[str, str, list[ItemResult]]]:
    """(phase, category's title, its items) in the checklist's order; one unnamed group where it has no categories."""
    if not document.categories:
        return [("", "", list(document.items))]
    return [
        (one.phase, one.title, [item for item in document.items if item.category == one.id])
        for one in document.categories
    ]
