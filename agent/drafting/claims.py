"""What a sentence of slots and harmless words may still not claim. Pure.

The sentence is seen with its slots as marks, a person's as one of its own. Five things are asked of it: that it turns
no value and no standing round, that it does not say the opposite of its finding in that finding's own words, that
under an open finding it speaks of what is missing or to be done, that a figure of the card is told as the card's, and
that nobody is given a part that the finding does not give them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from agent.domain import Outcome, Used
from agent.drafting import vocabulary
from agent.drafting.phrases import (
    ALWAYS,
    FACT,
    NEGATIONS,
    OUGHTS,
    PERSON,
    ROLE,
    SPEAKS_OF_WHAT_IS_OPEN,
    SPEAKS_OF_WHAT_TO_DO,
    STANDING,
    TERM,
    WHERE_OPEN,
)
from agent.drafting.rejections import Rule
from collectors.evidence import Day, Duration, Number, Origin, Person, Time

WORD = re.compile(r"(?<!\w)[A-Za-z]+(?:['-][A-Za-z]+)*(?![\w-])")
_MARK = re.compile(f"[{FACT}{STANDING}{TERM}]")
Complaint = tuple[Rule, str, str]
REACH = 4  # words behind a negation that it is taken to turn round
WISHES = frozenset({"limit", "target", "asked", "enough", "within", "most"})


@dataclass(frozen=True)
class Said:
    """One sentence. `text`: slots as marks; `used`: what fills each mark, None for one that is no fact. `rule`: the
    finding's own sentence with marks ("" in a summary), `template` its words."""

    text: str
    used: tuple[Used | None, ...]
    rule: str
    template: frozenset[str]
    outcome: Outcome | None
    summary: bool

    @property
    def open(self) -> bool:
        """Does it speak of something that is no pass, or of the whole gate?"""
        return self.summary or self.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE)

    @property
    def peopled(self) -> str:
        """The text with a mark of their own for people."""
        return self.marked(lambda mark, used: PERSON if _is(used, Person) else mark)

    @property
    def figured(self) -> str:
        """The text in which only numbers and durations keep the mark of a fact."""
        return self.marked(lambda mark, used: mark if _is(used, Number | Duration) else TERM)

    def marked(self, told: Callable[[str, Used | None], str]) -> str:
        """The text with another mark for each slot."""
        used = iter(self.used)
        return _MARK.sub(lambda found: told(found[0], next(used)), self.text)


def of(said: Said) -> Iterator[Complaint]:
    """Everything that a sentence claims and may not."""
    yield from _values(said)
    yield from _phrases(said)
    yield from _turned(said)
    yield from _idle(said)
    yield from _wishes(said)
    yield from _roles(said)


def _values(said: Said) -> Iterator[Complaint]:
    words = [word.lower() for word in WORD.findall(said.text)]
    negated = sorted(vocabulary.NEGATIONS & set(words))
    if STANDING in said.text and negated:
        yield Rule.NEGATION, "A sentence turns its standing round with a negation.", negated[0]
    if re.search(rf"\b(?:{'|'.join(vocabulary.NEGATIONS)}) [{FACT}{TERM}]", said.text, re.IGNORECASE):
        yield Rule.NEGATION, "A negation stands before a slot and turns its value round.", ""
    for text, units in ((said.text, vocabulary.UNITS), (said.figured, vocabulary.COUNTED)):
        if re.search(rf"[{FACT}] \(?(?:{'|'.join(units)})\b", text, re.IGNORECASE):
            yield Rule.UNIT, "A unit stands behind a slot, which brings its own.", ""
    if vocabulary.PERMISSION.search(said.text.lower()):
        yield Rule.PERMISSION, "A sentence says what may be launched; only signatures do.", ""
    ordered = vocabulary.ORDER & set(words) - said.template
    if ordered and sum(_is(one, Time | Day | Duration) for one in said.used) > 1:
        yield Rule.ORDER, "A sentence puts two times in order; comparing them is the rules' work.", sorted(ordered)[0]


def _is(used: Used | None, kind: object) -> bool:
    return used is not None and isinstance(used.fact, kind)  # type: ignore[arg-type]


def _phrases(said: Said) -> Iterator[Complaint]:
    for table in (ALWAYS, WHERE_OPEN) if said.open else (ALWAYS,):
        for what, pattern in _compiled(tuple(table.items())):
            if found := pattern.search(said.text):
                yield Rule.CLAIM, f"A sentence {what}.", found[0]


