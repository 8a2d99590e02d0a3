"""What Slack was told has arrived is written down: neither a kill nor a Slack or store that is away loses it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from agent.service import jobs
from agent.store import chat as threads
from agent.store import inbox
from agent.store.inbox import HOLD, MOST, Delivery
from agent.surfaces.slack import health
from tests.chat.conftest import Office, office_of
from tests.chat.workspace import TOKEN, WITHIN, command, mention, texts, until
from tests.fleet.conftest import engine, postgres, server, url

__all__ = ["engine", "postgres", "server", "url"]
NOW = datetime(2026, 6, 12, 16, tzinfo=UTC)
ONE = Delivery("event:Ev1", "mention", "C1", "1.0", "UMIKE", "why 9?")
ASSESS = "assess finance-invoice-recon"


def later(office: Office, **span: float) -> Office:
    """Another process, so much later."""
    other = office_of(office.desk, office.slack, office.review)
    clock = other.deps.clock
    return replace(other, deps=replace(other.deps, clock=lambda: clock() + timedelta(**span)))


@pytest.mark.parametrize("asked", ["list", ASSESS])
def test_a_kill_between_answer_and_work_loses_nothing(office: Office, asked: str):
    """The first process hangs as soon as Slack has its answer; another one goes on a minute later, and once."""
    held, reached, kept = threading.Event(), threading.Event(), office.desk.deps().engine
    office.slack.hold = lambda: reached.set() or held.wait(60)
    try:
        if asked == "list":
            assert office.send(command(asked))[0] == 200
            assert reached.wait(WITHIN)
        else:  # killed before its first look at the store
            inbox.hear(kept, Delivery("command:t-1", "command", "C1", "", "UMIKE", asked), office.deps.clock())
        assert inbox.left(kept, office.deps.clock()) == []
        office.slack.hold = lambda: None
        other = later(office, seconds=HOLD.total_seconds() + 5)
        other.round()
        other.round()
        told = office.slack.whispered if asked == "list" else office.slack.posted
        assert len(told) == 1
        assert len(jobs.unfinished(office.deps)) == (asked == ASSESS)
    finally:
        held.set()
    until(lambda: not inbox.left(kept, office.deps.clock() + timedelta(days=1)))


def test_what_cannot_be_written_down_is_not_answered_so_that_slack_sends_it_again(office: Office):
    with office.deps.engine.begin() as connection:
        connection.execute(text("alter table chat_inbox rename to elsewhere"))
    assert office.send(mention(ASSESS))[0] == 503

    with office.deps.engine.begin() as connection:
        connection.execute(text("alter table elsewhere rename to chat_inbox"))
    assert office.send(mention(ASSESS), **{"X-Slack-Retry-Num": "1"})[0] == 200
    until(lambda: len(office.slack.posted) == 1)
    assert len(jobs.unfinished(office.deps)) == 1


def test_an_answer_that_slack_does_not_take_is_given_later(office: Office):
    office.slack.away = True
    office.send(mention("status", event="Ev1"))
    until(lambda: "chat.postMessage" in office.slack.asked)
    office.slack.away = False
    office.round()
    assert office.slack.posted == []

    later(office, minutes=2).round()
    assert len(office.slack.posted) == 1


def test_what_is_tried_too_often_is_left_and_doctor_says_so(office: Office):
    """The bot's token was revoked in the middle."""
    office.slack.revoked = TOKEN
    office.send(mention("status", event="Ev1"))
    for minutes in range(2, 2 * MOST + 4, 2):
        until(lambda: office.slack.asked)
        later(office, minutes=minutes).round()
    assert len(office.slack.asked) == MOST
    lost = "questions that were tried 5 times and have no answer: 1 (whoever asked may ask again)"
    told = "❌ Slack: Slack auth.test answered with the error token_revoked"
    assert health.chat(office.deps) == (f"{told}; {lost}", False)

    office.slack.revoked = ""
    assert lost in health.chat(office.deps)[0]


@pytest.mark.parametrize("hostile", ["why 9\x00 \ud800?", "<!channel>" * 5000, "status\u200b\u202e \u2066x"])
def test_whatever_is_typed_is_written_down_and_answered(office: Office, hostile: str):
    """Characters that no store takes, and more than anybody reads."""
    assert office.send(mention(hostile))[0] == 200
    until(lambda: office.slack.whispered or office.slack.posted)

    said = [*office.slack.whispered, *office.slack.posted][0]
    shown = said["text"] + " ".join(texts(said["blocks"]))
    assert not any(one in said["text"] for one in ("<!channel>", "<"))
    assert not any(one in shown for one in "\x00\u200b\u202e\u2066")


