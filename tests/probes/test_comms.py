"""Item 8: messages drafted, with an audience, in time."""

from __future__ import annotations

import pytest

from agent.cards import Comms, Launch
from agent.probes.comms import message_is_drafted_and_scheduled
from collectors.documents import FileFacts
from collectors.statements import CommsFacts
from tests.builders import ZONE, at, day, document, message, statement, told

POST = Comms(id="launch-post", title="Finance team Slack post", source="attestation", audience="finance")
LAUNCH = Launch(date=day("2026-06-13"), holidays=(day("2026-06-19"),))


def planned(
    facts: CommsFacts | FileFacts, *, comms: Comms = POST, launch: Launch = LAUNCH, as_of: str = "2026-06-12T16:00"
) -> str:
    return told(message_is_drafted_and_scheduled(facts, comms=comms, launch=launch, zone=ZONE, as_of=at(as_of)))


@pytest.mark.parametrize("when", ["2026-06-12T09:00", "2026-06-13T09:00", "2026-06-13T23:59"])
def test_a_message_up_to_the_end_of_the_launch_day_passes(when: str):
    """Any time on the day of launch is in time."""
    assert planned(message(when)).startswith("pass: Finance team Slack post is drafted and scheduled for 1")


@pytest.mark.parametrize("when", ["2026-06-14T00:00", "2026-06-14T03:00Z", "2026-06-14T10:00"])
def test_a_message_after_launch_fails(when: str):
    """The launch day ends at midnight in the card's zone: 03:00 UTC still belongs to it."""
    expected = "pass" if when.endswith("Z") else "fail: Finance team Slack post is scheduled for 14 June 2026"
    assert planned(message(when)).startswith(expected)


def test_the_sentence_about_a_late_message_names_both_days():
    """As in the worked example."""
    assert planned(message("2026-06-14T10:00")) == (
        "fail: Finance team Slack post is scheduled for 14 June 2026, 10:00 EDT, after the launch on "
        "Saturday, 13 June 2026."
    )


def test_a_draft_without_a_time_fails_close_to_launch():
    """The day before."""
    assert planned(message(None)) == (
        "fail: Finance team Slack post is drafted but not scheduled, with 0 business days left to the "
        "launch on Saturday, "
        "13 June 2026."
    )


@pytest.mark.parametrize(
    ("as_of", "outcome"), [("2026-06-16T10:00", "warn"), ("2026-06-17T10:00", "fail"), ("2026-07-01T10:00", "fail")]
)
def test_a_draft_without_a_time_is_a_warning_while_there_is_room(as_of: str, outcome: str):
    """Before Monday the 22nd lie a weekend and a holiday: from Tuesday three business days, from Wednesday two."""
    launch = LAUNCH.model_copy(update={"date": day("2026-06-22")})
    assert planned(message(None), launch=launch, as_of=as_of).startswith(
        f"{outcome}: Finance team Slack post is drafted but"
    )


def test_a_file_proves_a_draft_and_no_schedule():
    """A document alone goes nowhere; an empty one is not even a draft."""
    assert planned(document()).startswith("fail: Finance team Slack post is drafted but not scheduled")
    assert planned(document(size=0)).startswith("fail: Finance team Slack post is not drafted, and is not scheduled")


def test_a_message_that_is_not_drafted_or_has_no_audience_fails():
    """Each shortcoming is named, and neither is softened by time that is left."""
    nobody = POST.model_copy(update={"audience": " "})
    assert planned(message(drafted="not drafted"), comms=nobody) == (
        "fail: Finance team Slack post is not drafted and names no audience."
    )
    early = LAUNCH.model_copy(update={"date": day("2026-07-22")})
    assert planned(message(None), comms=nobody, launch=early).startswith(
        "fail: Finance team Slack post names no audience, and is"
    )


def test_the_statement_may_name_the_audience():
    """Where the card does not."""
    nobody = Comms(id="launch-post", source="attestation")
    assert planned(message(audience="finance"), comms=nobody).startswith("pass: launch-post")


def test_a_statement_counts_until_its_author_says():
    """Also where it stands in for a source: nobody signs over it after that."""
    ends = at("2026-06-12T18:00")
    said = message().model_copy(update={"statement": statement("mike.chen", until="2026-06-12T18:00")})
    for source in ("attestation", "slack.scheduled_messages"):
        comms = Comms(id="launch-post", source=source, audience="finance", channel="C1")
        found = message_is_drafted_and_scheduled(
            said, comms=comms, launch=LAUNCH, zone=ZONE, as_of=at("2026-06-12T16:00")
        )
        assert (found.outcome, found.valid_until) == ("pass", ends)


def test_a_stated_draft_without_a_time_is_a_warning_until_the_statement_ends():
    said = message(None).model_copy(update={"statement": statement("mike.chen", until="2026-06-20T18:00")})
    early = LAUNCH.model_copy(update={"date": day("2026-07-22")})
    found = message_is_drafted_and_scheduled(said, comms=POST, launch=early, zone=ZONE, as_of=at("2026-06-12T16:00"))

    assert (found.outcome, found.valid_until) == ("warn", at("2026-06-20T18:00"))


def test_an_unproven_statement_is_unknown():
    """Whatever it says."""
    assert planned(message(proven=False)) == (
        "unknown: The standing of Finance team Slack post is only as reported by Morteza Moradi, and no "
        "key proves that."
    )
