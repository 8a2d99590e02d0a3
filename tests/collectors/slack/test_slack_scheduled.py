"""slack.scheduled_messages: what one app has scheduled; an empty list says nothing about what people planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from collectors.asking import conversation
from collectors.evidence import GapReason, Window
from collectors.http import NotAllowed
from collectors.sandbox.faults import Fault
from collectors.slack.check import check
from collectors.slack.client import ALLOWED, access_of
from collectors.slack.facts import ScheduledMessagesAsk, ScheduledMessagesFacts
from collectors.slack.scheduled import LONGEST_TEXT, scheduled_messages
from tests.collectors.failures import long_enough
from tests.collectors.optional_place import FAILURES, assert_pointers_lead_to_values, evidence_of, gap_of

FINANCE = ScheduledMessagesAsk(channel="C0FINANCE1")
LIST = "/api/chat.scheduledMessages.list"


def facts_of(answer: object) -> ScheduledMessagesFacts:
    facts = evidence_of(answer).facts
    assert isinstance(facts, ScheduledMessagesFacts)
    return facts


def message_with(**fields: Any):
    """An edit of the first message; ... removes a field."""

    def edit(body: Any) -> Any:
        for name, value in fields.items():
            body["scheduled_messages"][0].pop(name, None)
            if value is not ...:
                body["scheduled_messages"][0][name] = value
        return body

    return {LIST: edit}


@pytest.mark.parametrize(
    ("world", "at"), [("as-written", "2026-06-13T09:00:00-04:00"), ("put-right", "2026-06-22T09:00:00-04:00")]
)
def test_the_launch_post_waits_for_the_morning_of_the_launch(place, world, at):
    """What has been posted already is no longer among them."""
    answer = scheduled_messages(place(world).conn, [FINANCE])[0]
    (message,) = facts_of(answer).messages
    assert message.post_at.value == datetime.fromisoformat(at)
    assert message.message.value == "Q0LAUNCH001"
    assert_pointers_lead_to_values(answer)


def test_its_text_is_a_quotation_without_addresses(place):
    (message,) = facts_of(scheduled_messages(place().conn, [FINANCE])[0]).messages
    assert message.text is not None
    assert message.text.kind == "quote"
    assert "goes live today" in message.text.value
    assert "acme.example" not in message.text.value


def test_a_long_text_is_capped(place):
    (message,) = facts_of(scheduled_messages(place(edits=message_with(text="x" * 40_000)).conn, [FINANCE])[0]).messages
    assert message.text is not None
    assert len(message.text.value) == LONGEST_TEXT


def test_a_message_without_text_is_one_all_the_same(place):
    (message,) = facts_of(scheduled_messages(place(edits=message_with(text=...)).conn, [FINANCE])[0]).messages
    assert message.text is None


def test_an_id_may_be_a_number(place):
    (message,) = facts_of(scheduled_messages(place(edits=message_with(id=1298393284)).conn, [FINANCE])[0]).messages
    assert message.message.value == "1298393284"


@pytest.mark.parametrize("channel", ["C0ALLHANDS", "C0EXECS001"])
def test_an_empty_list_is_blind_and_not_nothing_planned(place, channel):
    gap = gap_of(scheduled_messages(place().conn, [ScheduledMessagesAsk(channel=channel)])[0], GapReason.BLIND)
    assert "people or other apps" in gap.what


def test_the_window_is_half_open_and_an_empty_one_is_blind(place):
    post = datetime.fromisoformat("2026-06-13T09:00:00-04:00")
    hour = timedelta(hours=1)
    inside = FINANCE.model_copy(update={"window": Window(start=post, end=post + hour)})
    before = FINANCE.model_copy(update={"window": Window(start=post - hour, end=post)})
    here = place()
    assert facts_of(scheduled_messages(here.conn, [inside])[0]).count.value == 1
    gap = gap_of(scheduled_messages(here.conn, [before])[0], GapReason.BLIND)
    assert post.isoformat() in gap.what


@pytest.mark.parametrize("channel", ["C0UNKNOWN1", "#finance", "finance", "", "C0FINANCE1&x=1"])
def test_an_unknown_channel_or_a_name_is_gone_and_not_blind(place, channel):
    """A person's word may stand in for blindness, never for a wrong card."""
    gap = gap_of(scheduled_messages(place().conn, [ScheduledMessagesAsk(channel=channel)])[0], GapReason.GONE)
    assert "id" in gap.next_step


def test_every_page_is_read_to_the_empty_cursor(place):
    def many(world: Any) -> None:
        first = world["scheduled"][0]
        world["scheduled"] += [first | {"id": f"Q0{n:08}"} for n in range(250)]

    here = place(data=many)
    answer = evidence_of(scheduled_messages(here.conn, [FINANCE])[0])
    assert (facts_of(answer).count.value, answer.completeness.pages) == (251, 3)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body | {"response_metadata": {"next_cursor": "1"}},
        lambda body: body | {"scheduled_messages": [], "response_metadata": {"next_cursor": "9"}},
    ],
)
def test_a_list_that_does_not_end_is_truncated(place, change):
    gap_of(scheduled_messages(place(edits={LIST: change}).conn, [FINANCE])[0], GapReason.TRUNCATED)


