"""The slots: statements are templates, and code fills them; slots.py checks those that a model wrote.

{F3 as primary}      a fact of the statement's own finding, in the role the finding uses it in
{I4.F3 as fired_at}  the same in a summary, which may speak of any item
{F2 as launch_day}   in a summary: a fact of the whole gate
{I4}                 in a summary: "item 4"
{is}                 the finding's standing, from its outcome
{T:p95}              a term of the closed list
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.domain import Finding, ItemResult, Outcome, Used
from agent.drafting import vocabulary
from agent.drafting.values import say

STANDING = {
    Outcome.PASS: "is met",
    Outcome.FAIL: "is not met",
    Outcome.WARN: "is met with a warning",
    Outcome.UNKNOWN: "could not be established",
    Outcome.NOT_APPLICABLE: "does not apply",
}
WORST_OUTCOME_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN, Outcome.NOT_APPLICABLE, Outcome.PASS)

_PIECE = re.compile(r"\{([^{}]*)\}")
_FACT = re.compile(r"(?:I(?P<item>[1-9]\d{0,2})\.)?(?P<slot>F[1-9]\d{0,3}) as (?P<role>[a-z][a-z0-9_]*)", re.ASCII)
_ITEM = re.compile(r"I(?P<item>[1-9]\d{0,2})", re.ASCII)
_TERM = re.compile(r"T:(?P<term>[A-Za-z0-9-]+)", re.ASCII)


class SlotError(ValueError):
    """A template whose braces hold something that is no slot, or a slot that nothing fills."""


@dataclass(frozen=True)
class Plain:
    text: str


@dataclass(frozen=True)
class FactSlot:
    """`item` None = of the statement's own finding."""

    slot: str
    role: str
    item: int | None = None


@dataclass(frozen=True)
class ItemSlot:
    item: int


@dataclass(frozen=True)
class Standing:
    pass


@dataclass(frozen=True)
class Term:
    term: str


Part = Plain | FactSlot | ItemSlot | Standing | Term


@lru_cache(maxsize=4096)
def parse(template: str) -> tuple[Part, ...]:
    """A template in its parts, in order; SlotError says which braces hold no slot."""
    parts: list[Part] = []
    for index, piece in enumerate(_PIECE.split(template)):
        if index % 2:
            parts.append(_slot(piece))
        elif "{" in piece or "}" in piece:
            raise SlotError("a brace stands alone")
        elif piece:
            parts.append(Plain(piece))
    return tuple(parts)


def _slot(inside: str) -> Part:
    if inside == "is":
        return Standing()
    if match := _FACT.fullmatch(inside):
        return FactSlot(match["slot"], match["role"], int(match["item"]) if match["item"] else None)
    if match := _ITEM.fullmatch(inside):
        return ItemSlot(int(match["item"]))
    if (match := _TERM.fullmatch(inside)) and match["term"] in vocabulary.TERMS:
        return Term(match["term"])
    raise SlotError(f"{{{inside[:40]}}} is no slot")


@dataclass(frozen=True)
class Scope:
    """What may fill the slots: the facts of one finding with its outcome, or of all items by number."""

    facts: Mapping[tuple[int | None, str], Used]
    zone: str
    outcome: Outcome | None = None
    items: frozenset[int] = frozenset()

    @classmethod
    def of_finding(cls, finding: Finding, zone: str) -> Scope:
        return cls({(None, used.slot): used for used in finding.facts}, zone, finding.outcome)

    @classmethod
    def of_items(cls, items: Mapping[int, ItemResult], zone: str, overall: Sequence[Used] = ()) -> Scope:
        """`overall` are facts of the whole gate, which have no item's number."""
        facts: dict[tuple[int | None, str], Used] = {
            (number, used.slot): used
            for number, item in items.items()
            for finding in item.findings
            for used in finding.facts
        }
        return cls(facts | {(None, used.slot): used for used in overall}, zone, items=frozenset(items))

    def used(self, slot: FactSlot) -> Used | None:
        """The fact of a slot, where it exists in exactly that role."""
        used = self.facts.get((slot.item, slot.slot))
        return used if used is not None and used.role == slot.role else None


def fill(template: str, scope: Scope) -> str:
    """The template with every slot filled once, so that no fact is read as a slot. SlotError where one is foreign."""
    return "".join(_told(part, scope) for part in parse(template))


def _told(part: Part, scope: Scope) -> str:
    match part:
        case Plain(text):
            return text
        case Term(term):
            return vocabulary.TERMS[term]
        case ItemSlot(item) if item in scope.items:
            return f"item {item}"
        case Standing() if scope.outcome is not None:
            return STANDING[scope.outcome]
        case FactSlot() if (used := scope.used(part)) is not None:
            return say(used.fact, scope.zone)
    raise SlotError(f"nothing fills {part}")


def sentence(finding: Finding, zone: str) -> str:
    """The finding's own sentence as readers see it: filled, begun with a capital, ended with a full stop."""
    return finished(fill(finding.sentence, Scope.of_finding(finding, zone)), finding.sentence)


def finished(text: str, template: str) -> str:
    """Capital and full stop for a filled template; a value at its beginning is left as it is."""
    begun = text[:1].upper() + text[1:] if template[:1].isalpha() or template[:2] == "{I" else text
    return begun if begun.endswith((".", "!", "?", "…")) else begun + "."


def slots_of(template: str) -> tuple[str, ...]:
    """The slots of a template as they are written, in order."""
    return tuple("{" + inside + "}" for inside in _PIECE.findall(template))
