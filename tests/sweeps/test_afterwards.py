"""After people have decided: open items and the 30-day review keep a subject in the sweep until they are closed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from agent.domain import SignOffDecision, Verdict
from agent.service import signing
from agent.service.assess import assess
from agent.service.finishing import finish
from agent.service.sweeps import SweepOrder, afterwards
from agent.store.database import writing
from agent.store.registry import PILOT
from agent.store.schema import blobs, registry, reviews
from tests.acceptance.conftest import GATE, NOTES, SIGNERS, SUBJECT, Desk, RunningWorld, desk_over, open_all
from tests.acceptance.prepared import Hands, Prepared, as_person
from tests.acceptance.test_conditional import OPEN_ITEM, WAIVER, state, unscheduled, verdict
from tests.sweeps.conftest import Fleet, with_others


def warned(overlay: Path) -> None:
    unscheduled(overlay, holidays=False)
    with_others(overlay)


@contextmanager
def damaged(fleet: Fleet, review: str) -> Iterator[None]:
    """One byte of its document is another in the store."""
    engine = fleet.deps().engine
    here = blobs.c.digest == select(reviews.c.document).where(reviews.c.id == review).scalar_subquery()
    with writing(engine) as connection:
        body = bytes(connection.execute(select(blobs.c.body).where(here)).scalar_one())
        connection.execute(update(blobs).where(here).values(body=body[:-9] + bytes([body[-9] ^ 1]) + body[-8:]))
    try:
        yield
    finally:
        with writing(engine) as connection:
            connection.execute(update(blobs).where(here).values(body=body))


@pytest.fixture(scope="module")
def decided(world: RunningWorld, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Signed as conditional: item 8 is due on 2026-06-26, launch is on the 22nd, its review on 2026-07-22."""
    desk = desk_over(world, tmp_path_factory.mktemp("decided"), warned)
    state(desk, "mike.chen", "open_item", OPEN_ITEM)
    return signed(desk)


def signed(desk: Desk) -> Prepared:
    review = desk.assess().review
    for person, role in (*SIGNERS, ("priya.shah", "sponsor")):
        desk.sign(person, role, review, "conditional")
    return Prepared(desk, review)


def copied(prepared: Prepared, into: Path) -> Fleet:
    desk = prepared.copy(into)
    return Fleet(desk, Hands(desk.deps().clock()))


@pytest.fixture(scope="module")
def launched(decided: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """One for all tests of this file that ask no more of each other than to go on."""
    return copied(decided, tmp_path_factory.mktemp("launched"))


def due(fleet: Fleet, at: str) -> list[tuple[str, int, int]]:
    now = datetime.fromisoformat(at)
    rows = [one.due(now) for one in afterwards.unfinished(fleet.deps()).rows]
    return [(row.what, row.item, row.within) for row in rows if row]


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-06-11T12:00:00-04:00", []),
        ("2026-06-12T13:00:00-04:00", [("open item", 8, 14)]),
        ("2026-06-20T12:00:00-04:00", [("open item", 8, 7)]),
        ("2026-06-25T13:00:00-04:00", [("open item", 8, 1)]),
        ("2026-06-26T12:00:00-04:00", [("open item", 8, 0)]),
        ("2026-07-10T12:00:00-04:00", [("open item", 8, 0), ("post-launch review", 0, 14)]),
        ("2026-07-22T23:59:00-04:00", [("open item", 8, 0), ("post-launch review", 0, 1)]),
        ("2026-07-23T00:00:00-04:00", [("open item", 8, 0), ("post-launch review", 0, 0)]),
    ],
)
def test_what_is_due_is_told_14_7_and_1_days_before_and_when_it_is_over(
    launched: Fleet, at: str, told: list[tuple[str, int, int]]
):
    assert due(launched, at) == told


@pytest.mark.parametrize(
    ("ran_out", "told"),
    [
        ("2026-06-26T00:00:00-04:00", [("open item", 8, 0), ("post-launch review", 0, 14)]),
        ("2026-06-20T00:00:00-04:00", []),
    ],
)
def test_a_launch_that_nobody_saw_is_followed_all_the_same(
    launched: Fleet, ran_out: str, told: list[tuple[str, int, int]]
):
    """Nothing ran between the launch and the decision's end, so the registry says Pilot; it may have launched."""
    engine = launched.deps().engine
    with writing(engine) as connection:
        before = connection.execute(select(registry.c.status, registry.c.valid_until)).one()
        connection.execute(update(registry).values(status=PILOT, valid_until=ran_out))
    found = [one for one in due(launched, "2026-07-10T12:00:00-04:00") if ran_out > "2026-06-22" or one[1] == 0]
    with writing(engine) as connection:
        connection.execute(update(registry).values(**before._mapping))

    assert found == told


def test_what_an_item_owes_is_closed_when_a_later_review_finds_it_met(launched: Fleet):
    """Only then: a later review in which it merely is no open item any more leaves it overdue."""
    (review,) = [row.id for row in launched.deps().reviews.all() if row.state == "reported"]
    decided = launched.document(review)
    items = [i.model_copy(update={"verdict": Verdict.MET}) if i.number == 8 else i for i in decided.items]
    forgotten = decided.model_copy(update={"open_items": ()})
    met = decided.model_copy(update={"items": tuple(items)})

    assert [one.item for one in afterwards.taken_on(decided, forgotten)] == [8]
    assert list(afterwards.taken_on(decided, met)) == []