def test_many_channels_are_answered_from_one_list(place):
    """Only the empty ones are asked for by themselves, to see whether they exist."""

    def many(world: Any) -> None:
        for n in range(80):
            world["channels"][f"C1{n:06}"] = f"channel-{n}"
            world["scheduled"].append(world["scheduled"][0] | {"id": f"Q1{n:06}", "channel": f"C1{n:06}"})

    here = place(data=many)
    asks = [FINANCE, *(ScheduledMessagesAsk(channel=f"C1{n:06}") for n in range(80))]
    asks += [ScheduledMessagesAsk(channel="C0ALLHANDS"), ScheduledMessagesAsk(channel="C0UNKNOWN1")]
    answers = scheduled_messages(here.conn, asks)
    assert [facts_of(answer).count.value for answer in answers[:81]] == [1] * 81
    gap_of(answers[81], GapReason.BLIND)
    gap_of(answers[82], GapReason.GONE)
    assert len(here.asked()) == 3
    assert {len(evidence_of(answer).calls) for answer in answers[:81]} == {1}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("invalid_auth", GapReason.DENIED), ("token_revoked", GapReason.DENIED), ("missing_scope", GapReason.DENIED),
        ("account_inactive", GapReason.DENIED), ("invalid_channel", GapReason.GONE),
        ("channel_not_found", GapReason.GONE), ("ratelimited", GapReason.THROTTLED),
        ("fatal_error", GapReason.UNREACHABLE), ("invalid_arguments", GapReason.MALFORMED),
        ("something_new", GapReason.MALFORMED), ("<script>", GapReason.MALFORMED), (None, GapReason.MALFORMED),
    ],
)  # fmt: skip
def test_an_error_that_comes_with_200_has_its_name(place, error, reason):
    here = place(edits={LIST: lambda _: {"ok": False, "error": error, "needed": "chat:write"}})
    gap = gap_of(scheduled_messages(here.conn, [FINANCE])[0], reason)
    assert "<script>" not in gap.what
    if reason == GapReason.DENIED:
        assert gap.scope == "chat:write"


@pytest.mark.parametrize("body", [{}, {"ok": None}, {"ok": "true"}, {"ok": 1}])
def test_an_answer_that_is_neither_ok_nor_not_is_malformed(place, body):
    gap_of(scheduled_messages(place(edits={LIST: lambda _: body}).conn, [FINANCE])[0], GapReason.MALFORMED)


@pytest.mark.parametrize(
    "fields",
    [
        {"post_at": ...}, {"post_at": None}, {"post_at": "1781355600"}, {"post_at": 0}, {"post_at": 1781355600000},
        {"post_at": True}, {"id": None}, {"id": ...}, {"channel_id": "C0ALLHANDS"}, {"channel_id": ...}, {"text": 7},
    ],
)  # fmt: skip
def test_a_message_without_id_channel_or_time_is_malformed(place, fields):
    gap_of(scheduled_messages(place(edits=message_with(**fields)).conn, [FINANCE])[0], GapReason.MALFORMED)


@pytest.mark.parametrize("messages", [None, {}, [7], "none"])
def test_a_list_of_something_else_is_malformed(place, messages):
    here = place(edits={LIST: lambda body: body | {"scheduled_messages": messages}})
    gap_of(scheduled_messages(here.conn, [FINANCE])[0], GapReason.MALFORMED)


@pytest.mark.parametrize(("fault", "reason"), FAILURES)
def test_each_failure_has_its_name(place, fault, reason):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault)
    gap = gap_of(scheduled_messages(here.conn, [FINANCE])[0], reason)
    assert "Slack" in gap.what


def test_a_wrong_token_is_denied_and_never_told(place):
    gap = gap_of(scheduled_messages(place().as_(token="xoxb-wrong"), [FINANCE])[0], GapReason.DENIED)
    assert "xoxb-wrong" not in gap.to_bytes().decode()


def test_without_a_token_nothing_is_asked(place):
    here = place()
    gap = gap_of(scheduled_messages(replace(here.conn, slack=None), [FINANCE])[0], GapReason.NOT_CONFIGURED)
    assert "SLACK_BOT_TOKEN" in gap.what
    assert here.asked() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", LIST),
        ("POST", "/api/chat.postMessage"),
        ("GET", "/api/chat.deleteScheduledMessage"),
        ("GET", "/api/users.list"),
    ],
)
def test_whatever_is_not_on_the_list_is_not_sent(place, method, path):
    """Slack takes writing methods by GET as well; none of them is allowed."""
    here = place()
    with conversation(here.conn, access_of(here.conn.slack)) as asking, pytest.raises(NotAllowed):
        asking.http.request(method, path)
    assert here.asked() == []
    assert {rule.method for rule in ALLOWED} == {"GET"}


def test_the_check_tells_as_whom_and_that_only_its_own_is_seen(place):
    here = place()
    told = check(here.conn)
    assert (told.state, told.account) == ("ok", "T0ACME001")
    assert "this app has scheduled" in told.sentence
    assert check(here.as_(token="wrong")).state == "refused"
    assert check(replace(here.conn, slack=None)).state == "not configured"
    here.faults.set(Fault(kind="refuse"))
    assert check(here.conn).state == "unreachable"
