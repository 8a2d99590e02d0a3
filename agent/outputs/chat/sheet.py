"""The dialog in which a signature is given: everything that is signed, its digest, and the fields to fill in.

What does not fit into a dialog is not shown in part: then there is none, and whoever wants to sign goes to the page.
Limits: https://docs.slack.dev/surfaces/modals and https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from agent.answers import FactLine
from agent.domain import Decision, ItemResult, ReviewDocument, SignOff, SignOffDecision
from agent.drafting.parts import sentence
from agent.drafting.values import instant
from agent.outputs import concerns as asked
from agent.outputs.chat.blocks import LABEL, VIEW, Block, divider, header, packed, plain
from agent.outputs.score import sum_rows
from agent.outputs.table import OUTCOMES, standing, worst_first
from agent.signing.concerns import unanswered
from agent.signing.own_words import LONGEST

CALLBACK = "sign"
OPTION, BYTES = 75, 240_000  # characters of an option; of a whole dialog, beneath Slack's 250 KB
FIELD = "value"  # the action id of every field


@dataclass(frozen=True)
class Sheet:
    """What somebody signs. `facts`: of the items that ask for a sentence of the signer's own; `link`: the page."""

    document: ReviewDocument
    signed: tuple[SignOff, ...]
    roles: tuple[str, ...]
    facts: Mapping[int, tuple[FactLine, ...]]
    name: str
    link: str


def view(sheet: Sheet, told: Mapping[str, str]) -> dict[str, JsonValue] | None:
    """The dialog; None where it does not fit. `told` goes with it and comes back, and nothing in it is believed."""
    if sheet.document.debts or sheet.document.layout or sheet.document.files:
        return None  # sections and tables of a checklist's own, which a page can show
    blocks = [*_shown(sheet), divider(), *_fields(sheet)]
    labels = [_label(one) for one in _inputs(blocks)]
    made: dict[str, JsonValue] = {
        "type": "modal", "callback_id": CALLBACK, "title": plain("Look at it and sign", 24),
        "submit": plain("Sign", 24), "close": plain("Not now", 24), "private_metadata": json.dumps(dict(told)),
        "blocks": list(blocks),
    }  # fmt: skip
    fits = len(blocks) <= VIEW and len(json.dumps(made)) <= BYTES and all(len(one) < LABEL for one in labels)
    return made if fits else None


def _inputs(blocks: Sequence[Block]) -> Iterator[Block]:
    yield from (one for one in blocks if one["type"] == "input")


def _label(one: Block) -> str:
    label = one["label"]
    return str(label["text"]) if isinstance(label, dict) else ""


def sentence_view(text: str) -> dict[str, JsonValue]:
    """What an open dialog turns into: one sentence, and nothing to press."""
    return {
        "type": "modal", "callback_id": "told", "title": plain("Clearance", 24), "close": plain("Close", 24),
        "blocks": list(packed([text])),
    }  # fmt: skip


def _shown(sheet: Sheet) -> Iterator[Block]:
    document = sheet.document
    marks = ", SANDBOX: it says nothing of a real agent" * document.sandbox
    yield header(f"{document.name or document.subject} {document.version}")
    yield from packed(
        [
            f"{document.name} ({document.subject} {document.version})",
            f"{document.gate_title}, {document.review}, as of {instant(document.as_of, document.zone)}{marks}",
            f"You sign exactly what stands here and on its page, digest {document.digest}",
            f"Page: {sheet.link or 'not configured'}",
            f"Proposal: {document.proposal}",
            *document.summary,
        ]
    )
    yield from packed(f"⚠️ {one}" for one in asked.hostile(document))
    for item in document.items:
        yield from packed(_of_item(sheet, item))
    yield from packed(_rest(sheet))


def _of_item(sheet: Sheet, item: ItemResult) -> Iterator[str]:
    document = sheet.document
    glyph, word = standing(item)
    yield f"{glyph} {item.number}. {item.title}: {word}"
    for finding in worst_first(item.findings):
        mark, outcome = OUTCOMES[finding.outcome]
        yield f"{mark} {outcome}{', a note' if finding.note else ''}: {sentence(finding, document.zone)}"
    said = {sentence(one, document.zone) for one in item.findings}
    yield from (f"drafted by {one.by}: {one.text}" for one in item.draft if one.text not in said)
    yield from (f"rests on {row}" for row in map(_fact, sheet.facts.get(item.number, ())))