def test_a_subject_with_something_open_is_swept_long_after_its_launch(launched: Fleet):
    """The others, whose launch day has passed as well, are not; the digest says what is overdue."""
    launched.clock.now = datetime.fromisoformat("2026-06-22T09:00:00-04:00")
    finish(launched.deps())  # as any command does on the day of the launch
    launched.clock.now = datetime.fromisoformat("2026-07-13T09:00:00-04:00")
    digest = launched.sweep(SweepOrder(gates=(GATE,), due_within=7)).digest

    assert {one.subject for one in digest.changed} == {SUBJECT}
    assert digest.subjects == 1
    assert [(one.what, one.who, one.within) for one in digest.due] == [
        ("open item", "Mike Chen", 0), ("post-launch review", "Morteza Moradi", 14)
    ]  # fmt: skip


def test_a_damaged_document_of_a_decision_costs_its_subject_a_line(launched: Fleet):
    """The sweep goes on, looks at the subject, and says what cannot be told, where and what to do."""
    (decided,) = [row.id for row in launched.deps().reviews.all() if row.state == "reported"]
    launched.clock.now = datetime.fromisoformat("2026-07-14T09:00:00-04:00")
    with damaged(launched, decided):
        digest = launched.sweep(SweepOrder(gates=(GATE,), everything=True)).digest

    (trouble,) = digest.troubles
    assert (trouble.subject, trouble.gate) == (SUBJECT, GATE)
    assert f"after the decision of {decided} cannot be told for certain" in trouble.why
    assert "was changed; restore the database from its backup" in trouble.why
    assert digest.subjects > 1


def test_a_latest_review_that_is_damaged_has_closed_nothing(launched: Fleet):
    latest = assess(launched.deps(), SUBJECT, GATE).document.review
    before = afterwards.unfinished(launched.deps())
    with damaged(launched, latest):
        found = afterwards.unfinished(launched.deps())

    assert {(one.kind, one.item) for one in found.rows} >= {(one.kind, one.item) for one in before.rows}
    assert [one.subject for one in found.unread] == [SUBJECT]
    assert SUBJECT in afterwards.subjects_of(found, 0, launched.clock.now)


def test_a_subject_whose_last_document_is_damaged_can_be_assessed_again(launched: Fleet):
    latest = launched.deps().reviews.of(SUBJECT, None, GATE)[-1].id
    with damaged(launched, latest):
        again = assess(launched.deps(), SUBJECT, GATE)

    assert again.document.review != latest
    assert any(f"{latest}, the review before, cannot be compared with" in line for line in again.said)


# --- another version ---

MENDED = {
    "launch-post": ("2026-06-22T09:00:00-04:00", "finance"),
    "all-hands-digest": ("2026-06-22T08:00:00-04:00", "all hands"),
    "exec-briefing": ("2026-06-18T10:00:00-04:00", "executive sponsor"),
}
OVERDUE = "2026-07-01T12:00:00-04:00"


def scheduled(desk: Desk, named: Collection[str]) -> None:
    """Of the version that the card has now; what is not named has no time."""
    for name, (when, audience) in MENDED.items():
        fields = {"id": name, "drafted": True, "scheduled_at": when if name in named else None, "audience": audience}
        state(desk, "mike.chen", "comms", fields)


@pytest.mark.parametrize(
    ("named", "found", "told"),
    [
        (None, Verdict.UNDETERMINED, [("1.0", 8)]),
        (("launch-post", "exec-briefing"), Verdict.NOT_MET, [("1.0", 8)]),
        (tuple(MENDED), Verdict.MET, []),
    ],
)
def test_what_was_owed_under_a_version_is_closed_when_the_next_one_meets_it(
    decided: Prepared, tmp_path: Path, named: tuple[str, ...] | None, found: Verdict, told: list[tuple[str, int]]
):
    """And the subject is no longer swept for it. What could not be seen closes nothing; None = nobody says anything."""
    fleet = copied(decided, tmp_path)
    fleet.card(SUBJECT, lambda card: card.update(version="2.0"))
    fleet.card(SUBJECT, lambda card: card["launch"].update(holidays=["2026-06-19", "2026-07-03"]))
    if named is not None:
        scheduled(fleet.desk, named)
    document = fleet.desk.assess()
    now = datetime.fromisoformat(OVERDUE)
    fleet.clock.now = now
    opened = afterwards.unfinished(fleet.deps())

    assert (document.version, verdict(document, 8)) == ("2.0", found)
    assert [(one.version, one.item) for one in opened.rows if one.item] == told
    assert (SUBJECT in afterwards.subjects_of(opened, 0, now)) is bool(told)


