"""Who is looked at: what launches within so many days of today, as the day is where the subject is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent.service.sweep_order import SweepOrder
from agent.service.sweeps import choosing
from tests.acceptance.conftest import GATE, SUBJECT
from tests.sweeps.conftest import OTHERS, Fleet


@pytest.mark.parametrize(
    ("launch", "chosen"),
    [(-8, False), (-7, True), (0, True), (7, True), (8, False), (30, False), (400, False)],
)
def test_due_within_leaves_out_what_launches_later_or_did_so_earlier(fleet: Fleet, launch: int, chosen: bool):
    """A day that has passed stays in for as long."""
    today = fleet.clock.now.date()
    for subject in (SUBJECT, *OTHERS):
        days = launch if subject == OTHERS[0] else 400
        fleet.card(subject, lambda card, days=days: card["launch"].update(date=today + timedelta(days=days)))
    found = choosing.chosen(fleet.deps(), SweepOrder(gates=(GATE,), due_within=7), fleet.clock.now, {OTHERS[1]})

    assert [subject for subject, _ in found] == sorted([*([OTHERS[0]] if chosen else []), OTHERS[1]])


def test_a_sweep_of_what_is_due_leaves_the_others_alone(fleet: Fleet):
    """It asks nothing of them, and its digest does not count them."""
    today = fleet.clock.now.date()
    for subject, days in ((SUBJECT, 5), (OTHERS[0], 60), (OTHERS[1], 15)):
        fleet.card(subject, lambda card, days=days: card["launch"].update(date=today + timedelta(days=days)))
    digest = fleet.sweep(SweepOrder(gates=("our-own",), due_within=14)).digest

    assert (digest.subjects, {one.subject for one in digest.changed}) == (1, {SUBJECT})
    assert {row.subject for row in fleet.deps().reviews.all()} == {SUBJECT}
