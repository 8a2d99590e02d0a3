"""Once everybody has signed something stricter, nothing laxer of before lets a subject through, report or no report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agent.domain import SignOffDecision
from agent.errors import Refused
from agent.service import signing
from agent.service.assess import assess
from agent.service.decided import decided
from agent.service.finishing import finish
from agent.service.permission import Permission, may_deploy, revoke
from agent.service.stricter import stricter
from tests.acceptance.conftest import GATE, NOTES, SIGNERS, SUBJECT, Desk, open_all
from tests.acceptance.prepared import Hands, Prepared, as_person
from tests.acceptance.test_attacks import edit_people

AWAY = {
    "CLEARANCE_PUBLISH": "s3://reports/launch", "CLEARANCE_PUBLISH_KEY_ID": "AKPUBLISH",
    "CLEARANCE_PUBLISH_SECRET": "secret", "CLEARANCE_PUBLISH_URL": "http://127.0.0.1:9",
}  # fmt: skip
WHY = "The vendor's outage is not over"


@pytest.fixture
def cleared(prepared: Prepared, tmp_path: Path) -> Desk:
    """The prepared review is signed as cleared and published."""
    desk = prepared.copy(tmp_path)
    desk.sign_all(prepared.review)
    return desk


def again(desk: Desk, decision: str, signers: Sequence[tuple[str, str]] = SIGNERS, own: dict[str, str] = AWAY) -> str:
    """A later review, signed so by them; its report goes where nobody is reached, unless `own` says otherwise."""
    review = assess(desk.deps(**own), SUBJECT, GATE, new=True).document.review
    for person, role in signers:
        desk.sign(person, role, review, decision, reason=WHY)
    return review


def asked(desk: Desk) -> Permission:
    return may_deploy(desk.deps(**AWAY), SUBJECT, "1.0", GATE, sandbox=True)


def on_the_day(desk: Desk) -> list[str]:
    deps = desk.deps(**AWAY)
    clock = Hands(deps.clock())
    clock.go(days=5)
    return finish(replace(deps, clock=clock))


def test_a_blocked_one_whose_report_cannot_be_published_says_no(cleared: Desk):
    blocked = again(cleared, "blocked")
    answer = asked(cleared)

    assert cleared.deps().reviews.get(blocked).state == "complete"
    assert (answer.code, answer.review) == (20, blocked)
    assert answer.sentence == (f"{SUBJECT}@1.0: signed as blocked in {blocked}; its report is not written yet")


def test_who_blocked_it_still_does_once_that_key_is_revoked(cleared: Desk):
    """The others approved, and their signatures are all that can be checked now."""
    blocked = again(cleared, "blocked", SIGNERS[:1])
    finish_with(cleared, blocked)
    before = asked(cleared)
    edit_people(cleared, SIGNERS[0][0], revoked="2026-06-01T00:00:00Z")
    after = asked(cleared)

    assert (before.code, before.review) == (after.code, after.review) == (20, blocked)


def finish_with(desk: Desk, review: str) -> None:
    """The others approve what the first one blocked."""
    for person, role in SIGNERS[1:]:
        deps, who = as_person(desk, person, **AWAY)
        open_all(deps, who, review)
        signing.insert(deps, who, review, role, SignOffDecision.CLEARED, reason=WHY, notes=NOTES)
    finish(desk.deps(**AWAY))


def test_it_stops_the_launch_and_is_what_another_gate_sees(cleared: Desk, prepared: Prepared):
    blocked = again(cleared, "blocked")
    said = on_the_day(cleared)
    standing, seen = cleared.deps().registry.get(SUBJECT, "1.0", GATE), decided(cleared.deps(), SUBJECT, "1.0", GATE)

    assert not [one for one in said if "is in Production" in one]
    assert standing
    assert (standing.review, standing.status) == (prepared.review, "approved for 2026-06-22")
    assert seen
    assert (seen.review, seen.decision, seen.holds_until) == (blocked, "blocked", None)


def test_a_whole_set_counts_before_it_is_called_complete(cleared: Desk):
    """Its lease is with a machine that stands still, so nobody can go on with it."""
    blocked = again(cleared, "blocked", SIGNERS[:2])
    assert asked(cleared).code == 0
    deps, who = as_person(cleared, SIGNERS[2][0])
    assert deps.reviews.take(blocked, "elsewhere:boot:1:2:3:4", deps.clock())
    open_all(deps, who, blocked)
    signing.insert(deps, who, blocked, SIGNERS[2][1], SignOffDecision.BLOCKED, reason=WHY, notes=NOTES)

    assert deps.reviews.get(blocked).state == "signing"
    assert asked(cleared).sentence.endswith(f"signed as blocked in {blocked}; its report is not written yet")


def test_what_lets_as_much_through_waits_for_its_report(cleared: Desk, prepared: Prepared):
    again(cleared, "cleared")
    answer = asked(cleared)

    assert (answer.code, answer.review) == (0, prepared.review)


def test_a_blocked_one_of_before_stops_nothing_that_was_decided_later(put_right: Desk):
    again(put_right, "blocked")
    later = again(put_right, "cleared", own={})
    answer = asked(put_right)

    assert (answer.code, answer.review) == (0, later)


def test_whoever_read_the_registry_just_before_it_was_told_says_no_as_well(cleared: Desk):
    before = cleared.deps().registry.get(SUBJECT, "1.0", GATE)
    blocked = again(cleared, "blocked", own={})
    found = stricter(cleared.deps(), before) if before else None

    assert cleared.deps().reviews.get(blocked).state == "reported"
    assert found
    assert found.sentence == f"signed as blocked in {blocked}"


def test_a_signer_takes_back_a_decision_whose_report_is_not_written(put_right: Desk, tmp_path: Path):
    """It never gets one then, and lets nothing through."""
    review = again(put_right, "cleared")
    deps, who = as_person(put_right, "dana.ortiz", **AWAY)
    revoke(deps, who, review, "the vendor announced a breach")
    finish(put_right.deps(CLEARANCE_PUBLISH=str(tmp_path / "share")))
    answer = asked(put_right)

    assert not (tmp_path / "share").exists()
    assert (answer.code, answer.review) == (20, review)
    assert "was revoked by dana.ortiz, who said: the vendor announced a breach" in answer.sentence
    with pytest.raises(Refused, match="nothing to revoke"):
        revoke(deps, who, review, "the vendor announced a breach")


def test_what_was_taken_back_while_its_report_was_made_is_not_sealed(put_right: Desk):
    """A process that had seen the set complete stood still meanwhile, and has the lease yet."""
    review = again(put_right, "cleared")
    deps, who = as_person(put_right, "dana.ortiz", **AWAY)
    assert deps.reviews.take(review, "elsewhere:boot:1:2:3:4", deps.clock())
    revoke(deps, who, review, "the vendor announced a breach")

    with pytest.raises(Refused, match="changed while its report was written"):
        deps.decisions.seal(review, {}, deps.clock(), "elsewhere:boot:1:2:3:4")


def test_to_take_back_a_blocked_one_brings_no_older_decision_back(cleared: Desk):
    blocked = again(cleared, "blocked")
    deps, who = as_person(cleared, "dana.ortiz", **AWAY)
    revoke(deps, who, blocked, "the outage is over after all")

    assert (asked(cleared).code, asked(cleared).review) == (20, blocked)