def test_what_the_next_version_meets_is_open_again_once_the_card_goes_back(decided: Prepared, tmp_path: Path):
    fleet = copied(decided, tmp_path)
    fleet.card(SUBJECT, lambda card: card.update(version="2.0"))
    scheduled(fleet.desk, MENDED)
    fleet.desk.assess()
    closed = due(fleet, OVERDUE)
    fleet.card(SUBJECT, lambda card: card.update(version="1.0"))

    assert closed == []
    assert due(fleet, OVERDUE) == [("open item", 8, 0)]


def test_a_version_that_was_looked_at_again_since_owes_what_it_owed(decided: Prepared, tmp_path: Path):
    """Only a newer review closes what an older one left open."""
    fleet = copied(decided, tmp_path)
    fleet.card(SUBJECT, lambda card: card.update(version="2.0"))
    scheduled(fleet.desk, MENDED)
    fleet.desk.assess()
    fleet.card(SUBJECT, lambda card: card.update(version="1.0"))
    fleet.desk.assess(new=True)
    fleet.card(SUBJECT, lambda card: card.update(version="2.0"))

    assert due(fleet, OVERDUE) == [("open item", 8, 0)]


def test_a_damaged_review_of_the_next_version_closes_nothing(decided: Prepared, tmp_path: Path):
    fleet = copied(decided, tmp_path)
    fleet.card(SUBJECT, lambda card: card.update(version="2.0"))
    scheduled(fleet.desk, MENDED)
    review = fleet.desk.assess().review
    with damaged(fleet, review):
        told = due(fleet, OVERDUE)

    assert told == [("open item", 8, 0)]


@pytest.mark.parametrize("changed", [{"state": "returned"}, {"state": "revoked"}])
def test_a_review_of_the_next_version_that_was_sent_back_closes_nothing(
    decided: Prepared, tmp_path: Path, changed: dict[str, str]
):
    fleet = copied(decided, tmp_path)
    fleet.card(SUBJECT, lambda card: card.update(version="2.0"))
    scheduled(fleet.desk, MENDED)
    review = fleet.desk.assess().review
    closed = due(fleet, OVERDUE)
    with writing(fleet.deps().engine) as connection:
        connection.execute(update(reviews).where(reviews.c.id == review).values(**changed))

    assert closed == []
    assert due(fleet, OVERDUE) == [("open item", 8, 0)]


# --- waivers, and the review after thirty days ---


@pytest.fixture(scope="module")
def waived(world: RunningWorld, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Signed over a waiver of item 8 that ends on 2026-07-01, after the launch."""
    desk = desk_over(world, tmp_path_factory.mktemp("waived"), lambda overlay: unscheduled(overlay, holidays=True))
    state(desk, "priya.shah", "waiver", WAIVER)
    return signed(desk)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-06-16T23:00:00-04:00", []),
        ("2026-06-17T12:00:00-04:00", [("waiver", 8, "Mike Chen", 14)]),
        ("2026-06-25T12:00:00-04:00", [("waiver", 8, "Mike Chen", 7)]),
        ("2026-06-30T12:00:00-04:00", [("waiver", 8, "Mike Chen", 1)]),
        ("2026-07-01T00:00:00-04:00", [("waiver", 8, "Mike Chen", 0)]),
    ],
)
def test_a_digest_tells_waivers_that_end_and_that_are_over(
    waived: Prepared, tmp_path: Path, at: str, told: list[tuple[str, int, str, int]]
):
    """Until the item is met: a waiver that nobody renewed is still somebody's."""
    fleet = copied(waived, tmp_path)
    fleet.clock.now = datetime.fromisoformat(at)
    digest = fleet.sweep(SweepOrder(gates=(GATE,), subjects=(SUBJECT,))).digest

    assert [(one.what, one.item, one.who, one.within) for one in digest.due] == told


@pytest.mark.parametrize(
    ("at", "told"),
    [("2026-07-21T12:00:00-04:00", ["post-launch review"]), ("2026-07-22T12:00:00-04:00", [])],
)
def test_the_review_after_thirty_days_is_closed_by_one_of_its_day_that_people_signed(
    decided: Prepared, tmp_path: Path, at: str, told: list[str]
):
    """One of the day before was too early; one that waits for people has closed nothing. Of the next version: a review
    of this one that ends in `blocked` takes its decision back, and with it all that was to be looked at again."""
    fleet = copied(decided, tmp_path)
    fleet.clock.now = datetime.fromisoformat("2026-06-22T09:00:00-04:00")
    finish(fleet.deps())
    fleet.clock.now = datetime.fromisoformat(at)
    fleet.card(SUBJECT, lambda card: card.update(version="2.0"))
    review = assess(fleet.deps(), SUBJECT, GATE).document.review
    before = reviews_due(fleet)
    for person, role in SIGNERS:
        deps, who = as_person(fleet.desk, person, fleet.clock)
        open_all(deps, who, review)
        signing.sign(deps, who, review, role, SignOffDecision("blocked"), reason="Looked at after launch", notes=NOTES)

    assert fleet.deps().reviews.get(review).state == "reported"
    assert (before, reviews_due(fleet)) == (["post-launch review"], told)


def reviews_due(fleet: Fleet) -> list[str]:
    return [one.kind for one in afterwards.unfinished(fleet.deps()).rows if not one.item]
