"""Sweeps that overlap: whatever became of a review that saw more, older answers take no place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from agent.deps import Deps
from agent.errors import Refused
from agent.service import joining
from agent.service.sweeps import Swept, shared
from agent.service.sweeps.comparing import compare
from agent.service.sweeps.meanwhile import saw_more
from agent.service.sweeps.reviewing import review
from agent.service.sweeps.shared import Common, Planned, packed_rows
from agent.store import log
from agent.store.database import locked_log, stamp, writing
from agent.store.reviews import ReviewRow
from agent.store.schema import blobs, reviews
from agent.store.sweeps import Sweeps
from agent.workflow import frozen
from agent.workflow.collect import is_local
from collectors.errors import Denied
from collectors.evidence import Evidence
from collectors.registry import REQUESTS
from tests.acceptance.conftest import SUBJECT
from tests.sweeps.conftest import OWN, Fleet


@dataclass(frozen=True)
class Overlap:
    """The subject's last review, and another sweep that has the same answers and is about to review it."""

    deps: Deps
    row: ReviewRow
    answers: Mapping[str, str]
    common: Common
    planned: Planned

    def an_answer(self, minutes: int) -> dict[str, str]:
        """The answers, one of a vendor's so many minutes later."""
        key, digest = next((k, d) for k, d in self.answers.items() if is_vendors(self.deps, d))
        said = self.deps.locker.answer(digest)
        assert isinstance(said, Evidence)
        moved = said.model_copy(update={"collected_at": said.collected_at + timedelta(minutes=minutes)})
        return {**self.answers, key: self.deps.locker.put(moved.to_bytes(), "evidence", self.deps.clock())}

    def ended(self, state: str) -> None:
        """The last review was begun after the sweep asked, and came to this."""
        begun = stamp(self.common.as_of + timedelta(minutes=1))
        with writing(self.deps.engine) as connection:
            change = update(reviews).where(reviews.c.id == self.row.id).values(state=state, started_at=begun)
            connection.execute(change)


@pytest.fixture
def overlap(swept: tuple[Fleet, Swept]) -> Overlap:
    fleet, done = swept
    deps = shared.held(fleet.deps())
    (row,) = deps.reviews.of(SUBJECT, None, "our-own")
    document = fleet.document(row.id)
    seen = frozen.of(deps, document.collected, frozen.Collected)
    gates = {"our-own": deps.configuration.gate("our-own")}
    common = shared.common(deps, OWN, Sweeps(deps.engine).get(done.sweep), gates, {})
    planned = Planned(row.subject, row.version, row.gate, document.card_digest, packed_rows(seen.rows))
    return Overlap(deps, row, seen.answers, common, planned)


def test_another_sweeps_review_saw_no_more_for_having_been_begun_later(overlap: Overlap):
    """Its answers are of when that sweep began, however long its reviews took."""
    common, planned, row = overlap.common, overlap.planned, overlap.row
    later = common.began - timedelta(minutes=30)

    assert not saw_more(common, planned, overlap.answers, replace(row, started_at=later))
    assert saw_more(common, planned, overlap.answers, replace(row, as_of=later))
    assert not saw_more(common, planned, overlap.answers, replace(row, as_of=later, rehearsal=True))


def test_another_sweeps_review_saw_more_where_it_asked_later_as_of_whatever_instant(overlap: Overlap):
    """Of two that overlap, the one that began first may ask last."""
    common, planned, row = overlap.common, overlap.planned, overlap.row
    first = replace(row, as_of=row.as_of - timedelta(minutes=10), started_at=row.as_of + timedelta(minutes=10))

    assert saw_more(common, planned, overlap.an_answer(-20), first)
    assert not saw_more(common, planned, overlap.an_answer(20), first)
    assert not saw_more(common, planned, overlap.an_answer(-20), replace(first, started_at=row.as_of))


@pytest.mark.parametrize(("began", "minutes", "more"), [(1, -20, True), (1, 20, False), (90, -20, False)])
def test_a_review_that_began_before_a_sweep_saw_more_where_it_asked_after_it(
    overlap: Overlap, began: int, minutes: int, more: bool
):
    """A slow source, or a process that was killed and gone on with: its answers are later than its beginning.

    `began`: minutes before its sources answered; the sweep began half a minute before that.
    """
    row = overlap.row
    sweep = replace(overlap.common.sweep, as_of=row.as_of - timedelta(seconds=30))
    common = replace(overlap.common, sweep=sweep)
    begun: datetime = row.as_of - timedelta(minutes=began)
    last = replace(row, as_of=begun, started_at=begun)

    assert saw_more(common, overlap.planned, overlap.an_answer(minutes), last) == more


def test_older_answers_take_no_place_that_came_to_nothing(overlap: Overlap):
    """The last review saw more and was superseded, and its successor failed: nobody may sign what was before it."""
    overlap.ended("superseded")
    with pytest.raises(Refused, match=f"{overlap.row.id} saw what is later.*clearance assess {SUBJECT} --gate our-own"):
        review(overlap.common, overlap.deps, overlap.planned, overlap.an_answer(-20))


def test_older_answers_take_the_place_of_no_review_whose_document_is_damaged(overlap: Overlap):
    """It may have been blocked: nobody can tell."""
    overlap.ended("signing")
    row, ours = overlap.row, overlap.an_answer(-20)
    with writing(overlap.deps.engine) as connection:
        connection.execute(update(blobs).where(blobs.c.digest == row.document).values(body=b"{}"))

    assert compare(overlap.common, overlap.planned, ours).why == "its last review cannot be read"
    with pytest.raises(Refused, match=f"{row.id} saw what is later"):
        review(overlap.common, overlap.deps, overlap.planned, ours)


def test_older_answers_take_no_place_for_a_review_that_a_dead_process_left(overlap: Overlap):
    """It is neither joined nor gone on with, so it takes nobody's place."""
    overlap.ended("signing")
    common, deps, row, ours = overlap.common, overlap.deps, overlap.row, overlap.an_answer(-20)
    begun = json.loads(log.entries(deps.engine, row.id)[0].body)
    begun["state"] |= {"review": "rv-dead", "known": frozen.known(deps, ours)}
    later = common.as_of + timedelta(minutes=2)
    with locked_log(deps.engine) as connection:
        held = dict(connection.execute(select(reviews).where(reviews.c.id == row.id)).one()._mapping)
        connection.execute(update(reviews).where(reviews.c.id == row.id).values(state="superseded", ended_by="rv-dead"))
        left = {
            "id": "rv-dead", "seq": held["seq"] + 1000, "state": "running", "document": "", "digest": "",
            "supersedes": row.id, "started_at": stamp(later), "lease_holder": "gone:1:2:3", "lease_until": "2020",
        }  # fmt: skip
        connection.execute(insert(reviews).values(**{**held, **left}))
        log.append(connection, "rv-dead", "started", begun, later)

    with pytest.raises(Refused, match=f"{row.id} saw what is later"):
        review(common, deps, overlap.planned, ours)


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
