"""Histories of many flags are asked for side by side, and none cites a call of another."""

from __future__ import annotations

import json

import pytest

from collectors.evidence import Evidence, Gap, GapReason
from collectors.launchdarkly.history import flag_history
from collectors.sandbox.faults import Fault
from collectors.sandbox.server import serve
from tests.collectors.launchdarkly.test_flag_history_shared import MANY, drills
from tests.collectors.meeting import LONGER, Meeting

ENTRY = "/api/v2/auditlog/.+"


@pytest.fixture
def asks(history_of):
    return [history_of(flag=f"subject-{i}") for i in range(MANY)]


def entries(answer: Evidence) -> list[str]:
    """The entries that an answer says it asked for, in order."""
    return [call.path.rsplit("/", 1)[1] for call in answer.calls if call.path.startswith("/api/v2/auditlog/")]


def test_the_proving_entries_of_several_flags_are_asked_for_at_a_time(place, asks):
    """At least four are under way at once: one after the other, nobody would get an answer here."""
    here = place(events=drills(), flags=MANY, timeout=LONGER)
    meeting = Meeting(here.faults, ENTRY, meet=4)
    front = serve(meeting)
    try:
        answers = flag_history(here.as_(base_url=front.url), asks)
    finally:
        front.close()
    assert meeting.most >= 4
    for ask, answer in zip(asks, answers, strict=True):
        assert isinstance(answer, Evidence)
        assert json.loads(json.dumps(answer.params))["flag"] == ask.flag
        assert entries(answer) == list(answer.body["details"])
        assert len(entries(answer)) == 3


def test_no_call_is_made_that_asking_one_after_the_other_would_not_make(place, asks):
    here = place(events=drills(), flags=MANY)
    flag_history(here.conn, asks)
    asked = here.paths()
    assert len([path for path in asked if path.startswith("/api/v2/auditlog/")]) == 3 * MANY
    assert len(asked) == len(set(asked)) + 2  # only the shared log is read page by page, three of them


def test_an_entry_that_is_gone_costs_its_own_flag_only(place, asks):
    here = place(events=drills(), flags=MANY)
    lost = entries(flag_history(here.conn, asks)[2])[0]
    here.faults.set(Fault(kind="status", status=404, path=f"/api/v2/auditlog/{lost}"))

    answers = flag_history(here.conn, asks)
    assert [i for i, answer in enumerate(answers) if isinstance(answer, Gap)] == [2]
    assert answers[2].reason is GapReason.GONE
    assert answers[2].params["flag"] == "subject-2"
