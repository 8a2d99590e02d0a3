"""Slack from end to end on PostgreSQL: worker processes on Socket Mode, and nothing in memory that the store lacks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from agent.domain import Assurance
from agent.service import jobs
from agent.service.caller import in_slack
from agent.service.opened import not_opened
from agent.service.verification import verify
from agent.store import chat as threads
from tests.acceptance.conftest import NOTES, ROOT, SUBJECT
from tests.chat.conftest import MEMBERS, bind
from tests.chat.sockets import Exchange, exchange
from tests.chat.workspace import APP_TOKEN, TEAM, TOKEN, Workspace, click, command, mention, submission, until
from tests.fleet.conftest import FleetDesk, fleet, postgres, server
from tests.stem import Beside

__all__ = ["fleet", "postgres", "server"]
WITHIN = 120.0  # seconds; processes start, and a busy machine is slow
SIGNERS = (("UMIKE", "builder"), ("UMORTEZA", "lead"), ("UDANA", "second_approver"))


@pytest.fixture
def there(slack: Workspace) -> Iterator[Exchange]:
    with exchange(slack) as made:
        yield made


@contextmanager
def worker(desk: FleetDesk, slack: Workspace) -> Iterator[Beside]:
    """`clearance worker` with a token to connect by, and no address that Slack could call."""
    own = desk.env(
        CLEARANCE_CHAT_SLACK_TOKEN=TOKEN, CLEARANCE_CHAT_SLACK_APP_TOKEN=APP_TOKEN, CLEARANCE_CHAT_SLACK_TEAM=TEAM,
        CLEARANCE_CHAT_SLACK_URL=slack.url,
    )  # fmt: skip
    with Beside("agent", "worker", cwd=ROOT, env={**os.environ, **own}) as process:
        try:
            yield process
        finally:
            process.kill()


def test_from_the_question_to_the_signed_report(fleet: FleetDesk, slack: Workspace, there: Exchange):
    """A command, a job, the thread, three dialogs; the bundle verifies."""
    bind(fleet, MEMBERS)
    deps = fleet.deps()
    fleet.world.faults("datadog", {"kind": "delay", "seconds": WITHIN, "times": 1})
    with worker(replace(fleet, timeout=str(2 * WITHIN)), slack):
        there.connected()
        assert there.ask(command(f"assess {SUBJECT}")) == {}
        until(lambda: any("is being assessed." in one["text"] for one in slack.posted), within=WITHIN)
        fleet.world.faults("datadog")  # lets it go
        until(lambda: any("proposed cleared" in one["text"] for one in slack.posted), within=WITHIN)
        review = fleet.review
        for user, role in SIGNERS:
            sign(fleet, slack, there, review, user, role)
        until(lambda: deps.reviews.get(review).state == "reported", within=WITHIN)

    first, *rest = slack.posted
    assert "is queued" in first["text"]
    assert {one["thread_ts"] for one in rest if one["channel"] == "C1"} == {"1.000100"}
    assert {one["channel"] for one in rest} <= {"C1", *(user for user, _ in SIGNERS)}
    assert {(one.assurance, one.channel) for one in deps.reviews.signoffs(review)} == {(Assurance.SLACK, "slack")}
    assert verify(Path(deps.reviews.get(review).bundle), deps.settings.home).predicate.signoffs


def sign(fleet: FleetDesk, slack: Workspace, there: Exchange, review: str, user: str, role: str) -> None:
    """The button, then the dialog, as one person."""
    deps, count = fleet.deps(), len(slack.opened)
    who = in_slack(deps, TEAM, user).person
    there.ask(click(review, user, f"c-{user}"))
    until(lambda: len(slack.opened) > count and not not_opened(deps, review, who), within=WITHIN)
    fields = {"decision": "cleared", "role": role, **{f"note-{item}": text for item, text in NOTES.items()}}
    answer = there.ask(submission(slack.opened[-1], fields, user, f"s-{user}"))
    assert answer["response_action"] == "update", answer


def test_two_processes_that_get_the_same_retry_do_it_once(fleet: FleetDesk, slack: Workspace, there: Exchange):
    bind(fleet, MEMBERS)
    with ExitStack() as crew:
        for _ in range(2):
            crew.enter_context(worker(fleet, slack))
        there.connected(2)
        first, second = there.open
        asked = mention(f"assess {SUBJECT}", thread="7.0")
        envelopes = [there.post(asked, first), there.post(asked, second, retry=1), there.post(asked, first, retry=2)]
        until(lambda: all(one in there.answers for one in envelopes))
        until(lambda: any("proposed cleared" in one["text"] for one in slack.posted), within=WITHIN)

    deps = fleet.deps()
    assert len(deps.reviews.all()) == 1
    assert sum("is queued" in one["text"] for one in slack.posted) == 1
    assert sum("proposed cleared" in one["text"] for one in slack.posted) == 1
    assert (threads.waiting(deps.engine), jobs.unfinished(deps)) == ([], [])


def test_a_process_that_is_killed_behind_its_answer_leaves_the_question_to_another(
    fleet: FleetDesk, slack: Workspace, there: Exchange
):
    """Killed by the kernel while Slack had its answer and nobody had theirs; another begins two minutes later."""
    bind(fleet, MEMBERS)
    with worker(fleet, slack) as first:
        there.connected()
        slack.hold = lambda: (until(lambda: there.answers, WITHIN), first.kill(), first.wait(60))
        there.ask(command("list"))
        assert first.wait(WITHIN) == -9
    slack.hold = lambda: None
    slack.whispered.clear()  # what reached Slack from a process that never heard so

    at = fleet.world.settings["CLEARANCE_CLOCK"]
    moved = FleetDesk(fleet.world, fleet.home, fleet.overlay, fleet.keys, url=fleet.url)
    moved.world.settings["CLEARANCE_CLOCK"] = at.replace("T10:00", "T10:10")
    try:
        with worker(moved, slack):
            until(lambda: slack.whispered, within=WITHIN)
    finally:
        moved.world.settings["CLEARANCE_CLOCK"] = at
