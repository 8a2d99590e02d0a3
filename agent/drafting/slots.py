"""The slot contract: what a model's statement must be before anyone sees it. Pure; answers are typed rejections."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice

from agent.domain import SLOT, Finding, ItemResult, Outcome, Statement, SummaryLine, Used
from agent.drafting import claims, phrases, vocabulary
from agent.drafting.parts import (
    WORST_OUTCOME_FIRST,
    FactSlot,
    ItemSlot,
    Part,
    Plain,
    Scope,
    SlotError,
    Standing,
    Term,
    fill,
    finished,
    parse,
    sentence,
)
from agent.drafting.rejections import Rejection, Rule
from collectors.evidence import Duration, Fact, Number, Quote, State

__all__ = [
    "Rejection", "Rule", "assert_sound", "assert_summary_sound", "check_statement", "check_summary", "checked", "fill",
    "offered", "sentence",
]  # fmt: skip

LONGEST = 400
# Not the proposal and not the standings: beside another subject they would say what no rule said.
OFFERED = ("launch_day", "days_to_launch", "days_since_launch", "owner_", "open_items", "questions_unanswered")
PER_FINDING = 3


@dataclass(frozen=True)
class Grounds:
    """What a sentence is held against: what fills its slots, and the words it may use beside the vocabulary."""

    scope: Scope
    own: frozenset[str]
    template: frozenset[str] = frozenset()
    rule: str = ""
    summary: bool = False


Complaint = claims.Complaint
_MARKS = {FactSlot: phrases.FACT, ItemSlot: phrases.FACT, Standing: phrases.STANDING, Term: phrases.TERM}
_FOREIGN = re.compile(r"[^A-Za-z .,;:'()\-\u25a1\u25a0\u25aa]")
_SHAPES = (
    (re.compile(r"[.,;:](?![ )]|$)|(?<= )[.,;:]|  "), "a stop, comma or colon has one space behind it and none before"),
    (re.compile(r"(?<![A-Za-z])-|-(?![A-Za-z])"), "a hyphen stands between two words, never beside a slot"),
    (re.compile(r"'(?=[\u25a1\u25a0\u25aa])|(?<=[\u25a1\u25a0\u25aa])'(?!s\b)"), "a slot takes no quotation marks"),
    (
        re.compile(r"(?<![ (])[\u25a1\u25a0\u25aa](?<!^.)|[\u25a1\u25a0\u25aa](?![ .,;:)']|$)"),
        "a slot stands free, with a space before and a space or stop behind",
    ),
)
_POSSESSIVE = re.compile(r"(?<=[\u25a1\u25aa])'s\b")
_DASH = re.compile(r" - (?=[A-Za-z])")


def checked(item: ItemResult, drafted: Sequence[tuple[int, str]], zone: str) -> tuple[Statement, ...] | list[Rejection]:
    """A model's statements for one item as (finding, template): all of them filled, or why none of them is used."""
    rejections = list(_arrangement(item, drafted))
    for index, template in drafted:
        if 0 <= index < len(item.findings):
            rejections += check_statement(template, item, index, zone)
    if rejections:
        return rejections
    return tuple(_statement(item.findings[index], index, template.strip(), zone) for index, template in drafted)


def check_statement(template: str, item: ItemResult, index: int, zone: str) -> list[Rejection]:
    """One statement against its finding."""
    finding = item.findings[index]
    sentence = words_of(SLOT.sub(" ", finding.sentence))
    rule = SLOT.sub(phrases.FACT, finding.sentence)
    grounds = Grounds(Scope.of_finding(finding, zone), sentence | words_of(item.title), sentence, rule)
    return [
        Rejection(item=item.number, finding=index, rule=rule, reason=reason, offence=offence[:60])
        for rule, reason, offence in _complaints(template.strip(), grounds)
    ]


def check_summary(
    template: str, items: Mapping[int, ItemResult], zone: str, overall: Sequence[Used] = ()
) -> list[Rejection]:
    """One sentence of the summary: the facts of every item by {I4.F3 as fired_at}, those of the gate by {F1 as …}."""
    titles = frozenset[str]().union(*(words_of(item.title) for item in items.values()))
    grounds = Grounds(Scope.of_items(items, zone, overall), titles, summary=True)
    return [
        Rejection(rule=rule, reason=reason, offence=offence[:60])
        for rule, reason, offence in _complaints(template.strip(), grounds)
    ]


