"""Plain rows for a terminal, a chat message or a page; whoever shows them escapes and colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agent.domain import GLYPHS, WORDS, WORST_FIRST, CheckResult, Finding, ItemResult, Outcome, ReviewDocument, Verdict
from agent.drafting.parts import WORST_OUTCOME_FIRST, sentence

OUTCOMES = {
    Outcome.PASS: ("✅", "pass"),
    Outcome.FAIL: ("❌", "fail"),
    Outcome.WARN: ("⚠️", "warning"),
    Outcome.UNKNOWN: ("❔", "unknown"),
    Outcome.NOT_APPLICABLE: ("➖", "not applicable"),
}
_OPEN = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN)


@dataclass(frozen=True)
class Row:
    """One item: its standing as glyph and word, and its worst finding in a sentence."""

    number: int
    glyph: str
    word: str
    title: str
    sentence: str
    owner: str


@dataclass(frozen=True)
class Todo:
    """One thing to do. `item` is an item's number or a check's id; `recheck` the command that looks at it again."""

    item: str
    what: str
    who: str
    how: str
    recheck: str


def item_rows(document: ReviewDocument) -> list[Row]:
    """Every item in the gate's own order."""
    return [
        Row(item.number, *standing(item), item.title, _headline(item, document.zone), item.owner)
        for item in document.items
    ]


def todo(document: ReviewDocument) -> list[Todo]:
    """What stands between this review and a cleared one, worst first; checks before items of the same kind."""
    found = [*_check_todos(document), *_item_todos(document)]
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def standing(item: ItemResult) -> tuple[str, str]:
    """Glyph and word. A waiver shows as waived beside what it waives, never as met."""
    if item.waived:
        return GLYPHS[Verdict.WARNING], f"waived ({WORDS[item.verdict]})"
    return GLYPHS[item.verdict], WORDS[item.verdict]


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for _, finding in numbered(findings)]


def numbered(findings: Iterable[Finding]) -> list[tuple[int, Finding]]:
    """Findings with their index in the item, worst first."""
    return sorted(enumerate(findings), key=lambda pair: WORST_OUTCOME_FIRST.index(pair[1].outcome))


def items_worst_first(items: Sequence[ItemResult]) -> list[ItemResult]:
    return sorted(items, key=lambda item: WORST_FIRST.index(item.verdict))


def _headline(item: ItemResult, zone: str) -> str:
    ranked = worst_first(item.findings)
    if not ranked:
        return "No rule has reported."
    more = sum(finding.outcome in _OPEN for finding in ranked[1:])
    return sentence(ranked[0], zone) + (f" ({more} more)" if more else "")


def _item_todos(document: ReviewDocument) -> Iterator[tuple[int, Todo]]:
    gaps = {gap.digest: gap for gap in document.gaps}
    for item in document.items:
        for finding in item.findings:
            if finding.outcome in _OPEN:
                gap = gaps.get(finding.gap)
                what = sentence(finding, document.zone) + (f" {gap.what}" if gap else "")
                who = item.remedy.who or item.owner
                row = Todo(str(item.number), what, who, gap.next_step if gap else item.remedy.how, item.remedy.recheck)
                yield WORST_OUTCOME_FIRST.index(finding.outcome), row
        if not item.findings:
            row = Todo(str(item.number), "No rule has reported.", item.owner, item.remedy.how, item.remedy.recheck)
            yield WORST_OUTCOME_FIRST.index(Outcome.UNKNOWN), row


def _check_todos(document: ReviewDocument) -> Iterator[tuple[int, Todo]]:
    who = next((" and ".join(signer.names) for signer in document.signers if signer.role == "builder"), "")
    for check in document.checks:
        if check.outcome in _OPEN:
            yield WORST_OUTCOME_FIRST.index(check.outcome), _check_todo(check, who, document)


def _check_todo(check: CheckResult, who: str, document: ReviewDocument) -> Todo:
    again = f"clearance assess {document.subject} --gate {document.gate}"
    return Todo(check.id, check.text, who, "Change what the card says of it, then start a new review.", again)
