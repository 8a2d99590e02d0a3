"""Item 8, where Slack holds what is scheduled: which message is meant, its text, its time."""

from __future__ import annotations

import pytest

from agent.cards import Comms, Launch
from agent.domain import Finding
from agent.probes.comms import message_is_drafted_and_scheduled
from collectors.evidence import Quote
from collectors.slack.facts import ScheduledMessage, ScheduledMessagesFacts
from tests.builders import ZONE, at, day, number, resource, time, told

POST = Comms(id="launch-post", source="slack.scheduled_messages", channel="C0FINANCE1", audience="finance")
LAUNCH = Launch(date=day("2026-06-22"))
IN_TIME, LATE = "2026-06-22T09:00", "2026-06-23T00:00"
Held = tuple[str, str | None, str]


def held(*messages: Held) -> ScheduledMessagesFacts:
    """Id, text and time of each."""
    rows = tuple(
        ScheduledMessage(
            message=resource(id), post_at=time(when), scheduled_on=time("2026-06-16T16:00"),
            text=None if text is None else Quote(value=text),
        )
        for id, text, when in messages
    )  # fmt: skip
    return ScheduledMessagesFacts(channel=resource("C0FINANCE1"), count=number(len(rows), "messages"), messages=rows)


def judged(facts: ScheduledMessagesFacts, comms: Comms = POST, *others: Comms) -> Finding:
    return message_is_drafted_and_scheduled(
        facts, comms=comms, plan=(comms, *others), launch=LAUNCH, zone=ZONE, as_of=at("2026-06-17T10:00")
    )


def named(message: str, id: str = "launch-post") -> Comms:
    return POST.model_copy(update={"message": message, "id": id})


LIVE: Held = ("Q1", "Invoice reconciliation  goes\nlive today.", IN_TIME)
OTHER: Held = ("Q2", "Lunch is at noon.", IN_TIME)
TOO_LATE: Held = ("Q3", "We went live.", LATE)
BLANK: Held = ("Q4", " \n", IN_TIME)
SILENT: Held = ("Q5", None, IN_TIME)


def test_the_only_message_of_the_channel_decides_and_is_remarked_on():
    """The card does not say that it is this one, so the signers are told which was taken."""
    found = judged(held(LIVE))

    assert told(found) == (
        "pass: launch-post is drafted and scheduled for 22 June 2026, 09:00 EDT, as Q1 in C0FINANCE1, "
        "which the card does not name."
    )
    assert found.note


@pytest.mark.parametrize("message", ["Q1", " Q1 ", "GOES live", "reconciliation goes live today"])
def test_the_message_that_the_card_names_decides_whatever_else_waits_there(message: str):
    """By its id, or by words of its text, letters and white space aside."""
    found = judged(held(LIVE, OTHER, TOO_LATE, BLANK), named(message))

    assert told(found).startswith("pass: launch-post is drafted and scheduled for 22 June 2026, 09:00 EDT, as Q1 in")
    assert not found.note


def test_an_id_goes_before_words():
    """A text that mentions another message's id is not meant by it."""
    assert told(judged(held(("Q9", "Instead of Q3.", IN_TIME), TOO_LATE), named("Q3"))).startswith("fail")


@pytest.mark.parametrize("facts", [held(LIVE), held(OTHER, SILENT)])
def test_a_message_that_is_not_among_those_that_wait_is_unknown(facts: ScheduledMessagesFacts):
    """It may have been posted, or another app may hold it: Slack shows neither."""
    assert told(judged(facts, named("Q7"))).startswith("unknown: Of ")
    assert told(judged(held(LIVE), named("Q7"))) == (
        "unknown: Of 1 message scheduled for C0FINANCE1 none is Q7, as the card names launch-post."
    )


@pytest.mark.parametrize("comms", [POST, named("Q3")])
def test_a_message_after_the_day_of_launch_fails(comms: Comms):
    """At midnight that day is over."""
    assert told(judged(held(TOO_LATE), comms)) == (
        "fail: launch-post, as Q3 in C0FINANCE1, is scheduled for 23 June 2026, 00:00 EDT, after the launch on "
        "Monday, 22 June 2026."
    )