def assert_sound(item: ItemResult, zone: str) -> None:
    """Once more, before a draft is shown: its texts are its templates filled, and the model's hold to the contract."""
    for one in item.draft:
        finding = item.findings[one.finding]
        if one.text != finished(fill(one.template, Scope.of_finding(finding, zone)), one.template):
            raise SlotError(f"item {item.number}: a statement is not its template with the slots filled")
        if one.by == "model" and check_statement(one.template, item, one.finding, zone):
            raise SlotError(f"item {item.number}: a statement of the model does not hold to the slot contract")


def assert_summary_sound(
    lines: Sequence[SummaryLine], items: Sequence[ItemResult], overall: Sequence[Used], zone: str
) -> None:
    """The same for the summary; of the facts of the whole gate the model may use those that it was told of."""
    told = offered(overall)
    known = {item.number: item for item in items}
    scope = Scope.of_items(known, zone, overall)
    for one in lines:
        if one.text != finished(fill(one.template, scope), one.template):
            raise SlotError("a sentence of the summary is not its template with the slots filled")
        if one.by == "model" and check_summary(one.template, known, zone, told):
            raise SlotError("a sentence of the model's summary does not hold to the slot contract")


def offered(overall: Sequence[Used]) -> tuple[Used, ...]:
    """The facts of the whole gate that the writing model may use."""
    return tuple(used for used in overall if used.role.startswith(OFFERED))


@cache
def words_of(text: str) -> frozenset[str]:
    """The words of a title or of a sentence of our own as they are written, less those that nothing lets in."""
    found = {word for word in claims.WORD.findall(text) if word.isascii()}
    return frozenset(word for word in found if vocabulary.denied(word.lower()) is None)


def _statement(finding: Finding, index: int, template: str, zone: str) -> Statement:
    text = finished(fill(template, Scope.of_finding(finding, zone)), template)
    return Statement(finding=index, template=template, text=text, by="model")


def _arrangement(item: ItemResult, drafted: Sequence[tuple[int, str]]) -> Iterator[Rejection]:
    told = partial(Rejection, item=item.number)
    indexes = [index for index, _ in drafted]
    known = [index for index in indexes if 0 <= index < len(item.findings)]
    if known != indexes:
        yield told(rule=Rule.NO_SUCH, reason="A statement belongs to a finding that this item does not have.")
    for index, finding in enumerate(item.findings):
        if finding.outcome is not Outcome.PASS and index not in known:
            yield told(finding=index, rule=Rule.OMITTED, reason="A finding that is not a pass has no statement.")
        if known.count(index) > PER_FINDING:
            yield told(finding=index, rule=Rule.LENGTH, reason=f"A finding has more than {PER_FINDING} statements.")
    ranks = [WORST_OUTCOME_FIRST.index(item.findings[index].outcome) for index in known]
    if ranks != sorted(ranks):
        yield told(rule=Rule.ARRANGEMENT, reason="The statements are not in the order of their findings, worst first.")


def _complaints(template: str, grounds: Grounds) -> Iterator[Complaint]:
    if not template or len(template) > LONGEST:
        yield Rule.LENGTH, f"A statement has between 1 and {LONGEST} characters.", ""
        return
    if not template.isascii() or not template.isprintable():
        yield Rule.ALPHABET, "A statement holds a character beyond plain printable ASCII.", ""
        return
    try:
        parts = parse(template)
    except SlotError as error:
        yield Rule.BRACES, "Braces hold something that is no slot.", str(error)
        return
    yield from _slots(parts, grounds)
    skeleton = "".join(part.text if isinstance(part, Plain) else _MARKS[type(part)] for part in parts)
    if foreign := _FOREIGN.search(skeleton):
        yield Rule.ALPHABET, "Outside slots stands a digit or a sign that is not plain punctuation.", foreign[0]
        return
    yield from _shape(skeleton)
    yield from _touching(parts, grounds)
    yield from _words(skeleton, grounds)
    for said in _sentences(skeleton, parts, grounds):
        yield from claims.of(said)


