"""What rests on a statement ends when its author wants it to: nobody signs over it then, and nothing is deployed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.errors import Refused
from agent.service import signing
from agent.service.permission import may_deploy
from agent.service.statements import attest
from agent.workflow.document import decision_ends
from tests.acceptance.conftest import GATE, NOTES, SIGNERS, SUBJECT, Desk, RunningWorld, desk_over, open_all
from tests.acceptance.prepared import Hands, as_person
from tests.acceptance.test_conditional import OPEN_ITEM, unscheduled

DRILL = {
    "flag_off_at": "2026-06-16T14:00:00-04:00", "flag_on_at": "2026-06-16T15:00:00-04:00", "in_flight_at_flip": 3,
    "in_flight_outcome": "all three ran to their end", "new_work": "queued", "time_to_stop_s": 38,
    "performed_by": "morteza.moradi", "observed_by": "sarah.lind",
}  # fmt: skip
HOURS = 2  # for which it counts from when it is stated


def stated(desk: Desk, person: str, kind: str, fields: dict[str, object]) -> Hands:
    """A statement that counts for a while; the clock, still before its end."""
    deps, who = as_person(desk, person)
    clock = Hands(deps.clock())
    attest(deps, who, SUBJECT, kind, fields, valid_until=clock() + timedelta(hours=HOURS))
    return clock


def ends(desk: Desk, clock: Hands, decision: str, signers: Sequence[tuple[str, str]], code: int) -> None:
    """One review is signed in time and holds to the statement's end only; over another it is too late by then."""
    until, document = clock() + timedelta(hours=HOURS), desk.assess()
    for person, role in signers:
        desk.sign(person, role, document.review, decision)
    assert may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == code
    late = desk.assess(new=True).review
    clock.go(hours=HOURS, minutes=1)

    answer = may_deploy(replace(desk.deps(), clock=clock), SUBJECT, "1.0", GATE, sandbox=True)

    assert decision_ends(document) == until
    assert (answer.code, answer.review) == (20, document.review)
    assert f"held until {until:%Y-%m-%d}" in answer.sentence
    deps, who = as_person(desk, signers[0][0], clock)
    open_all(deps, who, late)
    with pytest.raises(Refused, match="its evidence has lapsed"):
        signing.sign(deps, who, late, signers[0][1], signing.SignOffDecision(decision), notes=NOTES)


def test_a_drill_counts_no_longer_than_its_statement(put_right: Desk):
    """The flag was switched a day ago and would count for thirty."""
    ends(put_right, stated(put_right, "morteza.moradi", "drill", DRILL), "cleared", SIGNERS, 0)


def test_a_warning_is_taken_on_no_longer_than_its_open_item_is_stated(put_right_world: RunningWorld, tmp_path: Path):
    desk = desk_over(put_right_world, tmp_path, lambda overlay: unscheduled(overlay, holidays=False))
    clock = stated(desk, "mike.chen", "open_item", OPEN_ITEM)

    ends(desk, clock, "conditional", [*SIGNERS, ("priya.shah", "sponsor")], 10)
