"""A checklist's own sections, filled from what was judged: neutral blocks that each format writes its own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.domain import ItemResult, ReviewDocument, Verdict
from agent.drafting.parts import sentence
from agent.drafting.values import instant
from agent.layouts import File, Section
from agent.outputs.escape import md
from agent.outputs.table import standing, worst_first

NO_DATE = "no date given"
LAUNCHES = (Verdict.MET, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True)
class Block:
    """One section as text. `rows` stand under `heads`; without heads there is no table."""

    title: str
    about: str
    lines: tuple[str, ...]
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(document: ReviewDocument, sections: Sequence[Section]) -> list[Block]:
    return [_block(document, one) for one in sections]


def _block(document: ReviewDocument, section: Section) -> Block:
    told = tuple(line.says for line in section.lines)
    block = Block(section.title, section.about, told)
    if section.shows == "boxes":
        return _with(block, ("Done", "#", "Box", "Standing"), [_box(item) for item in _of(document, section)])
    if section.shows == "blockers":
        return _with(
            block, ("#", "What stands against it", "Why"), [_blocker(document, i) for i in _open(document, section)]
        )
    if section.shows == "actions":
        return _with(
            block, ("#", "Action", "Owner", "Deadline"), [_action(document, i) for i in _open(document, section)]
        )
    if section.shows == "debt":
        return _with(
            block, ("What", "Touches", "Why it was taken on", "Plan", "Until", "Stated by"), _debts(document, section)
        )
    if section.shows == "estimate":
        return Block(section.title, section.about, (*told, _estimate(document)))
    return block


def _with(block: Block, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Block:
    return Block(
        block.title, block.about, block.lines if rows else (*block.lines, "None."), heads if rows else (), tuple(rows)
    )


def _of(document: ReviewDocument, section: Section) -> list[ItemResult]:
    return [
        item
        for item in document.items
        if (not section.categories or item.category in section.categories)
        and (not section.severity or item.severity in section.severity)
    ]


def _open(document: ReviewDocument, section: Section) -> list[ItemResult]:
    wholes = {item.parent for item in document.items}
    return [i for i in _of(document, section) if i.verdict not in LAUNCHES and i.number not in wholes]


def _box(item: ItemResult) -> tuple[str, ...]:
    glyph, word = standing(item)
    return ("☑" if item.verdict is Verdict.MET else "☐", str(item.number), item.title, f"{glyph} {word}")


def _blocker(document: ReviewDocument, item: ItemResult) -> tuple[str, ...]:
    worst = worst_first(item.findings)
    return str(item.number), item.title, sentence(worst[0], document.zone) if worst else "No rule has reported."


def _action(document: ReviewDocument, item: ItemResult) -> tuple[str, ...]:
    plan = next((one for one in document.planned if one.item == item.number), None)
    if plan is None:
        return str(item.number), item.remedy.how, item.owner or item.remedy.who or "nobody named", NO_DATE
    return str(item.number), plan.missing, plan.owner, instant(plan.due, document.zone)


def _debts(document: ReviewDocument, section: Section) -> list[tuple[str, ...]]:
    return [
        (one.what, one.touches, one.why, one.plan, one.until or NO_DATE, one.by)
        for one in document.debts
        if section.stands in (None, one.stands)
    ]


def _estimate(document: ReviewDocument) -> str:
    """Worked out from the dates that owners gave; a date is never guessed."""
    wholes = {item.parent for item in document.items}
    left = {i.number for i in document.items if i.verdict not in LAUNCHES and i.number not in wholes}
    dated = {one.item: one.due for one in document.planned if one.item in left}
    if not left:
        return "Nothing is left to do before production."
    if left - set(dated):
        return (
            f"It cannot be told yet: {len(left - set(dated))} of {len(left)} actions have no date that an owner gave."
        )
    days = max(0, (max(dated.values()) - document.as_of).days + 1)
    return f"{days} days: the last of {len(left)} actions is due at {instant(max(dated.values()), document.zone)}."


# --- Markdown ---------------------------------------------------------------------------------------------------------


def in_markdown(found: Sequence[Block]) -> Iterator[str]:
    for block in found:
        yield from [f"## {md(block.title)}", ""]
        yield from [md(block.about), ""] if block.about else []
        yield from [*(f"- {md(line)}" for line in block.lines), ""] if block.lines else []
        if block.heads:
            yield f"| {' | '.join(block.heads)} |"
            yield "|" + "---|" * len(block.heads)
            yield from (f"| {' | '.join(md(cell) for cell in row)} |" for row in block.rows)
            yield ""


def file(document: ReviewDocument, spec: File) -> bytes:
    """A further file of the bundle."""
    head = [
        f"# {md(spec.title)}", "",
        f"For {md(document.subject)} {md(document.version)}, from review {md(document.review)} of {md(document.gate)}.",
        "",
    ]  # fmt: skip
    warned = ["SANDBOX: from stand-ins, it says nothing of a real system.", ""] if document.sandbox else []
    lines = [*head, *warned, *in_markdown(blocks(document, spec.sections))]
    return ("\n".join(lines).rstrip() + "\n").encode()
