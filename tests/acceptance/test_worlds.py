"""Both worlds of Template 07's worked example, and what happens when each of the eight reasons is mended alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.domain import ReviewDocument, Verdict
from tests.acceptance.conftest import Desk, RunningWorld, desk_over
from tests.worlds import MENDS

EIGHT = {
    ("7", "the_three_questions_were_asked", ""),
    ("7", "everyone_on_call_answered", ""),
    ("8", "message_is_drafted_and_scheduled", "exec-briefing"),
    ("8", "message_is_drafted_and_scheduled", "all-hands-digest"),
    ("9", "work_was_in_flight", ""),
    ("9", "time_to_stop_is_recorded", ""),
    ("10", "a_second_approver_is_named", ""),
    ("launch_is_business_day", "launch_is_business_day", ""),
}


def reasons(document: ReviewDocument) -> set[tuple[str, str, str]]:
    return {(reason.where, reason.probe, reason.about) for reason in document.reasons}


def test_as_written_is_blocked_for_exactly_the_eight_reasons(as_written: Desk):
    """The worked example, taken at its word, does not pass its own gate."""
    document = as_written.assess()

    assert document.proposal == "blocked"
    assert sorted(reasons(document)) == sorted(EIGHT)
    assert len(document.reasons) == 8


def test_as_written_meets_items_one_to_six(as_written: Desk):
    """What the seed shows evidence for is met."""
    document = as_written.assess()

    assert [item.verdict for item in document.items[:6]] == [Verdict.MET] * 6
    assert document.gaps == ()
    assert document.sandbox


def test_put_right_is_cleared_and_waits_for_signatures(put_right: Desk):
    """With all eight mended nothing stands against it, and it still permits nothing."""
    document = put_right.assess()

    assert reasons(document) == set()
    assert document.proposal == "cleared"
    assert [item.verdict for item in document.items] == [Verdict.MET] * 9 + [Verdict.PENDING]
    assert not (put_right.home / "reports").exists()


@pytest.mark.parametrize("name", sorted(MENDS))
def test_mending_one_reason_removes_exactly_that_one(name: str, as_written_world: RunningWorld, tmp_path: Path):
    """Each of the eight goes alone."""
    mend: Callable[[Path], None] = MENDS[name]

    document = desk_over(as_written_world, tmp_path, mend).assess()

    assert len(reasons(document)) == 7
    assert reasons(document) < EIGHT
