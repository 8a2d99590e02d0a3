"""Questions and assessments from Slack: heard at once, done once, answered in the thread."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import text

from agent.service import chatting, jobs
from agent.service.chatting import Heard
from agent.service.working import Pace, work
from agent.store import chat
from agent.store import jobs as queue
from agent.surfaces.slack import health
from tests.acceptance.conftest import SIGNERS
from tests.chat.conftest import Office, office_of
from tests.chat.workspace import SECRET, TEAM, command, mention, signed, texts, until

WELL = f"Slack, workspace Acme ({TEAM}): it answers"
AWAY = "❌ Slack: Slack auth.test answered"
STUCK = "❌ 1 results could not be posted yet (`clearance outbox` tries again)"
ASSESS = "assess finance-invoice-recon pilot-to-prod"


def test_an_assessment_is_queued_and_its_result_comes_into_the_thread(office: Office):
    """Heard at once with an empty answer; then the thread: queued, headline, counts, who has to sign, the page."""
    status, body = office.send(command(ASSESS))
    assert (status, body) == (200, "")
    until(lambda: chat.waiting(office.deps.engine) and chat.waiting(office.deps.engine)[0].thread)

    review = office.work()
    office.round()

    first, last = office.slack.posted[0], office.slack.posted[-1]
    assert "is queued" in first["text"]
    assert last["thread_ts"] == "1.000100"
    said = " ".join(texts(last["blocks"]))
    assert "proposed cleared, SANDBOX" in said
    assert "9 met" in said
    assert "AI CoE Lead: Morteza Moradi" in said
    links = [one.get("url") for block in last["blocks"] for one in block.get("elements", [])]
    assert f"http://127.0.0.1:8321/reviews/{review}" in links
    assert "A proposal permits nothing" in said


def test_a_retry_of_slack_does_nothing_again(office: Office):
    """Neither in this process nor in another that serves the same store."""
    other = office_of(office.desk, office.slack, office.review)
    office.send(mention(ASSESS))
    until(lambda: len(office.slack.posted) == 1)

    office.send(mention(ASSESS), **{"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})
    other.send(mention(ASSESS), **{"X-Slack-Retry-Num": "2", "X-Slack-Retry-Reason": "http_timeout"})
    other.send(mention("status", event="Ev2"))
    until(lambda: len(office.slack.posted) == 2)

    assert len(jobs.unfinished(office.deps)) == 1
    assert len(chat.waiting(office.deps.engine)) == 1


def test_who_asks_the_same_joins_and_both_threads_hear_the_result(office: Office):
    office.send(mention(ASSESS, event="Ev1", thread="1.0"))
    office.send(mention(ASSESS, event="Ev2", thread="2.0", user="UDANA"))
    until(lambda: len(chat.waiting(office.deps.engine)) == 2)
    until(lambda: len(office.slack.posted) == 2)

    office.work()
    office.round()

    assert sorted("joins it" in one["text"] for one in office.slack.posted[:2]) == [False, True]
    results = [one for one in office.slack.posted if "proposed cleared" in one["text"]]
    assert {one["thread_ts"] for one in results} == {"1.0", "2.0"}
    assert len(office.deps.reviews.all()) == 2  # the prepared one, and one for both


def test_progress_waits_for_the_thread_that_begins_with_the_first_answer(office: Office):
    """A worker may be at it before Slack has that answer: said into nothing then, it would never be said again."""
    slack, engine, now = office.slack, office.deps.engine, office.deps.clock()
    heard = Heard("command:t1", "C1", "", "mike.chen")
    asked, row = chatting.ask(office.deps, heard, "finance-invoice-recon", "pilot-to-prod")
    assert queue.begin(engine, int(asked.job), "another worker", now)

    office.round()
    assert not slack.posted
    chat.thread_is(engine, row, "1.0")
    office.round()
    office.round()

    assert [one["thread_ts"] for one in slack.posted if "is being assessed." in one["text"]] == ["1.0"]


def test_an_order_of_another_version_keeps_no_thread_from_its_result(office: Office):
    """Its worker ends it with a sentence; whoever asked for it or for something else hears what came of it."""
    office.send(mention(ASSESS, thread="1.0"))
    until(lambda: len(office.slack.posted) == 1)
    with office.deps.engine.begin() as connection:
        connection.execute(text('update jobs set body = \'{"kind":"fly"}\''))
    office.round()
    assert len(office.slack.posted) == 1

    work(office.deps, Pace(jobs=1, poll=0.02), threading.Event(), lambda sentence: None, until_idle=True)
    office.round()
    assert "cannot read what was ordered" in office.slack.posted[-1]["text"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("why 9 finance-invoice-recon", "9. "),
        ("status finance-invoice-recon", "proposed cleared"),
        ("evidence 4 finance-invoice-recon", "datadog"),
        ("list", "finance-invoice-recon 1.0"),
        ("may-deploy finance-invoice-recon", "nothing is signed"),
    ],
)
def test_questions_are_answered_to_the_one_who_asked(office: Office, text: str, says: str):
    assert office.send(command(text))[0] == 200
    until(lambda: office.slack.whispered)

    (only,) = office.slack.whispered
    assert (only["user"], only["channel"]) == ("UMIKE", "C1")
    assert says in " ".join(texts(only["blocks"]))


def test_a_permission_names_its_gate_though_the_question_did_not(office: Office):
    """A yes at one gate is none at another."""
    for person, role in SIGNERS:
        office.desk.sign(person, role, office.review, "cleared")
    office.send(command("may-deploy finance-invoice-recon"))
    until(lambda: office.slack.whispered)

    said = " ".join(texts(office.slack.whispered[0]["blocks"]))
    assert said.startswith(f"Gate pilot-to-prod: finance-invoice-recon@1.0: the decision of {office.review} is SANDBOX")
    assert "(exit code 20)" in said
    assert "--sandbox" not in said


def test_a_question_in_a_thread_is_about_what_the_thread_asked(office: Office):
    office.send(mention(ASSESS, thread="1.0"))
    until(lambda: len(office.slack.posted) == 1)
    office.send(mention("why is item 9 as it is?", event="Ev2", thread="1.0"))
    until(lambda: len(office.slack.posted) == 2)

    assert office.slack.posted[1]["thread_ts"] == "1.0"
    assert "finance-invoice-recon 1.0 at pilot-to-prod" in office.slack.posted[1]["text"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("frobnicate", "is no command. I understand: assess SUBJECT [GATE]"),
        ("why", "say which item"),
        ("why 99 finance-invoice-recon", "has no item 99"),
        ("assess nobody-knows", "there is no card for 'nobody-knows'"),
        ("assess <!channel>", "there is no card for '<!channel>'"),
        ("assess finance-invoice-recon no-gate", "there is no gate 'no-gate'"),
    ],
)
def test_what_is_not_understood_is_said_privately_and_begins_nothing(office: Office, text: str, says: str):
    office.send(command(text))
    until(lambda: office.slack.whispered)

    assert says in " ".join(texts(office.slack.whispered[0]["blocks"]))
    assert "<!channel>" not in office.slack.whispered[0]["text"]
    assert jobs.unfinished(office.deps) == []


def test_whom_people_yaml_does_not_know_is_told_nothing(office: Office):
    office.send(command("evidence 4 finance-invoice-recon", user="USTRANGER"))
    until(lambda: office.slack.whispered)

    said = " ".join(texts(office.slack.whispered[0]["blocks"]))
    assert "people.yaml does not know the Slack member 'USTRANGER'" in said
    assert "datadog" not in said


def test_only_the_workspace_of_the_settings_is_heard(office: Office):
    status, _ = office.send(mention(ASSESS, team="T0OTHER"))

    assert status == 200  # Slack is answered, and nobody works
    office.send(mention("status", event="Ev2"))
    until(lambda: len(office.slack.posted) == 1)
    assert jobs.unfinished(office.deps) == []


def test_a_request_that_slack_did_not_sign_is_refused(office: Office):
    body, kind = command(ASSESS)
    wrong = {**signed(body, secret="another"), "Content-Type": kind}

    assert office.client.post("/slack/events", content=body, headers=wrong).status_code == 401
    assert office.client.post("/slack/events", content=body, headers={"Content-Type": kind}).status_code == 401
    assert office.client.post("/slack/events", content=body + b"&x=1", headers=signed(body)).status_code == 401
    assert office.slack.asked == []


def test_a_request_older_than_five_minutes_is_refused(office: Office):
    """Somebody who wrote it down sends it again."""
    assert office.send(command(ASSESS), at=time.time() - 301)[0] == 401
    assert office.send(command(ASSESS), at=time.time() + 600)[0] == 401  # by then the clock goes on
    assert office.slack.asked == []


def test_nothing_is_asked_of_slack_before_somebody_asks(office: Office):
    assert office.slack.asked == []
    assert SECRET not in repr(office.deps.channels)


def test_what_is_no_text_or_too_long_is_refused(office: Office):
    assert office.send((b"\xff\xfe", "application/json"))[0] == 400
    assert office.send((b"a" * 1_000_001, "application/json"))[0] == 413


def test_a_result_waits_for_slack_and_comes_once(office: Office):
    """Slack is away when the assessment ends: the result stays in the outbox, and `doctor` hears of it."""
    office.send(mention(ASSESS, thread="1.0"))
    until(lambda: len(office.slack.posted) == 1)
    office.work()
    office.slack.away = True
    office.round()
    assert len(office.slack.posted) == 1
    said, works = health.chat(office.deps)
    assert (said.startswith(AWAY), said.endswith(STUCK), works) == (True, True, False)

    office.slack.away = False
    assert health.chat(office.deps) == (f"{WELL}; {STUCK}", False), "Slack is back, and the result is not there yet"
    later = office_of(office.desk, office.slack, office.review)
    due = later.deps.clock
    keep = _in_a_minute(later, due)
    keep.round()
    keep.round()

    results = [one for one in office.slack.posted if "proposed cleared" in one["text"]]
    assert [one["thread_ts"] for one in results] == ["1.0"]
    assert health.chat(office.deps) == (WELL, True)


def _in_a_minute(office: Office, clock: object) -> Office:
    from dataclasses import replace
    from datetime import timedelta

    moved = replace(office.deps, clock=lambda: clock() + timedelta(minutes=1))  # type: ignore[operator]
    return replace(office, deps=moved)
