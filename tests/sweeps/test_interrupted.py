"""Killed at any moment, a sweep goes on: nothing that is fresh is asked again, and nobody is reviewed twice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.errors import Refused
from agent.service import joining
from agent.service.assess import Assessed, assess
from agent.service.sweeps import Swept, Tick, run, shared
from agent.service.sweeps.meanwhile import saw_more
from agent.service.sweeps.reviewing import review
from agent.service.sweeps.shared import Planned, packed_rows
from agent.store.database import stamp, writing
from agent.store.reviews import ReviewRow
from agent.store.schema import reviews
from agent.store.sweeps import Sweeps
from agent.workflow import frozen
from agent.workflow.collect import is_local
from collectors.errors import Denied
from collectors.evidence import Evidence
from collectors.registry import REQUESTS
from collectors.sandbox.server import Asked, Reply
from tests.acceptance.conftest import ROOT, SUBJECT
from tests.sweeps.conftest import OTHERS, OWN, Fleet
from tests.sweeps.endpoint import Endpoint, running


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
        assert held.asked.wait(60)
        row = fleet.deps().reviews.of(subject, None, "our-own")[-1]
        found = assess(replace(deps, progress=lambda step, sentence: held.go_on.set()), subject, "our-own")
        assert done.wait(60)
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
        assert self.go_on.wait(60)
        return super().answer(asked)


def test_another_sweeps_review_saw_no_more_for_having_been_begun_later(swept: tuple[Fleet, Swept]):
    """Its answers are of when that sweep began, however long its reviews took."""
    fleet, done = swept
    deps = shared.held(fleet.deps())
    (row,) = deps.reviews.of(SUBJECT, None, "our-own")
    seen = frozen.of(deps, fleet.document(row.id).collected, frozen.Collected)
    gates = {"our-own": deps.configuration.gate("our-own")}
    common = shared.common(deps, OWN, Sweeps(deps.engine).get(done.sweep), gates, {})
    planned = Planned(row.subject, row.version, row.gate, "", packed_rows(seen.rows))
    later = common.began - timedelta(minutes=30)

    assert not saw_more(common, planned, seen.answers, replace(row, started_at=later))
    assert saw_more(common, planned, seen.answers, replace(row, as_of=later))
    assert not saw_more(common, planned, seen.answers, replace(row, as_of=later, rehearsal=True))


def test_another_sweeps_review_saw_more_where_it_asked_later_as_of_whatever_instant(swept: tuple[Fleet, Swept]):
    """Of two that overlap, the one that began first may ask last."""
    fleet, done = swept
    deps = shared.held(fleet.deps())
    (row,) = deps.reviews.of(SUBJECT, None, "our-own")
    seen = frozen.of(deps, fleet.document(row.id).collected, frozen.Collected)
    key, digest = next((k, d) for k, d in seen.answers.items() if is_vendors(deps, d))
    gates = {"our-own": deps.configuration.gate("our-own")}
    common = shared.common(deps, OWN, Sweeps(deps.engine).get(done.sweep), gates, {})
    planned = Planned(row.subject, row.version, row.gate, "", packed_rows(seen.rows))
    first = replace(row, as_of=row.as_of - timedelta(minutes=10), started_at=row.as_of + timedelta(minutes=10))

    def an_answer(minutes: int) -> dict[str, str]:
        return {**seen.answers, key: seen_at(deps, digest, minutes)}

    assert saw_more(common, planned, an_answer(-20), first)
    assert not saw_more(common, planned, an_answer(20), first)
    assert not saw_more(common, planned, an_answer(-20), replace(first, started_at=row.as_of))


def test_older_answers_take_no_place_that_came_to_nothing(swept: tuple[Fleet, Swept]):
    """The last review saw more and was superseded, and its successor failed: nobody may sign what was before it."""
    fleet, done = swept
    deps = shared.held(fleet.deps())
    (row,) = deps.reviews.of(SUBJECT, None, "our-own")
    seen = frozen.of(deps, fleet.document(row.id).collected, frozen.Collected)
    key, digest = next((k, d) for k, d in seen.answers.items() if is_vendors(deps, d))
    common = shared.common(
        deps, OWN, Sweeps(deps.engine).get(done.sweep), {"our-own": deps.configuration.gate("our-own")}, {}
    )
    planned = Planned(row.subject, row.version, row.gate, "", packed_rows(seen.rows))
    later = stamp(common.as_of + timedelta(minutes=1))
    with writing(deps.engine) as connection:
        connection.execute(update(reviews).where(reviews.c.id == row.id).values(state="superseded", started_at=later))

    with pytest.raises(Refused, match=f"{row.id} saw what is later.*clearance assess {SUBJECT} --gate our-own"):
        review(common, deps, planned, {**seen.answers, key: seen_at(deps, digest, -20)})


def test_a_review_that_began_before_a_sweep_saw_more_where_it_asked_after_it(swept: tuple[Fleet, Swept]):
    """A slow source, or a process that was killed and gone on with: its answers are later than its beginning."""
    fleet, done = swept
    deps = shared.held(fleet.deps())
    (row,) = deps.reviews.of(SUBJECT, None, "our-own")
    seen = frozen.of(deps, fleet.document(row.id).collected, frozen.Collected)
    key, digest = next((k, d) for k, d in seen.answers.items() if is_vendors(deps, d))
    gates = {"our-own": deps.configuration.gate("our-own")}

    def saw(*, began: int, minutes: int) -> bool:
        """`began`: minutes before its sources answered; the sweep began half a minute after that."""
        sweep = replace(Sweeps(deps.engine).get(done.sweep), as_of=row.as_of - timedelta(seconds=30))
        common = shared.common(deps, OWN, sweep, gates, {})
        begun = row.as_of - timedelta(minutes=began)
        planned = Planned(row.subject, row.version, row.gate, "", packed_rows(seen.rows))
        ours = {**seen.answers, key: seen_at(deps, digest, minutes)}
        return saw_more(common, planned, ours, replace(row, as_of=begun, started_at=begun))

    assert saw(began=1, minutes=-20)
    assert not saw(began=1, minutes=20)
    assert not saw(began=90, minutes=-20)


def seen_at(deps: Deps, digest: str, minutes: int) -> str:
    """The same answer, so many minutes later."""
    said = deps.locker.answer(digest)
    assert isinstance(said, Evidence)
    moved = said.model_copy(update={"collected_at": said.collected_at + timedelta(minutes=minutes)})
    return deps.locker.put(moved.to_bytes(), "evidence", deps.clock())


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


def test_a_sweep_joins_another_ones_review_over_the_same_answers_alone(fleet: Fleet):
    """One that met a gap meanwhile waits for the end of the other, and makes its own."""
    fleet.sweep(OWN)
    deps = fleet.deps()
    (ended,) = deps.reviews.of(SUBJECT, None, "our-own")
    assert deps.reviews.take(ended.id, deps.holder, deps.clock())
    row = deps.reviews.get(ended.id)
    begun = joining.started_state(deps, row.id)
    key, digest = next((k, d) for k, d in frozen.answered(deps, begun).items() if is_vendors(deps, d))
    met = frozen.known(deps, {**frozen.answered(deps, begun), key: a_gap_for(deps, digest)})

    assert joining.may_join(deps, row, begun, by_hand=False)
    assert not joining.may_join(deps, row, {**begun, "known": met}, by_hand=False)


def is_vendors(deps: Deps, digest: str) -> bool:
    return not is_local(deps.locker.answer(digest).request_type)


def a_gap_for(deps: Deps, digest: str) -> str:
    seen = deps.locker.answer(digest)
    ask = REQUESTS[seen.request_type].ask.model_validate(seen.params)
    return deps.locker.put(Denied("answered 401").gap(ask, seen.source, deps.clock()).to_bytes(), "gap", deps.clock())
