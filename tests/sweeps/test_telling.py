"""Who is told how a sweep ended: those whom the settings name, once, through the channel of each."""

from __future__ import annotations

import pytest

from agent.errors import ConfigError
from agent.service.outbox import deliver
from agent.service.sweeps import Swept
from tests.acceptance.conftest import SUBJECT
from tests.sweeps.conftest import OWN, Fleet

Done = tuple[Fleet, Swept]


def told(fleet: Fleet) -> list[str]:
    return [one for one in deliver(fleet.deps()).console if "Sweep of" in one]


def test_a_change_is_told_once(swept: Done):
    fleet, _ = swept
    fleet.card(SUBJECT, lambda card: card["launch"].update(date="2026-06-21"))
    fleet.sweep(OWN, CLEARANCE_DIGEST_TO="priya.shah")

    (one,) = told(fleet)
    assert one.startswith("Priya Shah: [SANDBOX] Sweep of our-own")
    assert "1 changed" in one
    assert told(fleet) == []


def test_nobody_is_told_that_nothing_changed(swept: Done):
    fleet, _ = swept
    fleet.sweep(OWN, CLEARANCE_DIGEST_TO="priya.shah")

    assert told(fleet) == []


def test_somebody_unknown_stops_the_sweep_before_it_asks_anything(swept: Done):
    fleet, _ = swept
    before = fleet.asked()
    with pytest.raises(ConfigError, match=r"'prija\.shah' is nobody in people"):
        fleet.sweep(OWN, CLEARANCE_DIGEST_TO="prija.shah")

    assert fleet.asked() == before
