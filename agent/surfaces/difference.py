"""What changed between two reviews: verdicts, reasons, and the facts that the findings rest on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.domain import WORDS, Finding, Reason, ReviewDocument, SignOff
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
class EvidenceChange:
    """Answers to one type of request that only the first (`gone`) or only the second (`new`) rests on, by digest."""

    request_type: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Uncounted:
    """A signature over the first that says nothing of the second. `at` is ISO 8601."""

    name: str
    role: str
    decision: str
    at: str


@dataclass(frozen=True)
class Difference:
    """`gone` and `new` are reasons that only the first or only the second has; `uncounted`, the first's signatures."""

    proposal: tuple[str, str]
    verdicts: tuple[VerdictChange, ...]
    gone: tuple[Reason, ...]
    new: tuple[Reason, ...]
    facts: tuple[FactChange, ...]
    evidence: tuple[EvidenceChange, ...] = ()
    uncounted: tuple[Uncounted, ...] = ()


def once(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Each sentence about an item or check once, for people; a rule may say the same of several things."""
    return tuple({(one.where, one.text): one for one in reasons}.values())


def difference(before: ReviewDocument, after: ReviewDocument, signed: Sequence[SignOff] = ()) -> Difference:
    """`signed`: every signature that was ever given over `before`."""
    had, has = (reasons_by_rule(one.reasons) for one in (before, after))
    return Difference(
        proposal=(before.proposal.value, after.proposal.value),
        verdicts=tuple(_verdicts(before, after)),
        gone=tuple(reason for key, reason in had.items() if key not in has),
        new=tuple(reason for key, reason in has.items() if key not in had),
        facts=tuple(_facts(before, after)),
        evidence=tuple(_evidence(before, after)),
        uncounted=tuple(
            Uncounted(one.name, one.role, one.decision.value, one.at.isoformat())
            for one in signed
            if one.digest != after.digest
        ),
    )


def _evidence(before: ReviewDocument, after: ReviewDocument) -> Iterator[EvidenceChange]:
    for kind in sorted({*before.evidence.values(), *after.evidence.values()}):
        had, has = ({d for d, one in document.evidence.items() if one == kind} for document in (before, after))
        if had != has:
            yield EvidenceChange(kind, tuple(sorted(had - has)), tuple(sorted(has - had)))


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
