"""What changed between two reviews: verdicts, reasons, and the facts that the findings rest on. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.domain import WORDS, Finding, Reason, ReviewDocument
from agent.drafting.overview import reasons_by_rule
from agent.drafting.values import say

Place = tuple[str, str, str, str]  # item or check, probe, what it is about, role


@dataclass(frozen=True)
class VerdictChange:
    """`item` is an item's number or a check's id."""

    item: str
    title: str
    before: str
    after: str


@dataclass(frozen=True)
class FactChange:
    """A value that one of the two does not have is "" there."""

    item: str
    role: str
    about: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """`gone` and `new` are reasons that only the first or only the second has."""

    proposal: tuple[str, str]
    verdicts: tuple[VerdictChange, ...]
    gone: tuple[Reason, ...]
    new: tuple[Reason, ...]
    facts: tuple[FactChange, ...]


def difference(before: ReviewDocument, after: ReviewDocument) -> Difference:
    had, has = (reasons_by_rule(one.reasons) for one in (before, after))
    return Difference(
        proposal=(before.proposal.value, after.proposal.value),
        verdicts=tuple(_verdicts(before, after)),
        gone=tuple(reason for key, reason in had.items() if key not in has),
        new=tuple(reason for key, reason in has.items() if key not in had),
        facts=tuple(_facts(before, after)),
    )


def _verdicts(before: ReviewDocument, after: ReviewDocument) -> Iterator[VerdictChange]:
    had = _standings(before)
    for key, (title, word) in _standings(after).items():
        was = had.get(key, ("", "not there"))[1]
        if was != word:
            yield VerdictChange(key, title, was, word)


def _standings(document: ReviewDocument) -> dict[str, tuple[str, str]]:
    items = {str(item.number): (item.title, WORDS[item.verdict]) for item in document.items}
    return items | {check.id: (check.title, check.outcome.value) for check in document.checks}


def _facts(before: ReviewDocument, after: ReviewDocument) -> Iterator[FactChange]:
    had, has = _values(before), _values(after)
    for place in [*has, *(place for place in had if place not in has)]:
        was, now = had.get(place, ()), has.get(place, ())
        if was != now:
            item, _, about, role = place
            yield FactChange(item, role, about, "; ".join(was), "; ".join(now))


def _values(document: ReviewDocument) -> dict[Place, tuple[str, ...]]:
    """Every fact in words, by where it is used; several in one role stay together."""
    found: dict[Place, tuple[str, ...]] = {}
    for where, finding in _findings(document):
        for used in finding.facts:
            place = (where, finding.probe, finding.about, used.role)
            found[place] = (*found.get(place, ()), say(used.fact, document.zone))
    return found


def _findings(document: ReviewDocument) -> Iterator[tuple[str, Finding]]:
    for item in document.items:
        yield from ((str(item.number), finding) for finding in item.findings)
    yield from ((check.id, check.finding) for check in document.checks)
