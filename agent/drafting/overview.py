"""The summary: what is decided, what blocks and who can unblock it, what changed since, what could not be seen.

Every value in it is a fact of the whole gate that code counted or compared, and stands in a slot like any other; the
writing model may use some of them (`slots.offered`) in sentences of its own. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from agent.domain import (
    WORDS,
    CheckResult,
    Decision,
    GapRow,
    ItemResult,
    Outcome,
    Reason,
    ReviewDocument,
    SummaryLine,
    Used,
    Verdict,
)
from agent.drafting.parts import Scope, fill, finished
from agent.drafting.values import clean
from collectors.evidence import Day, Fact, Number, Origin, Person, State, Time

About = Literal["decided", "blocks", "changed", "unseen"]
_OPEN = (Verdict.NOT_MET, Verdict.UNDETERMINED, Verdict.WARNING)


@dataclass(frozen=True)
class Outlook:
    """What a summary is about. `before` is the last review of the same subject and gate, of this version where there is
    one; None = there is none, or (`earlier`) it cannot be read any more. `launch` None = the card names no day.
    `keeper`: who can settle what the card says of the launch; `frozen`: digests of card and gate by name."""

    proposal: Decision
    items: Sequence[ItemResult]
    checks: Sequence[CheckResult]
    gaps: Sequence[GapRow]
    reasons: Sequence[Reason]
    as_of: datetime
    zone: str
    launch: date | None = None
    before: ReviewDocument | None = None
    earlier: bool = False
    version: str = ""
    keeper: str = ""
    frozen: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Overview:
    """Sentences as templates, and the facts that fill them."""

    facts: list[Used] = field(default_factory=list)
    templates: list[tuple[About, str]] = field(default_factory=list)

    def slot(self, role: str, fact: Fact) -> str:
        """Keep a fact in a role of its own; returns its slot."""
        known = next((used for used in self.facts if used.role == role), None)
        used = known or Used(slot=f"F{len(self.facts) + 1}", role=role, fact=fact)
        if known is None:
            self.facts.append(used)
        return f"{{{used.slot} as {role}}}"

    def count(self, role: str, value: int, unit: str) -> str:
        return self.slot(role, Number(value=value, unit=unit, origin=Origin.CODE))

    def say(self, about: About, template: str) -> None:
        self.templates.append((about, template))

    def lines(self, items: Sequence[ItemResult], zone: str) -> tuple[SummaryLine, ...]:
        """The sentences, filled."""
        scope = Scope.of_items({item.number: item for item in items}, zone, self.facts)
        return tuple(
            SummaryLine(about=about, template=template, text=finished(fill(template, scope), template), by="template")
            for about, template in self.templates
        )


def overview(outlook: Outlook) -> Overview:
    """Everything that code has to say of the whole gate."""
    made = Overview()
    _decided(outlook, made)
    _launch(outlook, made)
    _blocks(outlook, made)
    _changed(outlook, made)
    _unseen(outlook, made)
    return made


def listing(words: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def reasons_by_rule(reasons: Sequence[Reason]) -> dict[tuple[str, ...], Reason]:
    """Reasons by all that they say: one that says something else now is gone, and new."""
    return {(r.where, r.probe, r.about, r.outcome, r.text): r for r in reasons}


# --- what is decided --------------------------------------------------------------------------------------------------


def _decided(outlook: Outlook, made: Overview) -> None:
    told = [
        _numbered(outlook.items, Verdict.NOT_MET, "is not met", "are not met"),
        _numbered(outlook.items, Verdict.UNDETERMINED, "could not be established", "could not be established"),
        _numbered(outlook.items, Verdict.WARNING, "carries a warning", "carry a warning"),
    ]
    failed = sum(check.outcome is not Outcome.PASS for check in outlook.checks)
    if failed:
        told.append(f"{made.count('checks_failed', failed, 'checks')} {'does' if failed == 1 else 'do'} not hold")
    proposal = made.slot("proposal", State(value=outlook.proposal.value, origin=Origin.CODE))
    why = listing([clause for clause in told if clause]) or "nothing stands against it"
    made.say("decided", f"The proposal is {proposal}: {why}.")


def _numbered(items: Sequence[ItemResult], verdict: Verdict, one: str, many: str) -> str:
    numbers = [item.number for item in items if item.verdict is verdict]
    return f"{_items(numbers)} {one if len(numbers) == 1 else many}" if numbers else ""


def _items(numbers: Sequence[int]) -> str:
    """{I9}, or the numbers of several, which are no facts but names of lines."""
    return f"{{I{numbers[0]}}}" if len(numbers) == 1 else f"items {listing([str(number) for number in numbers])}"


def _launch(outlook: Outlook, made: Overview) -> None:
    if outlook.launch is None:
        return
    day = made.slot("launch_day", Day(value=outlook.launch, origin=Origin.CARD, pointer="/launch/date"))
    left = (outlook.launch - outlook.as_of.astimezone(ZoneInfo(outlook.zone)).date()).days
    if left > 0:
        when = f"{made.count('days_to_launch', left, 'days')} after this review"
    elif left:
        when = f"{made.count('days_since_launch', -left, 'days')} before this review"
    else:
        when = "the day of this review"
    made.say("decided", f"The launch is planned for {day}, {when}.")


# --- what blocks, and who can unblock it ------------------------------------------------------------------------------


def _blocks(outlook: Outlook, made: Overview) -> None:
    by_owner: dict[str, list[int]] = {}
    for item in outlook.items:
        if item.verdict in _OPEN:
            by_owner.setdefault(clean(item.owner or item.remedy.who, 200), []).append(item.number)
    if by_owner:
        made.count("open_items", sum(map(len, by_owner.values())), "items")
    for owner, numbers in by_owner.items():
        who = listing([_owner(name, made) for name in owner.split(" and ")]) if owner else ""
        made.say("blocks", f"{who} can settle {_items(numbers)}." if who else f"Nobody is named for {_items(numbers)}.")
    waiting = [item.number for item in outlook.items if item.verdict is Verdict.PENDING]
    if waiting:
        made.say("blocks", f"{_items(waiting)} {'waits' if len(waiting) == 1 else 'wait'} for the signatures.")
    open_checks = [check for check in outlook.checks if check.outcome is not Outcome.PASS]
    for check in open_checks:
        made.say("blocks", f"Beside the items: {_plain(check.text)}")
    if open_checks and outlook.keeper:
        what = "this" if len(open_checks) == 1 else "these"
        made.say("blocks", f"{_owner(outlook.keeper, made)} can settle {what} on the card.")


def _owner(name: str, made: Overview) -> str:
    """One slot a person, however many items wait for them."""
    known = [used for used in made.facts if used.role.startswith("owner_")]
    role = next((used.role for used in known if _value(used) == name), f"owner_{len(known) + 1}")
    return made.slot(role, Person(value=name, id="", origin=Origin.CODE))


def _value(used: Used) -> str:
    return used.fact.value if isinstance(used.fact, Person) else ""


def _plain(text: str) -> str:
    """A sentence that is filled already: nothing in it is read as a slot."""
    return clean(text).replace("{", "(").replace("}", ")")


# --- what changed -----------------------------------------------------------------------------------------------------


def _changed(outlook: Outlook, made: Overview) -> None:
    before = outlook.before
    if before is None:
        if outlook.earlier:
            made.say("changed", "The review before this one cannot be read any more, so nothing is compared with it.")
        return
    since = made.slot("reviewed_before", Time(value=before.as_of, origin=Origin.CODE))
    if outlook.version and before.version != outlook.version:
        since = f"{since} of version {made.slot('version_before', State(value=before.version, origin=Origin.CARD))}"
    told = [
        *_moved_proposal(outlook, before, made), *_moved(outlook, before, made), *_reasons(outlook, before, made),
        *_values(outlook, before), *_replaced(outlook, before),
    ]  # fmt: skip
    if told:
        made.say("changed", f"Since the review of {since}, {listing(told)}.")
    else:
        made.say("changed", f"Nothing has changed since the review of {since}.")


def _moved_proposal(outlook: Outlook, before: ReviewDocument, made: Overview) -> Iterator[str]:
    if before.proposal is not outlook.proposal:
        was = made.slot("proposed_before", State(value=before.proposal.value, origin=Origin.CODE))
        now = made.slot("proposal", State(value=outlook.proposal.value, origin=Origin.CODE))
        yield f"the proposal moved from {was} to {now}"


def _moved(outlook: Outlook, before: ReviewDocument, made: Overview) -> Iterator[str]:
    """Items whose verdict is another; those that moved alike are told together."""
    had = {item.number: item.verdict for item in before.items}
    alike: dict[tuple[Verdict, Verdict], list[int]] = {}
    for item in outlook.items:
        was = had.get(item.number)
        if was is not None and was is not item.verdict:
            alike.setdefault((was, item.verdict), []).append(item.number)
    for (was, now), numbers in alike.items():
        place = "_".join(map(str, numbers))
        left = made.slot(f"before_{place}", State(value=WORDS[was], origin=Origin.CODE))
        right = made.slot(f"now_{place}", State(value=WORDS[now], origin=Origin.CODE))
        yield f"{_items(numbers)} moved from {left} to {right}"


def _reasons(outlook: Outlook, before: ReviewDocument, made: Overview) -> Iterator[str]:
    had, has = reasons_by_rule(before.reasons), reasons_by_rule(outlook.reasons)
    gone, new = len(had.keys() - has.keys()), len(has.keys() - had.keys())
    if gone:
        yield f"{made.count('reasons_gone', gone, 'reasons')} {'is' if gone == 1 else 'are'} gone"
    if new:
        yield f"{made.count('reasons_new', new, 'reasons')} {'is' if new == 1 else 'are'} new"


def _values(outlook: Outlook, before: ReviewDocument) -> Iterator[str]:
    """Items that stand as they stood, over rules that pass on other values than before."""
    had = {item.number: item for item in before.items}
    moved = [
        item.number
        for item in outlook.items
        if (was := had.get(item.number)) and was.verdict is item.verdict and _passed_on(was) != _passed_on(item)
    ]
    if moved:
        yield f"{_items(moved)} {'rests' if len(moved) == 1 else 'rest'} on other values than before"


def _passed_on(item: ItemResult) -> set[tuple[str, str, str, str]]:
    """What the passed rules of an item rest on, less the times that code reckons, which move with every look."""
    passed = [finding for finding in item.findings if finding.outcome is Outcome.PASS]
    return {
        (finding.probe, finding.about, used.role, str(getattr(used.fact, "value", "")))
        for finding in passed
        for used in finding.facts
        if not (isinstance(used.fact, Time) and used.fact.origin is Origin.CODE)
    }


def _replaced(outlook: Outlook, before: ReviewDocument) -> Iterator[str]:
    had = {"card": before.card_digest, "gate": before.gate_digest, "list of people": before.people_digest}
    for name, digest in had.items():
        if digest and outlook.frozen.get(name, digest) != digest:
            yield f"the {name} was edited"


# --- what could not be seen -------------------------------------------------------------------------------------------


def _unseen(outlook: Outlook, made: Overview) -> None:
    gaps = outlook.gaps
    if not gaps:
        made.say("unseen", "Everything that was asked for could be seen.")
        return
    count = made.count("questions_unanswered", len(gaps), "questions")
    sources = listing(sorted({_plain(f"{gap.request_type}: {gap.reason.replace('_', ' ')}") for gap in gaps}))
    has = "has" if len(gaps) == 1 else "have"
    made.say("unseen", f"{count} {has} no answer ({sources}), and what is not known counts against the launch.")
