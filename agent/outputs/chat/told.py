"""Each answer as a message: a line for notifications, and its blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from agent.answers import (
    NO_PERMISSION,
    Asked,
    ItemLine,
    Listed,
    MayDeploy,
    Shown,
    StandingRow,
    Status,
    Told,
    Why,
)
from agent.outputs.chat.blocks import (
    MESSAGE,
    Block,
    actions,
    button,
    context,
    divider,
    fallback,
    header,
    packed,
)

NEEDS, ROWS = 8, 12  # shown of each; the page shows all
OPEN, SIGN = "open_page", "sign_review"
OPEN_WORDS = ("not met", "undetermined", "warning")


@dataclass(frozen=True)
class Message:
    """`text` is escaped for Slack already; `blocks` show the same and more."""

    text: str
    blocks: tuple[Block, ...] = ()


@singledispatch
def message(answer: object) -> Message:
    raise TypeError(type(answer).__name__)


def sentence(text: str) -> Message:
    """One sentence and nothing else."""
    return Message(fallback(text), tuple(packed([text])))


@message.register
def _told(answer: Told) -> Message:
    counts = " · ".join(f"{one.glyph} {one.items} {one.word}" for one in answer.counts)
    blocks = [
        header(answer.headline), context(f"{answer.review}, as of {answer.as_of}, digest {answer.digest[:16]}"),
        *packed([counts]), *packed(_open_items(answer.items)), *_needs(answer), *packed(_signers(answer)),
    ]  # fmt: skip
    foot = (*_buttons(answer), context(answer.note))
    return Message(fallback(f"{answer.headline}. {answer.note}"), (*blocks[: MESSAGE - len(foot)], *foot))


def _open_items(items: tuple[ItemLine, ...]) -> Iterator[str]:
    for one in items:
        if one.word in OPEN_WORDS or one.word.startswith("waived"):
            yield f"{one.glyph} {one.word}: {one.number}. {one.title}. {one.sentence}"


def _needs(answer: Told) -> Iterator[Block]:
    """What needs a person."""
    if not answer.needs:
        return
    yield divider()
    lines = ["What needs a person:"]
    for row in answer.needs[:NEEDS]:
        where = f"item {row.where}" if row.where.isdigit() else row.where.replace("_", " ")
        lines.append(f"• {row.who or 'nobody is named'} ({where}): {row.how}")
    more = len(answer.needs) - NEEDS
    yield from packed([*lines, *([f"and {more} more on the page"] if more > 0 else [])])


def _signers(answer: Told) -> Iterator[str]:
    if answer.waits_for:
        yield "Signatures that are missing: " + "; ".join(answer.waits_for)
    else:
        yield f"{answer.review} {answer.told}{f': {answer.decision}' if answer.decision else ''}"


def _buttons(answer: Told) -> Iterator[Block]:
    shown = [button("Open the review", action=OPEN, url=answer.link)] if answer.link else []
    if answer.waits_for and not answer.rehearsal:
        shown.append(button("Look at it and sign", action=SIGN, value=answer.review))
    if shown:
        yield actions(shown)


@message.register
def _asked(answer: Asked) -> Message:
    return Message(fallback(f"{answer.sentence} {answer.note}"), (*packed([answer.sentence]), context(answer.note)))


@message.register
def _status(answer: Status) -> Message:
    working = [f"⏳ {one.state}: {one.subject} at {one.gate}" for one in answer.working]
    rows = [_row(one) for one in answer.rows[:ROWS]]
    more = answer.total - len(rows)
    lines = [*working, *rows, *([f"and {more} more on the page"] if more > 0 else [])]
    lines = lines or ["Nothing was assessed yet."]
    one = answer.rows[0] if len(answer.rows) == 1 else None
    buttons = [actions([button("Open the review", action=OPEN, url=one.link)])] if one and one.link else []
    told = rows[0] if one else f"{answer.total} subjects at their gates, {len(working)} being assessed"
    return Message(fallback(told), (*packed(lines), *buttons, context(NO_PERMISSION)))


def _row(one: StandingRow) -> str:
    decided = f"signed {one.decision}" if one.decision else f"proposed {one.proposal}" if one.proposal else ""
    against = f"; against it: {', '.join(one.blocks)}" if one.blocks else ""
    waits = f"; waits for {', '.join(one.waits_for)}" if one.waits_for else ""
    sandbox = ", SANDBOX" * one.sandbox
    trouble = f"; it cannot be shown: {one.trouble}" if one.trouble else ""
    stands = ", ".join(part for part in (decided, one.told) if part)
    return f"{one.subject} {one.version} at {one.gate}: {stands} ({one.review}{sandbox}){against}{waits}{trouble}"


@message.register
def _why(answer: Why) -> Message:
    title = f"{answer.glyph} {answer.item}. {answer.title}: {answer.word}"
    lines = [f"{one.glyph} {one.word}: {one.sentence}" for one in answer.findings]
    lines += [f"❔ not seen: {gap}" for gap in answer.unseen]
    lines += [f"Who: {answer.who or 'nobody is named'}. How: {answer.how}"] if answer.how else []
    return _of_item(answer, title, lines)


@message.register
def _shown(answer: Shown) -> Message:
    title = f"{answer.glyph} {answer.item}. {answer.title}: {answer.word}"
    lines = [f"{one.slot} {one.role}: {one.value} ({fact_source(one.source, one.raw)})" for one in answer.facts]
    return _of_item(answer, title, lines or ["No fact was found."])


def fact_source(source: str, raw: str) -> str:
    return f"{source}: {raw}" if raw else source


def _of_item(answer: Why | Shown, title: str, lines: list[str]) -> Message:
    about = f"{answer.subject} {answer.version} at {answer.gate}, {answer.review}"
    told = [f"⚠️ {answer.note}"] if answer.note else []
    link = [actions([button("Open the item", action=OPEN, url=answer.link)])] if answer.link else []
    blocks = [header(title), context(about), *packed([*told, *lines])]
    return Message(fallback(f"{about}: {title}"), (*blocks[: MESSAGE - 2], *link))


@message.register
def _listed(answer: Listed) -> Message:
    lines = [f"{one.subject} {one.version}{': ' + one.trouble if one.trouble else ''}" for one in answer.subjects]
    more = answer.total - len(lines)
    lines += [f"and {more} more"] if more > 0 else []
    gates = [f"{one.id}: {one.title or one.trouble}" for one in answer.gates]
    return Message(
        fallback(f"{answer.total} subjects, {len(gates)} gates"),
        tuple(packed(["Subjects:", *lines, "Gates:", *gates])),
    )


@message.register
def _may_deploy(answer: MayDeploy) -> Message:
    """With its gate, which the question may have left to the thread it stands in."""
    return sentence(f"Gate {answer.gate}: {answer.sentence} (exit code {answer.code})")
