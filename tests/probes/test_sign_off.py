"""Item 10: a lead who builds, and who signs beside them."""

from __future__ import annotations

import pytest

from agent.cards import CardPeople
from agent.probes.sign_off import a_second_approver_is_named
from tests.builders import MIKE, MORTEZA, PEOPLE, told

DANA, PRIYA = "dana.ortiz", "priya.shah"


def named(second: str | None, *, lead: str = MORTEZA, approvers: tuple[str, ...] = (DANA, MORTEZA, MIKE)) -> str:
    people = CardPeople(builders=(MORTEZA, MIKE), lead=lead, approvers_m8=approvers, second_approver=second)
    return told(a_second_approver_is_named(people=people, everyone=PEOPLE))


def test_a_second_approver_of_the_gate_before_passes():
    """Neither lead nor builder, and among the approvers."""
    assert named(DANA) == "pass: The lead Morteza Moradi is a builder, and Dana Ortiz is named as second approver."


def test_a_lead_who_does_not_build_needs_nobody_else():
    """Lead and builders are apart already."""
    assert named(None, lead=PRIYA) == "pass: The lead Priya Shah is no builder, so nobody else has to approve."


def test_a_building_lead_without_a_second_approver_fails():
    """That approvers exist is not enough; one has to be named."""
    assert named(None) == "fail: The lead Morteza Moradi is a builder and no second approver is named."


@pytest.mark.parametrize("second", [MORTEZA, MIKE])
def test_lead_and_builders_are_no_second_approver(second: str):
    """Nobody approves their own work."""
    assert named(second).endswith("is lead or builder too.")


def test_somebody_from_outside_the_approvers_fails():
    """Priya did not approve at the gate before."""
    assert (
        named(PRIYA)
        == "fail: The lead Morteza Moradi is a builder, and Priya Shah is not among the approvers on the card."
    )


def test_without_names_the_cards_ids_stand():
    """The gate may leave the names out."""
    people = CardPeople(builders=(MORTEZA,), lead=MORTEZA)
    assert told(a_second_approver_is_named(people=people)) == (
        "fail: The lead morteza.moradi is a builder and no second approver is named."
    )
