"""The rows of the report's tables as plain text; the template escapes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.domain import WORST_FIRST, ItemResult, Outcome, ReviewDocument, SignOff, Verdict
from agent.drafting.parts import sentence
from agent.drafting.values import instant
from agent.outputs.markdown import ASSURED, IN_A_CELL, TO_SETTLE, local
from agent.outputs.score import by_category
from agent.outputs.table import OUTCOMES, standing, worst_first

NOTHING = "No rule has reported."


@dataclass(frozen=True)
class ItemRow:
    number: int
    title: str
    glyph: str
    word: str
    verdict: str
    told: tuple[str, ...]


@dataclass(frozen=True)
class SignatureRow:
    """`name` in brackets where the signature is awaited; `said` is what the signer wrote."""

    title: str
    name: str
    day: str
    how: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class OpenRow:
    what: str
    missing: str
    owner: str
    due: str


@dataclass(frozen=True)
class CheckRow:
    glyph: str
    word: str
    title: str
    text: str


@dataclass(frozen=True)
class ReasonRow:
    """Everything that stands against one item or check, each sentence once. `item` is its number, 0 for a check."""

    item: int
    title: str
    texts: tuple[str, ...]


def reason_rows(document: ReviewDocument) -> list[ReasonRow]:
    """Worst first; what holds of several things in the same words is told once."""
    ranks = {str(item.number): WORST_FIRST.index(item.verdict) for item in document.items}
    titles = {str(item.number): item.title for item in document.items}
    titles |= {check.id: check.title for check in document.checks}
    places = sorted(dict.fromkeys(one.where for one in document.reasons), key=lambda one: ranks.get(one, len(ranks)))
    return [
        ReasonRow(
            int(place) if place.isdigit() else 0, titles.get(place, place),
            tuple(dict.fromkeys(reason.text for reason in document.reasons if reason.where == place)),
        )
        for place in places
    ]  # fmt: skip


def table_rows(document: ReviewDocument, settled: ReviewDocument) -> list[ItemRow]:
    """The template's table. What waited for signatures shows as signed once all of them are there."""
    pairs = zip(document.items, settled.items, strict=True)
    return [_item_row(item, document.zone, signed=item.verdict is not now.verdict) for item, now in pairs]


def by_group(document: ReviewDocument, settled: ReviewDocument) -> list[tuple[str, str, list[ItemRow]]]:
    """(phase where a new one begins, category, its rows); one unnamed group where the checklist has no categories."""
    rows = {row.number: row for row in table_rows(document, settled)}
    groups, before = [], ""
    for phase, title, items in by_category(document):
        groups.append((phase if phase != before else "", title, [rows[item.number] for item in items]))
        before = phase
    return groups


def _item_row(item: ItemResult, zone: str, *, signed: bool) -> ItemRow:
    glyph, word = ("✅", "signed") if signed else standing(item)
    told = [sentence(finding, zone) for finding in worst_first(item.findings)]
    more = [f"{len(told) - IN_A_CELL} more below."] if len(told) > IN_A_CELL else []
    waits = ["See sign-off below."] if item.verdict is Verdict.PENDING else []
    verdict = "met" if signed else item.verdict.value
    return ItemRow(item.number, item.title, glyph, word, verdict, (*told[:IN_A_CELL], *more, *waits) or (NOTHING,))


def shown_signatures(document: ReviewDocument, signed: Sequence[SignOff]) -> list[SignatureRow]:
    """One row a role that has to sign, and one for each that signed besides."""
    rows: list[SignatureRow] = []
    for signer in document.signers:
        own = [one for one in signed if one.role == signer.role]
        waits = f"(waits for {' or '.join(signer.names)})" if signer.names else "(nobody is named on the card)"
        rows += [_signature(one, signer.title, document.zone) for one in own] or [
            SignatureRow(signer.title, waits, "", "")
        ]
    titles = {signer.role for signer in document.signers}
    return [*rows, *(_signature(one, one.role, document.zone) for one in signed if one.role not in titles)]


def _signature(one: SignOff, title: str, zone: str) -> SignatureRow:
    key = f", key {one.key[:12]}" if one.key else ", no key"
    key = f" at {one.login.issuer}, no key of their own" if one.login else key
    said = [one.reason] if one.reason else []
    said += [f"on item {item}: {note}" for item, note in sorted(one.notes.items())]
    how = f"{ASSURED[one.assurance]}: {one.decision.value.replace('-', ' ')}{key}"
    instead = f" for {one.on_behalf_name or one.on_behalf}" if one.on_behalf else ""
    if one.opened:
        seen = (
            f"{item} ({instant(at, zone)})" for item, at in sorted(one.opened.items(), key=lambda pair: int(pair[0]))
        )
        said.append(f"opened the evidence of items {', '.join(seen)}. Opened is not read")
    return SignatureRow(title, one.name + instead, local(one.at, zone), how, tuple(said))


def open_rows(document: ReviewDocument) -> list[OpenRow]:
    """What somebody took on, and what nobody has settled yet."""
    return [*_taken_on(document), *_still_open(document)]


def _taken_on(document: ReviewDocument) -> Iterator[OpenRow]:
    for row in document.open_items:
        proof = "" if row.proven else " (by hearsay: no key proves who took it on)"
        yield OpenRow(str(row.item), row.missing, row.owner + proof, local(row.due, document.zone))


def _still_open(document: ReviewDocument) -> Iterator[OpenRow]:
    taken = {row.item for row in document.open_items}
    for item in document.items:
        if item.verdict in TO_SETTLE and item.number not in taken:
            told = [f for f in worst_first(item.findings) if f.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE)]
            missing = " ".join(sentence(finding, document.zone) for finding in told) or NOTHING
            due = "taken on by waiver" if item.waived else "before the next review"
            yield OpenRow(str(item.number), missing, item.owner, due)
    for check in document.checks:
        if check.outcome is not Outcome.PASS:
            yield OpenRow(check.title, check.text, "", "before the next review")


def check_rows(document: ReviewDocument) -> list[CheckRow]:
    return [CheckRow(*OUTCOMES[check.outcome], check.title, check.text) for check in document.checks]