@cache
def _compiled(table: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((what, re.compile(pattern, re.IGNORECASE)) for what, pattern in table)


# --- the finding's own words, turned round ----------------------------------------------------------------------------

_CLAUSE = re.compile(r"[,;:.()]| (?:and|but|so(?! that)|because|since|though|although|which|as) ")
_STATES = re.compile(r"\b(?:is|are|was|were|did|does|had|came|went|has been|have been)\b", re.IGNORECASE)
_LITTLE = """a an the of on in at to for by with from and or it its they them their that this these those is are was
were be been has have had do does did keep keeps kept so as who which what when where how whether if until about after
before"""
_SMALL = frozenset(_LITTLE.split())


def _turned(said: Said) -> Iterator[Complaint]:
    """Two negations in one clause, or the words that the rule's sentence negates without a negation, or the reverse."""
    denied = _negated(said.rule)
    own = _content(said.rule) - denied
    ought = False
    for clause in _CLAUSE.split(said.text):
        negations = [word for word in _lower(clause) if word in NEGATIONS]
        ought_here = any(found[0].lower() not in said.template for found in OUGHTS.finditer(clause))
        hypothetical = ought_here or (ought and not _STATES.search(clause))
        if len(negations) > 1:
            yield Rule.TURNED, "A clause has two negations, which is hard to read and may say the opposite.", clause
        if not negations and not hypothetical and (same := denied & set(_lower(clause))):
            yield Rule.TURNED, "A sentence says what the rule's own sentence denies.", sorted(same)[0]
        if same := _negated(clause) & own:
            yield Rule.TURNED, "A sentence denies what the rule's own sentence says.", sorted(same)[0]
        ought = ought or ought_here


def _lower(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def _content(text: str) -> frozenset[str]:
    return frozenset(_lower(text)) - _SMALL - NEGATIONS


@cache
def _negated(text: str) -> frozenset[str]:
    """The words that the negations of a text turn round, as far as that can be told from where they stand."""
    found: set[str] = set()
    for clause in re.split(r"[,;:.]", text):
        words = _lower(clause)
        for place, word in enumerate(words):
            if word in NEGATIONS:
                found.update(words[place + 1 : place + 1 + REACH])
    return frozenset(found) - _SMALL - NEGATIONS


# --- what is open, what the card asks, who is what --------------------------------------------------------------------


def _idle(said: Said) -> Iterator[Complaint]:
    """Under an open finding a sentence says what is missing or to be done, in a summary what is to be done."""
    wanted = SPEAKS_OF_WHAT_TO_DO if said.summary else SPEAKS_OF_WHAT_IS_OPEN
    if said.open and not wanted.search(said.text):
        yield Rule.CLAIM, "A sentence on what is open says neither what is missing nor what is to be done.", said.text


_THE_LAUNCH = re.compile(
    r"\blaunch(?: (?:day|is|was|be|should|could|would|has|to|planned|set|due|falls|goes|comes|takes|place|not))* "
    r"(?:on|at|for|by|until|is) $"
)
_OF_THE_CARD = (
    r"\b(?:card|checklist|gate|plan)(?: (?:had|has|asks?|asked|sets?|gives?|gave|expects?|wants?|demands?|reserves?|"
    r"names?|for|it|the|an?|them|limit|target|of|at|to|as|is|be|each|log|least|most))* $"
)


def _wishes(said: Said) -> Iterator[Complaint]:
    """A figure that the card asks for is never told as one that was measured, nor another time as the launch's."""
    places = [found.start() for found in _MARK.finditer(said.text)]
    for place, used in zip(places, said.used, strict=True):
        if used is None:
            continue
        if _is_wish(used) and not _attributed(said.text[:place], said.text[place + 1 :]):
            yield Rule.WISH, "A figure that the card asks for is not told as the card's.", used.role
        if "launch" not in used.role and _THE_LAUNCH.search(said.text[:place].lower()):
            yield Rule.WISH, "Something that is not the launch day is told as the launch day.", used.role


def _is_wish(used: Used) -> bool:
    figure = isinstance(used.fact, Number | Duration)
    return figure and (used.fact.origin is Origin.CARD or used.role in WISHES)


def _attributed(before: str, behind: str) -> bool:
    clause = re.split(r"[,;.]", before)[-1]
    told = re.search(_OF_THE_CARD, clause, re.IGNORECASE) or re.search(
        r"\bagainst (?:an? |the )?(?:target of )?$", clause
    )
    return bool(told or re.match(r" (?:(?:on|of|in|from) the|that the|the) (?:card|gate|checklist)\b", behind))


def _roles(said: Said) -> Iterator[Complaint]:
    known = {word.lower() for word in said.template}
    for found in ROLE.finditer(said.peopled):
        if not set(_lower(found[1])) <= known or found[1] == TERM:
            yield Rule.CLAIM, "A sentence gives somebody a part that the finding does not give them.", found[1]
