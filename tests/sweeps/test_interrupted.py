"""Killed at any moment, a sweep goes on: nothing that is fresh is asked again, and nobody is reviewed twice."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.service.assess import Assessed, assess
from agent.service.sweeps import Swept, Tick, run
from agent.store.reviews import ReviewRow
from agent.store.schema import answers
from agent.workflow.collect import is_local, shares
from collectors.evidence import Evidence
from collectors.sandbox.server import Asked, Reply
from tests import stem
from tests.acceptance.conftest import ROOT, SUBJECT
from tests.sweeps.conftest import OTHERS, OWN, Fleet
from tests.sweeps.endpoint import LONG, Endpoint, running


def killed(fleet: Fleet, stage: str, times: int, **more: str) -> None:
    env = {**os.environ, **fleet.desk.env(**more)}
    done = stem.run([stage, str(times)], ROOT, env, "tests.sweeps.dying", LONG)
    assert done.returncode == -signal.SIGKILL, done.stderr


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


def test_what_was_kept_before_the_kill_is_not_asked_again(fleet: Fleet):
    """Amid the questions: some are answered, and others were not put yet."""
    killed(fleet, "prefetch", 1)
    before = answered(fleet)
    run(fleet.desk.deps(), OWN)
    after = answered(fleet)

    assert 0 < len(before) < len(after)
    assert {question: after[question] for question in before} == before


def answered(fleet: Fleet) -> dict[tuple[str, str], list[str]]:
    """By question and source, every answer that was kept, of those that sweeps share."""
    deps, found = fleet.deps(), dict[tuple[str, str], list[str]]()
    with deps.engine.connect() as connection:
        rows = connection.execute(select(answers).order_by(answers.c.id)).all()
    for row in rows:
        if shares(deps, deps.locker.answer(row.digest).request_type):
            found.setdefault((row.request_key, row.source_key), []).append(row.digest)
    return found


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
            assert go_on.wait(LONG)

    def waiting(tick: Tick) -> None:
        if tick.stage == "wait":
            waits.set()

    first = threading.Thread(target=lambda: found.update(first=run(fleet.deps(), OWN, held)))
    first.start()
    assert under_way.wait(LONG)
    second = threading.Thread(target=lambda: found.update(second=run(fleet.deps(), OWN, waiting)))
    second.start()
    assert waits.wait(LONG)
    go_on.set()
    first.join(LONG)
    second.join(LONG)

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


def test_what_is_assessed_by_hand_meanwhile_waits_for_the_sweeps_review_and_asks_again(fleet: Fleet):
    """The sweep took answers of ten minutes ago; `assess` promises five, says so, and makes a review of its own."""
    assess(fleet.deps(), SUBJECT, "our-own")
    fleet.clock.go(minutes=10)
    row, found = by_hand_meanwhile(fleet, fleet.deps())

    vendors = [one for one in evidence_of(fleet, found.document) if not is_local(one.request_type)]
    assert found.document.supersedes == row.id
    assert min(one.collected_at for one in vendors) >= fleet.clock.now - timedelta(minutes=5)
    assert any(said.startswith(f"{row.id} was being assessed already, with answers of a sweep") for said in found.said)


def test_what_is_assessed_by_hand_meanwhile_joins_a_sweeps_review_whose_answers_are_of_now(fleet: Fleet):
    """Nothing is asked twice: `assess` would take the same from the locker."""
    row, found = by_hand_meanwhile(fleet, fleet.deps())

    assert found.document.review == row.id
    assert found.said[-1] == f"{row.id} was being assessed already; this is its result"
    assert [one.id for one in fleet.deps().reviews.of(row.subject, None, "our-own")] == [row.id]


def test_a_sweeps_review_is_not_joined_with_other_access_however_new_its_answers_are(fleet: Fleet):
    row, found = by_hand_meanwhile(fleet, fleet.deps("PAGERDUTY_API_KEY"))

    assert (found.document.supersedes, found.document.proposal) == (row.id, "blocked")
    assert {gap.request_type.split(".")[0] for gap in found.document.gaps} >= {"pagerduty"}


def test_a_sweeps_review_is_not_joined_where_something_was_unmet_before(fleet: Fleet):
    """Somebody may just have put it right: `assess` asks that again, however new the answer is."""
    assess(fleet.deps("PAGERDUTY_API_KEY"), OTHERS[0], "our-own")
    row, found = by_hand_meanwhile(fleet, fleet.deps())

    assert found.document.supersedes == row.id


def by_hand_meanwhile(fleet: Fleet, deps: Deps) -> tuple[ReviewRow, Assessed]:
    """`assess` by hand while a sweep's review of the same waits for its model; that review, and what came of it."""
    subject, done = OTHERS[0], threading.Event()
    held = Held()
    with running(held) as settings:
        sweep = threading.Thread(target=lambda: (run(fleet.deps(**settings), OWN), done.set()))
        sweep.start()
        assert held.asked.wait(LONG)
        row = fleet.deps().reviews.of(subject, None, "our-own")[-1]
        found = assess(replace(deps, progress=lambda step, sentence: held.go_on.set()), subject, "our-own")
        assert done.wait(LONG)
    return row, found


