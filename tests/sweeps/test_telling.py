"""Who is told how a sweep ended: those whom the settings name, once, through the channel of each."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from agent.errors import ConfigError
from agent.service.outbox import deliver
from agent.service.sweeps import SweepOrder, Swept
from agent.store.database import writing
from agent.store.schema import sweeps
from tests.acceptance.conftest import SUBJECT
from tests.sweeps.conftest import OWN, Fleet

Done = tuple[Fleet, Swept]
OTHER = OWN.model_copy(update={"due_within": 15})  # the same subjects by another order


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


DENIED = {"kind": "status", "status": 403}


def test_what_stands_is_told_to_everybody_once_and_again_when_it_moves(swept: Done):
    """Of the same order: who is new among the readers hears it too, and so does everybody when the source is back."""
    fleet, _ = swept
    fleet.desk.world.faults("aws", DENIED)
    heard = [told_by(fleet, OWN, "priya.shah"), told_by(fleet, OWN, "priya.shah")]
    heard += [told_by(fleet, OWN, "priya.shah,mike.chen"), told_by(fleet, OWN, "priya.shah,mike.chen")]
    heard += [told_by(fleet, OTHER, "priya.shah")]
    fleet.desk.world.faults("aws")
    heard += [told_by(fleet, OWN, "priya.shah,mike.chen")]

    assert heard == [["Priya Shah"], [], ["Mike Chen"], [], ["Priya Shah"], ["Priya Shah", "Mike Chen"]]


def test_what_a_sweep_found_that_told_nobody_is_not_hidden(swept: Done):
    """By hand, by another order: to the next one by schedule nothing has changed, and its reader is told again."""
    fleet, _ = swept
    fleet.desk.world.faults("aws", DENIED)
    heard = [told_by(fleet, OWN, "priya.shah"), told_by(fleet, OWN, "priya.shah")]
    fleet.card(SUBJECT, lambda card: card["launch"].update(date="2026-06-21"))
    heard += [told_by(fleet, OTHER, ""), told_by(fleet, OWN, "priya.shah"), told_by(fleet, OWN, "priya.shah")]
    fleet.desk.world.faults("aws")

    assert heard == [["Priya Shah"], [], [], ["Priya Shah"], []]


def told_by(fleet: Fleet, order: SweepOrder, readers: str) -> list[str]:
    fleet.clock.go(minutes=10)
    digest = fleet.sweep(order, CLEARANCE_DIGEST_TO=readers).digest
    assert digest.subjects
    return [one.partition(":")[0] for one in told(fleet)]


def test_what_was_told_and_can_no_longer_be_read_keeps_nothing_back(swept: Done):
    fleet, _ = swept
    fleet.desk.world.faults("aws", DENIED)
    told_by(fleet, OWN, "priya.shah")
    deps = fleet.deps()
    strange = deps.locker.put(b"{}", "sweep", deps.clock())
    with writing(deps.engine) as connection:
        connection.execute(update(sweeps).values(digest=strange))

    assert told_by(fleet, OWN, "priya.shah") == ["Priya Shah"]


def test_somebody_unknown_stops_the_sweep_before_it_asks_anything(swept: Done):
    fleet, _ = swept
    before = fleet.asked()
    with pytest.raises(ConfigError, match=r"'prija\.shah' is nobody in people"):
        fleet.sweep(OWN, CLEARANCE_DIGEST_TO="prija.shah")

    assert fleet.asked() == before
