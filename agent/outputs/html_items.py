"""The items of a review as a page shows them: sentences in pieces with their slots, findings, facts, pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.domain import Finding, GapRow, ItemResult, Outcome, ReviewDocument, Statement, Verdict, WaiverRow
from agent.drafting.parts import FactSlot, Part, Plain, Scope, SlotError, Standing, fill, finished, parse, sentence
from agent.drafting.values import instant
from agent.outputs import established
from agent.outputs.charts.drawing import Picture
from agent.outputs.charts.expiry import lapses_before
from agent.outputs.charts.pictures import launch_of, of_item
from agent.outputs.html_facts import FactView, fact_view
from agent.outputs.markdown import TO_SETTLE
from agent.outputs.table import OUTCOMES, numbered, standing
from collectors.evidence import Answer


@dataclass(frozen=True)
class Piece:
    """A part of a sentence. `slot` says that code filled it in; `anchor` is the fact's place on the page, or ""."""

    text: str
    slot: bool = False
    anchor: str = ""
    tip: str = ""


@dataclass(frozen=True)
class DraftView:
    by_model: bool
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class FindingView:
    glyph: str
    word: str
    note: bool
    pieces: tuple[Piece, ...]
    drafts: tuple[DraftView, ...]
    facts: tuple[FactView, ...]
    gap: str


@dataclass(frozen=True)
class ItemView:
    """`order` is the group it stands in: not met, undetermined, lapsing before launch, warnings, the rest, met.

    `to_do` is the gate's remedy, "" where the draft says it already or where only a missing answer stands in the way.
    """

    number: int
    id: str
    title: str
    glyph: str
    word: str
    verdict: str
    order: int
    methods: str
    owner: str
    valid_until: str
    lapses: bool
    fell_back: bool
    findings: tuple[FindingView, ...]
    gaps: tuple[GapRow, ...]
    waivers: tuple[WaiverRow, ...]
    looked_at: tuple[tuple[str, str], ...]
    who: str
    to_do: str
    recheck: str
    pictures: tuple[Picture, ...]


_OPEN = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN)
_ORDER = (Verdict.NOT_MET, Verdict.UNDETERMINED, None, Verdict.WARNING, Verdict.PENDING, Verdict.NOT_APPLICABLE)


def item_views(document: ReviewDocument, answers: Mapping[str, Answer]) -> list[ItemView]:
    """Every item in the order in which it matters to a signer."""
    return sorted((item_view(document, item, answers) for item in document.items), key=lambda one: one.order)


def item_view(document: ReviewDocument, item: ItemResult, answers: Mapping[str, Answer]) -> ItemView:
    """Everything that is shown of one item. `answers` by digest; without one, what rests on it names it only."""
    glyph, word = standing(item)
    lapses = lapses_before(item, launch_of(document))
    return ItemView(
        number=item.number, id=item.id, title=item.title, glyph=glyph, word=word, verdict=item.verdict.value,
        order=_order(item, lapses), methods=established.told(item, document), owner=item.owner,
        valid_until=instant(item.valid_until, document.zone) if item.valid_until else "", lapses=lapses,
        fell_back=item.fell_back,
        findings=tuple(_finding(document, item, index, one, answers) for index, one in numbered(item.findings)),
        gaps=tuple(gap for gap in document.gaps if item.number in gap.items),
        waivers=tuple(waiver for waiver in document.waivers if waiver.digest == item.waived),
        looked_at=tuple((document.evidence.get(digest, "evidence"), digest) for digest in item.evidence),
        who=item.remedy.who, to_do=_to_do(item), recheck=item.remedy.recheck,
        pictures=tuple(of_item(document, item, answers)),
    )  # fmt: skip


def _order(item: ItemResult, lapses: bool) -> int:
    if item.verdict in (Verdict.NOT_MET, Verdict.UNDETERMINED):
        return _ORDER.index(item.verdict)
    if lapses:
        return _ORDER.index(None)
    return _ORDER.index(item.verdict) if item.verdict in _ORDER else len(_ORDER)


def _to_do(item: ItemResult) -> str:
    open_ = [one for one in item.findings if one.outcome in _OPEN and not one.gap]
    told = any(item.remedy.how and item.remedy.how in statement.text for statement in item.draft)
    return "" if told or item.verdict not in TO_SETTLE or (item.findings and not open_) else item.remedy.how


def _finding(
    document: ReviewDocument, item: ItemResult, index: int, finding: Finding, answers: Mapping[str, Answer]
) -> FindingView:
    glyph, word = OUTCOMES[finding.outcome]
    facts = tuple(fact_view(document, item.number, used, answers) for used in finding.facts)
    scope = Scope.of_finding(finding, document.zone)
    drafts = tuple(_draft(one, scope, facts) for one in item.draft if one.finding == index)
    own = pieces(finding.sentence, sentence(finding, document.zone), scope, facts)
    return FindingView(glyph, word, finding.note, own, drafts, facts, finding.gap)


def _draft(statement: Statement, scope: Scope, facts: Sequence[FactView]) -> DraftView:
    return DraftView(statement.by == "model", pieces(statement.template, statement.text, scope, facts))


def pieces(template: str, text: str, scope: Scope, facts: Sequence[FactView]) -> tuple[Piece, ...]:
    """The template in pieces with its slots filled; the text as it was signed, unmarked, should the two not agree."""
    try:
        parts = parse(template)
        found = [_piece(part, scope, facts) for part in parts]
    except SlotError:
        return (Piece(text),)
    whole = finished("".join(piece.text for piece in found), template)
    if whole != text:
        return (Piece(text),)
    return tuple(_finished(found, whole))


def _piece(part: Part, scope: Scope, facts: Sequence[FactView]) -> Piece:
    if isinstance(part, Plain):
        return Piece(part.text)
    if isinstance(part, FactSlot):
        used, view = scope.used(part), next((one for one in facts if one.slot == part.slot), None)
        if used is None or view is None:
            raise SlotError(f"nothing fills {part}")
        return Piece(view.value, True, view.anchor, view.tip)
    return Piece(_word(part, scope), True, "", "the finding's outcome" if isinstance(part, Standing) else "a set term")


def _word(part: Part, scope: Scope) -> str:
    return fill("{is}", scope) if isinstance(part, Standing) else fill(f"{{T:{part.term}}}", scope)  # type: ignore[union-attr]


def _finished(found: list[Piece], whole: str) -> Iterator[Piece]:
    """The capital and the full stop that `finished` gave."""
    left = whole
    for piece in found:
        shown, left = left[: len(piece.text)], left[len(piece.text) :]
        yield Piece(shown, piece.slot, piece.anchor, piece.tip)
    if left:
        yield Piece(left)
