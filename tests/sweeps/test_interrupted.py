"""Killed at any moment, a sweep goes on: nothing that is fresh is asked again, and nobody is reviewed twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from agent.service.assess import assess
from agent.service.sweeps import Swept, Tick, run
from tests.acceptance.conftest import ROOT, SUBJECT
from tests.sweeps.conftest import OTHERS, OWN, Fleet


def killed(fleet: Fleet, stage: str, times: int, **more: str) -> None:
    command = [sys.executable, "-m", "tests.sweeps.dying", stage, str(times)]
    env = {**os.environ, **fleet.desk.env(**more)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize(("stage", "times"), [("compare", 1), ("review", 2), ("digest", 1)])
def test_a_killed_sweep_goes_on(fleet: Fleet, stage: str, times: int):
    killed(fleet, stage, times)
    before = fleet.asked()
    swept = run(fleet.desk.deps(), OWN)

    assert fleet.asked() == before
    assert len(fleet.deps().reviews.all()) == 3
    assert swept.digest.subjects == 3
    assert len(swept.digest.changed) == 3
    assert "went on with it" in swept.said[-1]


def test_what_was_spent_before_the_kill_is_in_the_digest(fleet: Fleet):
    """Calls are told of the whole sweep, whoever made them."""
    began = fleet.asked()
    killed(fleet, "review", 1)
    asked = {vendor: count - began[vendor] for vendor, count in fleet.asked().items()}

    assert run(fleet.desk.deps(), OWN).digest.cost.calls == asked


def test_two_at_once_are_one(fleet: Fleet):
    """The second waits for the first and gives its digest."""
    under_way, go_on, waits = threading.Event(), threading.Event(), threading.Event()
    found: dict[str, Swept] = {}

    def held(tick: Tick) -> None:
        if tick.stage == "review":
            under_way.set()
            assert go_on.wait(60)

    def waiting(tick: Tick) -> None:
        if tick.stage == "wait":
            waits.set()

    first = threading.Thread(target=lambda: found.update(first=run(fleet.deps(), OWN, held)))
    first.start()
    assert under_way.wait(60)
    second = threading.Thread(target=lambda: found.update(second=run(fleet.deps(), OWN, waiting)))
    second.start()
    assert waits.wait(60)
    go_on.set()
    first.join(60)
    second.join(60)

    assert (found["first"].joined, found["second"].joined) == (False, True)
    assert found["first"].digest == found["second"].digest
    assert len(fleet.deps().reviews.all()) == 3


def test_a_sweep_of_yesterday_is_not_gone_on_with(fleet: Fleet):
    """What it planned was reckoned as of another day."""
    killed(fleet, "compare", 1)
    fleet.clock.go(hours=8)
    swept = fleet.sweep(OWN)

    assert swept.digest.as_of == fleet.clock.now
    assert swept.digest.reviewed == 3


def test_what_somebody_reviews_meanwhile_is_not_reviewed_again(fleet: Fleet):
    """It is looked at once more, and says what would be said."""
    made: list[str] = []

    def tell(tick: Tick) -> None:
        if tick.stage == "compare" and tick.done == 3 and not made:
            made.append(assess(fleet.deps(), SUBJECT, "our-own").document.review)

    digest = run(fleet.deps(), OWN, tell).digest

    assert sorted(row.subject for row in fleet.deps().reviews.all()) == sorted([SUBJECT, *OTHERS])
    assert (digest.reviewed, {one.review for one in digest.changed} >= set(made)) == (2, True)


@pytest.mark.parametrize("stage", ["prefetch", "compare"])
def test_what_somebody_sees_after_the_sweep_asked_is_not_replaced_by_what_it_saw_before(fleet: Fleet, stage: str):
    """PagerDuty's token was taken away meanwhile: the review that says so stands, and not the sweep's older answers."""
    made: list[str] = []

    def tell(tick: Tick) -> None:
        if tick.stage == stage and tick.done == tick.total and not made:
            fleet.clock.go(minutes=10)
            made.append(assess(fleet.deps("PAGERDUTY_API_KEY"), SUBJECT, "our-own").document.review)

    digest = run(fleet.deps(), OWN, tell).digest

    (row,) = fleet.deps().reviews.of(SUBJECT, None, "our-own")
    (change,) = [one for one in digest.changed if one.subject == SUBJECT]
    assert [row.id] == made
    assert (row.state, row.proposal, change.review, change.after) == ("signing", "blocked", row.id, "blocked")