def evidence_of(fleet: Fleet, document: ReviewDocument) -> list[Evidence]:
    found = (fleet.deps().locker.answer(digest) for item in document.items for digest in item.evidence)
    return [one for one in found if isinstance(one, Evidence)]


class Held(Endpoint):
    """A model that answers nobody before it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go_on = threading.Event(), threading.Event()

    def answer(self, asked: Asked) -> Reply:
        self.asked.set()
        assert self.go_on.wait(LONG)
        return super().answer(asked)


def test_an_interrupted_sweep_does_not_replace_what_was_seen_meanwhile_by_its_older_answers(fleet: Fleet):
    """PagerDuty's token was taken away and the subject assessed, forty minutes after the sweep asked and was killed."""
    killed(fleet, "compare", 1)
    fleet.clock.go(minutes=40)
    made = assess(fleet.deps("PAGERDUTY_API_KEY"), SUBJECT, "our-own").document
    fleet.clock.go(minutes=20)
    fleet.sweep(OWN)

    (row,) = fleet.deps().reviews.of(SUBJECT, None, "our-own")
    assert (row.id, row.state, row.proposal) == (made.review, "signing", "blocked")


def test_a_card_that_is_mended_and_assessed_meanwhile_is_not_reviewed_as_it_was_before(fleet: Fleet):
    """The sweep read it earlier, and asks only after that."""
    made: list[str] = []

    def tell(tick: Tick) -> None:
        if tick.stage == "prefetch" and not made:
            fleet.clock.go(minutes=1)
            fleet.card(SUBJECT, lambda card: card.update(tier="low"))
            made.append(assess(fleet.deps(), SUBJECT, "our-own").document.review)
            fleet.clock.go(minutes=6)

    run(fleet.deps(), OWN, tell)

    assert [row.id for row in fleet.deps().reviews.of(SUBJECT, None, "our-own")] == made


def broken(path: Path) -> None:
    (path / "card.yaml").write_text("subject: [", encoding="utf-8")


@pytest.mark.parametrize(("change", "why"), [(shutil.rmtree, "is gone"), (broken, "card.yaml")])
def test_a_subject_whose_card_is_lost_while_the_sweep_is_interrupted_is_told(fleet: Fleet, change: Any, why: str):
    killed(fleet, "compare", 1)
    change(fleet.desk.overlay / "cards" / OTHERS[0])
    digest = run(fleet.desk.deps(), OWN).digest

    (trouble,) = digest.troubles
    assert (trouble.subject, digest.reviewed) == (OTHERS[0], 2)
    assert why in trouble.why