def test_what_was_asked_is_forgotten_with_its_answer(office: Office):
    office.send(mention("status please", event="Ev1"))
    until(lambda: office.slack.posted)
    until(lambda: _texts(office.deps.engine) == [""])


def _texts(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return [row[0] for row in connection.execute(text("select text from chat_inbox")).all()]


def test_of_many_processes_one_goes_on_with_it(engine: Engine):
    """In both databases: held by whoever wrote it down, free after that, done for good."""
    assert [inbox.hear(engine, ONE, NOW) for _ in range(2)] == [True, False]
    assert inbox.left(engine, NOW + HOLD) == []
    after = NOW + HOLD + timedelta(seconds=1)
    assert inbox.left(engine, after) == [ONE]
    assert [inbox.take(engine, ONE.key, after) for _ in range(2)] == [True, False]

    inbox.done(engine, ONE.key, after)
    assert inbox.left(engine, after + timedelta(hours=1)) == []
    assert not inbox.hear(engine, ONE, after)
    assert inbox.hear(engine, ONE, after + inbox.KEPT + timedelta(seconds=1))


def test_threads_that_were_told_are_not_told_again(office: Office):
    """The kill came after the order and before the word that it is done."""
    office.send(mention(ASSESS, thread="1.0"))
    until(lambda: len(office.slack.posted) == 1)
    with office.deps.engine.begin() as connection:
        connection.execute(text("update chat_inbox set done_at = ''"))
    later(office, minutes=2).round()

    assert len(office.slack.posted) == 1
    assert len(threads.waiting(office.deps.engine)) == 1


def test_one_that_was_cut_short_before_its_thread_began_gets_it_at_the_next_try(office: Office):
    """The order stands; Slack was away when the channel was to hear of it."""
    office.slack.away = True
    office.send(command(ASSESS))
    until(lambda: "chat.postMessage" in office.slack.asked)
    until(lambda: threads.waiting(office.deps.engine))
    office.slack.away = False
    later(office, minutes=2).round()

    assert [one["text"].split(".")[0] for one in office.slack.posted] == ["finance-invoice-recon 1"]
    assert "is queued" in office.slack.posted[0]["text"]
    (row,) = threads.waiting(office.deps.engine)
    assert row.thread == "1.000100"
    assert len(jobs.unfinished(office.deps)) == 1


def test_two_that_were_cut_short_each_get_their_own_thread_whichever_is_tried_first(office: Office):
    """One person, one subject: one question names a gate, the other does not; another person asks the same as that."""
    office.slack.away = True
    asked = (("t-1", "UMIKE", f"{ASSESS} production-readiness"), ("t-2", "UMIKE", ASSESS), ("t-3", "UDANA", ASSESS))
    for trigger, user, words in asked:
        office.send(command(words, user, trigger))
        until(lambda trigger=trigger: threads.seen(office.deps.engine, f"command:{trigger}"))
    until(lambda: office.slack.asked.count("chat.postMessage") == 3)
    office.slack.away = False
    two = later(office, minutes=2)
    assert inbox.take(office.deps.engine, "command:t-1", two.deps.clock())  # another process is at the first
    two.round()
    later(office, minutes=4).round()
    later(office, minutes=6).round()

    waiting = threads.waiting(office.deps.engine)
    assert [(one.person, one.gate, one.thread) for one in waiting] == [
        ("mike.chen", "production-readiness", "3.000100"),
        ("mike.chen", "pilot-to-prod", "1.000100"),
        ("dana.ortiz", "pilot-to-prod", "2.000100"),
    ]
    assert [one["text"].split(" at ")[1].split(" ")[0] for one in office.slack.posted] == [
        "pilot-to-prod", "pilot-to-prod", "production-readiness",
    ]  # fmt: skip


def test_what_the_store_holds_and_cannot_give_is_said_once(office: Office):
    """No outage: trying again gives the same."""
    with office.deps.engine.begin() as connection:
        connection.execute(text("update blobs set body = x'78'"))
    office.send(command("evidence 4 finance-invoice-recon"))
    until(lambda: office.slack.whispered)
    until(lambda: _texts(office.deps.engine) == [""])
    later(office, minutes=2).round()

    (only,) = office.slack.whispered
    assert "was changed; restore the database from its backup" in only["text"]


def test_a_store_that_is_away_is_not_said_to_have_begun_nothing(office: Office):
    with office.deps.engine.begin() as connection:
        connection.execute(text("alter table jobs rename to elsewhere"))
    office.send(command(ASSESS))
    until(lambda: office.slack.whispered)

    assert "whether this was begun is not known" in office.slack.whispered[0]["text"]
    assert _texts(office.deps.engine) == [ASSESS]
