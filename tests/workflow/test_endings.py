"""Who is told when a waiver or an open item nears its end: each day ahead once, the missed ones as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.domain import OpenItemRow, SignOff, SignOffDecision, WaiverRow
from agent.people import People, Someone
from agent.workflow.endings import reminders
from tests.drafting.builders import as_written

NOW = datetime(2026, 6, 17, 16, tzinfo=UTC)
PEOPLE = People(
    people={
        "mike.chen": Someone(name="Mike Chen"), "dana.ortiz": Someone(name="Dana Ortiz"),
        "priya.shah": Someone(name="Priya Shah"),
    }
)  # fmt: skip


def waiver(ends: datetime) -> WaiverRow:
    return WaiverRow(
        item=8, reason="r", requested_by="mike.chen", approved_by="Dana Ortiz", compensating="c", expires=ends,
        digest="d" * 64,
    )  # fmt: skip


def open_item(due: datetime) -> OpenItemRow:
    return OpenItemRow(item=4, missing="m", owner="mike.chen", due=due, by="Mike Chen", proven=True, digest="e" * 64)


def signed(person: str, role: str) -> SignOff:
    return SignOff(
        review="rv-1", role=role, person=person, name=person, digest="x", decision=SignOffDecision.CONDITIONAL,
        channel="cli", assurance="key", at=NOW,
    )  # fmt: skip


def told(ends: timedelta) -> list[tuple[str, timedelta]]:
    """What the one who asked for a waiver is told, and when before its end."""
    rests = as_written().model_copy(update={"waivers": (waiver(NOW + ends),)})
    return [(n.kind, NOW + ends - n.due) for n in reminders(rests, (), PEOPLE, NOW) if n.person == "mike.chen"]


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (20 * DAY, [("waiver_ends:8:14", 14 * DAY), ("waiver_ends:8:7", 7 * DAY), ("waiver_ends:8:1", DAY)]),
        (10 * DAY, [("waiver_ends:8:14", 10 * DAY), ("waiver_ends:8:7", 7 * DAY), ("waiver_ends:8:1", DAY)]),
        (3 * DAY, [("waiver_ends:8:7", 3 * DAY), ("waiver_ends:8:1", DAY)]),
        (DAY / 2, [("waiver_ends:8:1", DAY / 2)]),
    ],
)
def test_two_weeks_a_week_a_day_before_and_at_the_end(ends: timedelta, expected: list[tuple[str, timedelta]]):
    """Of those whose day has passed already only the latest is told, at once."""
    assert told(ends) == [*expected, ("waiver_over:8:0", timedelta(0))]


def test_who_asked_who_approved_and_who_signed_are_told_of_a_waiver():
    rests = as_written().model_copy(update={"waivers": (waiver(NOW + DAY / 2),)})

    found = reminders(rests, (signed("priya.shah", "sponsor"), signed("mike.chen", "builder")), PEOPLE, NOW)

    assert {notice.person for notice in found} == {"mike.chen", "dana.ortiz", "priya.shah"}
    assert len(found) == 6


def test_the_owner_and_the_sponsor_are_told_of_an_open_item():
    rests = as_written().model_copy(update={"open_items": (open_item(NOW + DAY / 2),)})

    found = reminders(rests, (signed("priya.shah", "sponsor"), signed("dana.ortiz", "lead")), PEOPLE, NOW)

    assert [(n.person, n.kind) for n in found] == [
        ("mike.chen", "open_ends:4:1"), ("priya.shah", "open_ends:4:1"),
        ("mike.chen", "open_over:4:0"), ("priya.shah", "open_over:4:0"),
    ]  # fmt: skip


def test_each_says_when_the_next_is_due_so_that_a_late_one_is_not_told_beside_it():
    rests = as_written().model_copy(update={"open_items": (open_item(NOW + 2 * DAY),)})

    first, second, third = (n for n in reminders(rests, (), PEOPLE, NOW) if n.person == "mike.chen")

    assert datetime.fromisoformat(first.about["after"]) == second.due
    assert datetime.fromisoformat(second.about["after"]) == third.due
    assert third.about["after"] == ""
