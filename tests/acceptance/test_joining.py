"""Who joined a review gets its result only where it answers what was asked, whoever ended it and however."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from agent.service import joining
from agent.service.assess import Assessed, Begin, assess, assess_frozen
from agent.service.orders import OrderedSweep
from agent.service.running import new_lease
from agent.service.sweep_order import SweepOrder
from agent.workflow.state import ReviewState
from collectors.connections import AwsAccess
from tests.acceptance.conftest import GATE, SUBJECT, Desk
from tests.acceptance.test_kill import TOKEN, killed_at, unseen


@dataclass
class UnderWay:
    """A review that somebody else runs, who has no token for PagerDuty either. `ends`: that one is gone."""

    desk: Desk
    review: str
    lease: str

    def joined(self, then: Callable[[], object]) -> Assessed:
        """By one without the token, who waits for it; `then` happens meanwhile."""
        deps = self.desk.deps(TOKEN)
        return assess(replace(deps, progress=lambda step, told: then() if step == "join" else None), SUBJECT, GATE)

    def ends(self, *without: str) -> Assessed:
        """Its process is gone, and whoever has a token goes on with it."""
        deps = self.desk.deps(*without)
        deps.reviews.release(self.review, self.lease)
        return assess(deps, SUBJECT, GATE)


@pytest.fixture
def under_way(put_right: Desk) -> UnderWay:
    killed_at(put_right, "judge", 1, "assess", without=TOKEN)
    deps = put_right.deps()
    (row,) = deps.reviews.all()
    lease = new_lease(deps)
    assert deps.reviews.take(row.id, lease, deps.clock(), dead=row.lease_holder)
    return UnderWay(put_right, row.id, lease)


def test_the_result_of_one_that_asked_as_he_does_is_his(under_way: UnderWay):
    found = under_way.joined(lambda: under_way.ends(TOKEN))

    assert (found.document.review, unseen(found.document)) == (under_way.review, {"pagerduty"})
    assert found.said[-1] == f"{under_way.review} was being assessed already; this is its result"


def test_what_took_its_place_is_no_answer_to_one_who_may_see_less(under_way: UnderWay):
    """Somebody with the token begins afresh meanwhile; the other has none, and gets no yes by it."""
    made: list[str] = []

    found = under_way.joined(lambda: made.append(under_way.desk.assess(new=True).review))

    assert under_way.desk.deps().reviews.get(made[0]).proposal == "cleared"
    assert (found.document.proposal, unseen(found.document)) == ("blocked", {"pagerduty"})
    assert f"{under_way.review}, which was waited for, was superseded by {made[0]}" in found.said


def test_what_took_its_place_and_asked_as_he_does_is_his(under_way: UnderWay):
    made: list[str] = []

    found = under_way.joined(lambda: made.append(under_way.desk.assess(TOKEN, new=True).review))

    assert [found.document.review] == made


def test_one_that_somebody_with_more_access_took_over_is_no_answer_either(under_way: UnderWay):
    """The same review, begun without the token as he asks, and ended with it."""
    found = under_way.joined(under_way.ends)

    assert under_way.desk.deps().reviews.get(under_way.review).proposal == "cleared"
    assert (found.document.proposal, unseen(found.document)) == ("blocked", {"pagerduty"})
    assert any("ended with other access" in said for said in found.said)


def test_where_nobody_can_tell_as_whom_it_was_asked_that_is_said(put_right: Desk):
    """A profile that no file of the SDK names: not "other access", and what can be done about it."""
    killed_at(put_right, "judge", 1, "assess")
    deps = put_right.deps()
    aws = AwsAccess(profile="nobody-has-this", endpoint_url=deps.connections.aws and deps.connections.aws.endpoint_url)
    found = assess(replace(deps, connections=replace(deps.connections, aws=aws)), SUBJECT, GATE)

    (said,) = [one for one in found.said if "asked again" in one]
    assert "was begun as somebody at aws, cloudtrail, s3 whom nobody can tell from others" in said
    assert "AWS_ACCESS_KEY_ID" in said
    assert "other access" not in said


def test_one_that_ends_just_before_it_would_be_taken_over_gives_its_result(under_way: UnderWay):
    """Between the look that finds it running and the lease on it."""
    deps = under_way.desk.deps(TOKEN)
    row = deps.reviews.get(under_way.review)
    armed: list[Callable[[], object]] = []

    def clock() -> datetime:
        if armed:
            armed.pop()()
        return deps.clock()

    def joins(_: object) -> bool:
        armed.append(lambda: under_way.ends(TOKEN))
        return True

    state: ReviewState = {**joining.started_state(deps, row.id), "review": "rv-own"}
    order = OrderedSweep(sweep=SweepOrder(gates=(GATE,)))
    begin = Begin(deps.configuration.gate(GATE), row.version, state, order=order, joins=joins)
    found = assess_frozen(replace(deps, clock=clock), begin, [])

    assert found.document.review == under_way.review
    assert [one.id for one in deps.reviews.all()] == [under_way.review]
