"""What stays open once people have decided: open items, waivers, and the review thirty days after launch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from agent.cards import Card
from agent.deps import Deps
from agent.digests import Due
from agent.domain import ReviewDocument, Verdict
from agent.errors import ClearanceError
from agent.probes.launch import next_business_day
from agent.service import summing_up
from agent.signing import signoffs
from agent.store.registry import PILOT, Standing
from agent.store.reviews import ReviewRow
from agent.store.summaries import Entry
from agent.workflow.binding import midnight
from agent.workflow.document import decision_ends

AFTER = timedelta(days=30)
DAYS = (1, 7, 14)
DECIDED = ("reported",)
CLOSED = (Verdict.MET, Verdict.NOT_APPLICABLE)
Kind = Literal["open item", "waiver", "post-launch review"]


@dataclass(frozen=True)
class Open:
    """Something that somebody took on and nobody closed. `item` 0 = the post-launch review."""

    subject: str
    version: str
    gate: str
    review: str
    kind: Kind
    item: int
    who: str
    at: datetime

    def due(self, now: datetime) -> Due | None:
        """As the digest has it; None where it is more than two weeks off."""
        left = self.at - now
        within = next((days for days in DAYS if left <= timedelta(days=days)), None)
        if within is None:
            return None
        return Due(
            subject=self.subject, version=self.version, gate=self.gate, review=self.review, what=self.kind,
            item=self.item, who=self.who, at=self.at, within=0 if self._over <= now else within,
        )  # fmt: skip

    @property
    def _over(self) -> datetime:
        """The review is due all of its day; the others until an instant."""
        return self.at if self.item else self.at + timedelta(days=1)


@dataclass(frozen=True)
class Unread:
    """A decision of which the store cannot show any more what stays open after it, or that nobody's signatures bear any
    more, and why."""

    subject: str
    gate: str
    why: str


@dataclass(frozen=True)
class Unfinished:
    """What is open, the first to fall due first; and of whom that is not known."""

    rows: tuple[Open, ...]
    unread: tuple[Unread, ...]


def unfinished(deps: Deps) -> Unfinished:
    """Of every decision that stands or under which something may have launched, and of every review that waits for
    people. What cannot be read costs its subject
    a line."""
    latest = {(one.subject, one.version, one.gate): one for one in summing_up.entries(deps)}
    found: dict[tuple[str, str, str, str, int], Open] = {}
    unread: list[Unread] = []
    for one in [*_of_latest(latest), *_of_decisions(deps, latest, unread)]:
        found.setdefault((one.subject, one.version, one.gate, one.kind, one.item), one)
    people = deps.configuration.people()
    left = _not_met_since(deps, latest, list(found.values()))
    named = [replace(one, who=people.name_of(one.who)) for one in left]
    rows = sorted(named, key=lambda one: (one.at, one.subject, one.gate, one.item))
    return Unfinished(tuple(rows), tuple(unread))


def _of_latest(latest: dict[tuple[str, str, str], Entry]) -> Iterator[Open]:
    for one in latest.values():
        if one.state in ("signing", "complete", "reported"):
            for end in summing_up.ends_of(one):
                yield Open(one.subject, one.version, one.gate, one.id, _kind(end.what), end.item, end.who, end.at)


def _kind(what: str) -> Kind:
    return "waiver" if what == "waiver" else "open item"


def _of_decisions(
    deps: Deps, latest: dict[tuple[str, str, str], Entry], unread: list[Unread]
) -> Iterator[Open]:  # fmt: skip
    for standing in [*deps.registry.standing(), *deps.registry.unseen_launches()]:
        unread += [] if standing.status == PILOT else _in_vain(deps, standing)
        try:
            yield from _of_decision(deps, latest.get((standing.subject, standing.version, standing.gate)), standing)
        except (ClearanceError, ValidationError) as error:
            unread.append(Unread(standing.subject, standing.gate, _why(standing, error)))


def _in_vain(deps: Deps, standing: Standing) -> Iterator[Unread]:
    """`may-deploy` refuses it; nobody may hear of that before they deploy."""
    people = deps.configuration.people()
    names = [one.name for one in deps.reviews.signoffs(standing.review) if signoffs.revoked(one, people)]
    if names:
        told = f"the signature of {' and of '.join(names)} under {standing.review} counts no more (its key or login was"
        why = f"{told} revoked), so this decision lets nothing through; assess and have it signed again"
        yield Unread(standing.subject, standing.gate, why)


def _of_decision(deps: Deps, last: Entry | None, standing: Standing) -> Iterator[Open]:
    decided = _document(deps, deps.reviews.get(standing.review))
    if standing.status == PILOT and not _may_have_launched(decided):
        return
    yield from _post_launch(deps, standing, decided)
    if last and last.id != standing.review:
        yield from _left_of(deps, decided, last)


def _may_have_launched(decided: ReviewDocument) -> bool:
    day = Card.model_validate(decided.card).launch.date
    return midnight(day, decided.zone) < decision_ends(decided)


def _left_of(deps: Deps, decided: ReviewDocument, last: Entry) -> Iterator[Open]:
    """A latest review that cannot be read has closed nothing; it is told of all the same."""
    try:
        now = _document(deps, deps.reviews.get(last.id)) if last.document else None
    except (ClearanceError, ValidationError):
        yield from taken_on(decided, None)
        raise
    yield from taken_on(decided, now)


def _why(standing: Standing, error: Exception) -> str:
    """What, where and what to do; of a document that is of another version, not each field that is strange."""
    said = str(error) if isinstance(error, ClearanceError) else "it was written by another version of Clearance"
    return (
        f"what stays open after the decision of {standing.review} cannot be told for certain, so what is listed as due "
        f"may not be all ({said}); mend that, or assess {standing.subject} and have it signed again"
    )


def _document(deps: Deps, row: ReviewRow) -> ReviewDocument:
    return ReviewDocument.model_validate_json(deps.locker.get(row.document))


def taken_on(decided: ReviewDocument, now: ReviewDocument | None) -> Iterator[Open]:
    """What a decision rests on, and the latest review does not show to be done."""
    done = _closed_in(now)
    for end in summing_up.ends_of_document(decided):
        if end.item not in done:
            yield Open(
                decided.subject, decided.version, decided.gate, decided.review, _kind(end.what), end.item, end.who,
                end.at,
            )  # fmt: skip


def _not_met_since(deps: Deps, latest: dict[tuple[str, str, str], Entry], found: list[Open]) -> list[Open]:
    """Less what was owed under a version that the subject left behind, and that its version of now is found to meet."""
    versions: dict[tuple[str, str], list[Entry]] = {}
    for entry in latest.values():
        versions.setdefault((entry.subject, entry.gate), []).append(entry)
    places = {(one.subject, one.version, one.gate) for one in found if one.item}
    met = {place: _met_since(deps, latest[place], versions[place[0], place[2]]) for place in places}
    return [one for one in found if one.item not in met.get((one.subject, one.version, one.gate), ())]


def _met_since(deps: Deps, last: Entry, versions: list[Entry]) -> set[int]:
    """Items that the card's version meets, by a review that is newer than `last`; none where that cannot be read."""
    newer = {entry.version: entry for entry in versions if entry.seq > last.seq and _counts(entry, last)}
    if not newer:
        return set()  # as nearly always: no card is read for it
    try:
        now = newer.get(deps.configuration.card(last.subject).card.version)
        document = _document(deps, deps.reviews.get(now.id)) if now and now.document else None
    except (ClearanceError, ValidationError):
        return set()
    return _closed_in(document)


