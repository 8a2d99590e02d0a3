"""Who may approve a waiver: by the ids of the card, and by the names behind them."""

from __future__ import annotations

import pytest

from agent.cards import CardPeople
from agent.people import People, Someone
from agent.workflow.acceptances import why_not_approved

NAMES = {"mike": "Mike Chen", "mike2": "mike  chen", "lead": "Lea Dorn", "spo": "Priya Shah", "sam": "Sam Okafor"}
KNOWN = People(people={id: Someone(name=name) for id, name in NAMES.items()})
CARD = CardPeople(builders=("mike",), lead="lead", sponsor="spo", approvers_m8=("mike2", "mike"))


@pytest.mark.parametrize(
    ("approver", "asked", "why"),
    [
        ("spo", "mike", ""),
        ("lead", "sam", ""),
        ("mike", "sam", "may not approve a waiver here"),
        ("mike2", "sam", "may not approve a waiver here"),
        ("sam", "mike", "may not approve a waiver here"),
        ("spo", "spo", "ask for themselves"),
        ("mike2", "mike", "ask for themselves"),
        ("spo", "nobody", "is nobody in people.yaml"),
    ],
)
def test_a_waiver_is_approved_by_somebody_who_neither_asked_nor_builds(approver: str, asked: str, why: str):
    """One human under two ids is one: who builds as `mike` approves nothing as `mike2`."""
    told = why_not_approved(CARD, KNOWN, approver, asked)

    assert (why in told) if why else (told == "")