def _fact(one: FactLine) -> str:
    raw = f", raw {one.raw}" if one.raw else ""
    return f"{one.slot} {one.role}: {one.value} ({one.source}{raw}{', ' + one.fetched_at if one.fetched_at else ''})"


def _rest(sheet: Sheet) -> Iterator[str]:
    """Checks, reasons, sums, gaps, concerns, open items, waivers and signatures."""
    document, zone = sheet.document, sheet.document.zone
    yield from (f"{OUTCOMES[one.outcome][0]} check: {one.title}. {one.text}" for one in document.checks)
    yield from (f"reason ({one.where.replace('_', ' ')}): {one.text}" for one in document.reasons)
    yield from (f"sum: {one.title} {one.sum} {one.share}" for one in sum_rows(document))
    yield from (f"❔ not seen: {one.what} Next: {one.next_step}" for one in document.gaps)
    yield asked.told_of_reading(document.reading)
    for row in asked.rows(document, sheet.signed):
        against = f" Evidence says: {row.against}" if row.against else ""
        yield f"❔ {row.id} (item {row.item}): {row.question} {' '.join(row.quotes)}{against}"
        yield from (f"{name} answered: {text}" for name, text in row.answers)
    for open_ in (*document.open_items, *document.planned):
        yield f"open item on {open_.item}: {open_.missing} ({open_.owner}, due {instant(open_.due, zone)})"
    for waiver in document.waivers:
        until = instant(waiver.expires, zone)
        yield f"⚠️ item {waiver.item} is waived: {waiver.reason} ({waiver.approved_by}, until {until})"
        yield f"in its place: {waiver.compensating}"
    yield from (f"does not apply: item {one.item}. {one.reason}" for one in document.not_applying)
    yield from (f"✅ {one.name} signed as {one.role.replace('_', ' ')}: {one.decision}" for one in sheet.signed)


def _fields(sheet: Sheet) -> Iterator[Block]:
    document = sheet.document
    yield _choice(
        "role", f"You are {sheet.name}. In which role?", [(one, one.replace("_", " ")) for one in sheet.roles]
    )
    yield _choice("decision", "What you decide", list(_decisions(document.proposal)))
    labels = document.score.by_a_person if document.score else ()
    if labels:
        yield _choice("label", "A word that only a person gives (with blocked)", [(one, one) for one in labels], True)
    yield _text("reason", "Reason (needed for more evidence, and to be stricter than proposed)")
    if document.proposal is not Decision.BLOCKED:
        for number in document.notes_for:
            yield _text(f"note-{number}", f"Item {number}: a sentence of your own on what you saw")
        questions = {one.id: one.question for one in document.concerns}
        for id in unanswered(document.concerns, sheet.signed):
            yield _text(f"concern-{id}", f"Concern {id}: {questions[id]} (your answer, in your own words)")


def _decisions(proposal: Decision) -> Iterator[tuple[str, str]]:
    """Nothing laxer than the proposal."""
    for one in Decision:
        if one.strictness >= proposal.strictness:
            yield one.value, one.value + (", as proposed" if one is proposal else "")
    yield SignOffDecision.MORE_EVIDENCE.value, "more evidence: this review ends"


def _choice(id: str, label: str, options: Sequence[tuple[str, str]], optional: bool = False) -> Block:
    shown: list[JsonValue] = [{"text": plain(text, OPTION), "value": value} for value, text in options]
    element: Block = {"type": "radio_buttons", "action_id": FIELD, "options": shown}
    return {"type": "input", "block_id": id, "label": plain(label, LABEL), "element": element, "optional": optional}


def _text(id: str, label: str) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": FIELD, "multiline": True, "max_length": LONGEST}
    return {"type": "input", "block_id": id, "label": plain(label, LABEL), "element": element, "optional": True}