def _counts(entry: Entry, last: Entry) -> bool:
    """What was sent back or revoked is nobody's word, and stand-ins close nothing that real sources opened."""
    return entry.state in ("signing", "complete", "reported") and entry.sandbox <= last.sandbox


def _closed_in(now: ReviewDocument | None) -> set[int]:
    return {item.number for item in now.items if item.verdict in CLOSED} if now else set()


def _post_launch(deps: Deps, standing: Standing, decided: ReviewDocument) -> Iterator[Open]:
    """Due on its day, and open until people have signed a review of that gate that was made on that day or later."""
    card = Card.model_validate(decided.card)
    day = review_day(card)
    rows = deps.reviews.of(standing.subject, None, standing.gate)
    if any(row.state in DECIDED and _day(row.as_of, card.pilot.zone) >= day for row in rows):
        return
    who = card.people.lead
    at = midnight(day, card.pilot.zone)
    yield Open(
        standing.subject, standing.version, standing.gate, standing.review, "post-launch review", 0, who, at
    )  # fmt: skip


def review_day(card: Card) -> date:
    """As it was booked when the decision was published."""
    return card.launch.review or next_business_day(card.launch.date + AFTER, card.launch.holidays)


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def subjects_of(opened: Unfinished, within: int, now: datetime) -> set[str]:
    """Whose open items and waivers are to be swept until they are closed, and whose 30-day review is due or near.

    And whoever's are not known: nobody can say that nothing is open.
    """
    near = now + timedelta(days=within)
    return {one.subject for one in opened.rows if one.item or one.at <= near} | {one.subject for one in opened.unread}