def test_a_message_without_words_is_not_drafted_and_one_that_is_not_told_is_unknown():
    """Slack gives the text only; what stands in blocks or files is not seen."""
    assert told(judged(held(BLANK))) == "fail: launch-post, as Q4 in C0FINANCE1, is not drafted."
    assert told(judged(held(SILENT))) == (
        "unknown: What launch-post says is not told: Q5 in C0FINANCE1 comes without a text."
    )
    assert told(judged(held(("Q5", None, LATE)))).startswith("fail: launch-post, as Q5 in C0FINANCE1, is scheduled for")


@pytest.mark.parametrize("facts", [held(LIVE), held(LIVE, OTHER)])
def test_the_card_names_the_audience(facts: ScheduledMessagesFacts):
    """Slack knows a channel and not whom it is for."""
    nobody = POST.model_copy(update={"audience": " "})

    assert told(judged(facts, nobody)).startswith("fail: launch-post, ")
    assert told(judged(facts, nobody)).endswith("in C0FINANCE1, names no audience.")


def test_several_that_are_all_in_time_pass_with_a_remark():
    """Whichever is meant, it is drafted and goes out by then."""
    found = judged(held(("Q6", "Soon.", "2026-06-19T09:00"), LIVE))

    assert told(found) == (
        "pass: Each of 2 messages in C0FINANCE1 that may be launch-post is drafted and goes out by "
        "22 June 2026, 09:00 EDT."
    )
    assert found.note


@pytest.mark.parametrize("other", [TOO_LATE, ("Q8", "Later.", "2026-07-01T09:00"), BLANK])
def test_several_of_which_none_would_do_fail(other: Held):
    """Late, or without words."""
    assert told(judged(held(("Q3", "We went live.", LATE), ("Q8", *other[1:])))) == (
        "fail: Each of 2 messages in C0FINANCE1 that may be launch-post is not drafted or goes out after "
        "Monday, 22 June 2026."
    )


@pytest.mark.parametrize("other", [TOO_LATE, BLANK, SILENT])
@pytest.mark.parametrize("comms", [POST, named("e")])
def test_several_of_which_some_would_do_are_unknown(comms: Comms, other: Held):
    """Words that fit more than one message name none of them."""
    facts = held(LIVE, other, OTHER, TOO_LATE)

    assert told(judged(facts, comms)).startswith("unknown: Which of ")
    assert told(judged(facts, comms)).endswith("is launch-post the card does not say, and some may be no draft or late "
                                               "for Monday, 22 June 2026.")  # fmt: skip


def test_one_post_is_not_two_messages_of_the_plan():
    """Two lines of the plan for one channel need two posts, or it is not known which line has one."""
    both = POST.model_copy(update={"id": "second-post"})

    assert told(judged(held(LIVE), POST, both)) == (
        "unknown: The card means Q1 in C0FINANCE1 by launch-post and by another message of its plan."
    )
    assert told(judged(held(LIVE, OTHER), named("Q1"), named("goes live", "second-post"))).startswith("unknown")
    assert told(judged(held(LIVE, OTHER), POST, both)).startswith("pass")
    assert told(judged(held(LIVE, OTHER), POST, both, both.model_copy(update={"id": "third"}))) == (
        "unknown: The plan wants more from C0FINANCE1 than the 2 messages that may be launch-post."
    )


@pytest.mark.parametrize(
    "key", [{"channel": "C0ALLHANDS"}, {"source": "attestation"}, {"message": "Q2"}, {"message": "Q7"}]
)
def test_a_line_of_the_plan_for_another_place_or_message_takes_nothing_away(key: dict[str, str]):
    """Only lines that want the very same posts share them."""
    other = POST.model_copy(update={"id": "second-post", **key})

    assert told(judged(held(LIVE, OTHER), named("Q1"), other)).startswith("pass")