def _slots(parts: Sequence[Part], grounds: Grounds) -> Iterator[Complaint]:
    anchored = False
    for part in parts:
        if isinstance(part, FactSlot):
            used = grounds.scope.used(part)
            anchored = True
            if used is None or (part.item is not None and not grounds.summary):
                yield (
                    Rule.FOREIGN_SLOT,
                    "A slot names no fact that stands here in that role.",
                    f"{part.slot} as {part.role}",
                )
            elif isinstance(used.fact, Quote):
                yield Rule.FOREIGN_SLOT, "A slot names a quotation, which only code may place.", part.slot
        elif isinstance(part, ItemSlot):
            anchored = True
            if part.item not in grounds.scope.items:
                yield Rule.FOREIGN_SLOT, "A slot names an item that is not in this place.", f"I{part.item}"
        elif isinstance(part, Standing):
            anchored = True
            if grounds.summary:
                yield Rule.FOREIGN_SLOT, "The slot for the standing belongs to a finding, not to a summary.", "is"
    if not anchored:
        yield Rule.NO_SLOT, "A statement has no slot, so it rests on nothing.", ""


def _shape(skeleton: str) -> Iterator[Complaint]:
    plain = _DASH.sub(" ", skeleton)
    for pattern, rule in _SHAPES:
        if pattern.search(plain):
            yield Rule.SHAPE, f"The punctuation is not plain: {rule}.", ""
    if not skeleton.endswith("."):
        yield Rule.SHAPE, "A statement ends with a full stop.", ""


def _touching(parts: Sequence[Part], grounds: Grounds) -> Iterator[Complaint]:
    for left, between, right in zip(parts, parts[1:], parts[2:], strict=False):
        if not (isinstance(left, FactSlot) and isinstance(right, FactSlot) and isinstance(between, Plain)):
            continue
        facts = [_fact(slot, grounds) for slot in (left, right)]
        if not claims.WORD.search(between.text) and not _kept_apart(between.text, facts):
            yield Rule.TOUCHING, "Two slots stand side by side, so their values could be read as one.", ""


def _kept_apart(between: str, facts: Sequence[Fact | None]) -> bool:
    """A bracket parts any two values, a comma those of a list, a space a thing from its state; numbers need more."""
    if between == " (":
        return True
    if any(isinstance(fact, Number | Duration) for fact in facts):
        return False
    return between == ", " or (between == " " and isinstance(facts[1], State))


def _fact(slot: Part, grounds: Grounds) -> Fact | None:
    used = grounds.scope.used(slot) if isinstance(slot, FactSlot) else None
    return used.fact if used else None


def _words(skeleton: str, grounds: Grounds) -> Iterator[Complaint]:
    skeleton = _POSSESSIVE.sub("", skeleton)
    for found in claims.WORD.finditer(skeleton):
        word = found[0].removesuffix("'s")
        if kind := vocabulary.denied(word.lower()):
            yield Rule.DENIED_WORD, f"A word outside the slots is {kind}.", word
        elif not _is_known(word, _begins(skeleton, found.start()), grounds.own):
            yield Rule.WORD, "A word outside the slots is not in the vocabulary, the title or the finding.", word


def _begins(skeleton: str, at: int) -> bool:
    return at == 0 or skeleton[:at].endswith(". ")


def _is_known(word: str, begins: bool, own: frozenset[str]) -> bool:
    if word in own:
        return True
    plain = word[:1].lower() + word[1:] if begins else word
    lowered = {known.lower() for known in own}
    parts = plain.split("-")
    return any(all(one in vocabulary.words() or one in lowered for one in told) for told in ([plain], parts))


def _sentences(skeleton: str, parts: Sequence[Part], grounds: Grounds) -> Iterator[claims.Said]:
    slots = iter(part for part in parts if not isinstance(part, Plain))
    for said in re.split(r"(?<=\.) ", skeleton):
        used = [grounds.scope.used(slot) if isinstance(slot, FactSlot) else None for slot in _next(slots, said)]
        yield claims.Said(said, tuple(used), grounds.rule, grounds.template, grounds.scope.outcome, grounds.summary)


def _next(slots: Iterator[Part], said: str) -> Iterator[Part]:
    """The slots of this sentence, of which the skeleton shows the marks."""
    marks = (phrases.FACT, phrases.STANDING, phrases.TERM)
    return islice(slots, sum(said.count(mark) for mark in marks))
