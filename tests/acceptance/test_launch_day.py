"""On its launch day a subject is in Production, if its decision still stands; and people hear of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.service.finishing import finish
from agent.service.permission import may_deploy, revoke
from agent.service.statements import attest
from agent.store import log
from tests.acceptance.conftest import GATE, SUBJECT, Desk
from tests.acceptance.prepared import Hands, Prepared, as_person
from tests.acceptance.test_lapsing import DRILL


def status(desk: Desk) -> str:
    finish(desk.deps())
    (row,) = json.loads((desk.home / "registry.json").read_bytes())
    return str(row["status"])


@pytest.fixture
def cleared(prepared: Prepared, tmp_path: Path) -> Desk:
    desk = prepared.copy(tmp_path)
    desk.sign_all(prepared.review)
    return desk


def at(desk: Desk, **span: float) -> list[str]:
    """What any command says that many hours after the signatures."""
    deps = desk.deps()
    clock = Hands(deps.clock())
    clock.go(**span)
    return finish(replace(deps, clock=clock))


def test_before_the_day_it_is_approved_for_it(cleared: Desk):
    at(cleared, days=4)

    assert status(cleared) == "approved for 2026-06-22"


def test_a_decision_that_ends_before_its_day_is_for_no_day_any_more(put_right: Desk):
    """Whoever reads the registry sees at once what `may-deploy` says."""
    deps, who = as_person(put_right, "morteza.moradi")
    attest(deps, who, SUBJECT, "drill", DRILL, valid_until=deps.clock() + timedelta(hours=2))
    review = put_right.assess().review
    put_right.sign_all(review)

    assert at(put_right, hours=1) == []
    assert at(put_right, hours=3) == [f"{SUBJECT} 1.0 is a Pilot again, by {review}"]
    assert status(put_right) == "Pilot"


def test_on_the_day_it_is_in_production_once(cleared: Desk, prepared: Prepared):
    assert at(cleared, days=5) == [f"{SUBJECT} 1.0 is in Production, by {prepared.review}"]
    assert at(cleared, days=5) == []

    assert status(cleared) == "Production"
    events = [entry.event for entry in log.entries(cleared.deps().engine, prepared.review)]
    assert events.count("launched") == 1


def test_a_revoked_decision_never_launches(cleared: Desk, prepared: Prepared):
    deps, who = as_person(cleared, "dana.ortiz")
    revoke(deps, who, prepared.review, "the vendor announced a breach")

    assert at(cleared, days=5) == []
    assert status(cleared) == "revoked"
    assert may_deploy(cleared.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 20


def test_a_launched_subject_can_still_be_revoked(cleared: Desk, prepared: Prepared):
    at(cleared, days=5)
    deps, who = as_person(cleared, "mike.chen")

    revoke(deps, who, prepared.review, "it posted to the wrong ledger")

    assert status(cleared) == "revoked"


def test_a_decision_that_ran_out_before_anybody_looked_is_a_pilot_again(cleared: Desk, prepared: Prepared):
    assert at(cleared, days=40) == [f"{SUBJECT} 1.0 is a Pilot again, by {prepared.review}"]
    assert status(cleared) == "Pilot"
