"""Socket Mode: Slack's own client over a real WebSocket, the same listeners behind it, and what becomes of a break."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from agent.errors import ConfigError
from agent.outward import chat as chat_of
from agent.service import jobs
from agent.service.caller import in_slack
from agent.service.opened import not_opened
from agent.store import chat as threads
from agent.store import lines
from agent.surfaces.slack import health, line
from agent.surfaces.slack.line import Tempo
from tests.acceptance.conftest import NOTES, SUBJECT
from tests.acceptance.prepared import Prepared
from tests.chat.conftest import MEMBERS, Office, bind, office_of
from tests.chat.sockets import Exchange, exchange
from tests.chat.workspace import APP_TOKEN, TEAM, TOKEN, Workspace, click, command, mention, submission, texts, until

QUICK = Tempo(look=0.05, first=0.1, ping=2.0)
IMPATIENT = Tempo(look=0.05, first=0.1, ping=1.0)
ALONE = {"CLEARANCE_CHAT_SLACK_APP_TOKEN": APP_TOKEN, "CLEARANCE_CHAT_SLACK_SECRET": ""}


@dataclass(frozen=True)
class Wired:
    """An office without a public address. `said`: what its process said of the connection."""

    office: Office
    slack: Workspace
    there: Exchange
    said: list[str]

    def held(self, tempo: Tempo = QUICK) -> AbstractContextManager[None]:
        return line.held(self.office.deps, tell=self.said.append, tempo=tempo)


@pytest.fixture
def wired(prepared: Prepared, slack: Workspace, tmp_path: Path) -> Iterator[Wired]:
    desk = prepared.copy(tmp_path)
    bind(desk, MEMBERS)
    with exchange(slack) as there:
        yield Wired(office_of(desk, slack, prepared.review, **ALONE), slack, there, [])


def test_a_command_is_heard_answered_and_worked(wired: Wired):
    """No signing secret, no address of ours: the result comes into the thread as over HTTP."""
    with wired.held():
        assert wired.there.ask(command(f"assess {SUBJECT}")) == {}
        until(lambda: threads.waiting(wired.office.deps.engine) and threads.waiting(wired.office.deps.engine)[0].thread)
    wired.office.work()
    wired.office.round()

    assert wired.said == ["Slack, Socket Mode: connected"]
    assert "proposed cleared" in wired.slack.posted[-1]["text"]


def test_over_http_nothing_is_heard_then(wired: Wired):
    assert wired.office.send(command("list"))[0] in (401, 404, 405)
    assert wired.slack.asked == []


def test_a_mention_that_comes_again_is_taken_once_whichever_connection_it_comes_on(wired: Wired):
    """Two processes over one store: Slack gives the retry to the other."""
    other = replace(wired, office=office_of(wired.office.desk, wired.slack, wired.office.review, **ALONE))
    with wired.held(), other.held():
        wired.there.connected(2)
        first, second = wired.there.open
        wired.there.ask(mention(f"assess {SUBJECT}"), first)
        wired.there.ask(mention(f"assess {SUBJECT}"), second, retry=1)
        wired.there.ask(mention("status", event="Ev2"), second)
        until(lambda: len(wired.slack.posted) == 2)

    assert len(jobs.unfinished(wired.office.deps)) == 1
    assert len(threads.waiting(wired.office.deps.engine)) == 1


def test_a_button_a_dialog_and_its_submission(wired: Wired):
    """What is wrong comes back as the answer on the connection; a signature stands before it is said to."""
    deps, review = wired.office.deps, wired.office.review
    who = in_slack(deps, TEAM, "UMIKE").person
    with wired.held():
        wired.there.ask(click(review))
        until(lambda: wired.slack.opened and not not_opened(deps, review, who))
        fields = {"decision": "cleared", "role": "builder", **{f"note-{item}": text for item, text in NOTES.items()}}
        wrong = wired.there.ask(submission(wired.slack.opened[0], {**fields, "note-9": ""}, trigger="s-1"))
        assert "item 9 needs a sentence" in wrong["errors"]["decision"]

        right = wired.there.ask(submission(wired.slack.opened[0], fields, trigger="s-2"))
        assert "Mike Chen signed" in " ".join(texts(right["view"]["blocks"]))
        assert [one.role for one in deps.reviews.signoffs(review)] == ["builder"]
        until(lambda: wired.slack.replaced)


def test_only_the_workspace_of_the_settings_is_heard_there_too(wired: Wired):
    with wired.held():
        wired.there.ask(mention(f"assess {SUBJECT}", team="T0OTHER"))
        wired.there.ask(mention("status", event="Ev2"))
        until(lambda: len(wired.slack.posted) == 1)

    assert jobs.unfinished(wired.office.deps) == []


def refreshed(there: Exchange) -> None:
    """Slack asks for another connection before it ends this one."""
    there.open[0].send(json.dumps({"type": "disconnect", "reason": "warning", "debug_info": {}}))


def closed(there: Exchange) -> None:
    there.open[0].close()


def cut(there: Exchange) -> None:
    there.open[0].close_socket()


def dead(there: Exchange) -> None:
    """Held open, and nothing comes of it: only its own pings tell."""
    there.open[0].mute = True


def test_one_that_never_answers_is_given_up(wired: Wired):
    wired.there.deaf = True
    with wired.held(IMPATIENT):
        until(lambda: wired.there.lines)
        wired.there.deaf = False
        until(lambda: len(wired.there.lines) > 1)


def test_a_dialog_as_long_as_slack_allows_comes_through(wired: Wired):
    """Its submission holds all that it showed, in many frames' worth of bytes."""
    long = {"type": "modal", "callback_id": "sign", "private_metadata": "{}", "blocks": [], "filler": "é" * 120_000}
    with wired.held():
        answer = wired.there.ask(submission(long, {}))

    assert "does not say what it was opened over" in answer["errors"]["decision"]


@pytest.mark.parametrize("broken", [refreshed, closed, cut, dead])
def test_a_connection_that_ends_is_followed_by_another(wired: Wired, broken: Callable[[Exchange], None]):
    with wired.held(IMPATIENT if broken in (cut, dead) else QUICK):
        wired.there.connected()
        broken(wired.there)
        until(lambda: len(wired.there.lines) > 1)
        wired.there.post(command("list"))
        until(lambda: wired.slack.whispered)


def test_one_that_slack_sends_away_says_so_and_does_not_knock_without_a_pause(wired: Wired):
    """Ten for an app. It never says that it is connected, and is in once another has gone."""
    other = replace(wired, office=office_of(wired.office.desk, wired.slack, wired.office.review, **ALONE), said=[])
    wired.there.most = 1
    with wired.held():
        wired.there.connected()
        with other.held(replace(QUICK, first=0.5)):
            until(lambda: wired.there.away > 1)
            told = health.chat(wired.office.deps)
            assert other.said == [f"Slack, Socket Mode: {line.CROWDED}"]
            assert "one process is connected" in told[0]
            assert told[0].count("too_many_websockets") == 1
            until(lambda: wired.slack.asked.count("apps.connections.open") - 1 == wired.there.away)
            wired.there.most = 2
            until(lambda: len(other.said) == 2)

    assert other.said[1] == "Slack, Socket Mode: connected"


def test_a_store_that_is_away_for_a_while_ends_no_connection(wired: Wired, caplog: pytest.LogCaptureFixture):
    """Each note fails until it is back; a connection that breaks is followed by another meanwhile and after."""
    engine = wired.office.deps.engine
    with wired.held():
        until(lambda: lines.every(engine))
        with engine.begin() as connection:
            connection.execute(text("alter table chat_lines rename to elsewhere"))
        wired.slack.revoked = APP_TOKEN
        closed(wired.there)
        until(lambda: "was not noted (StoreAway)" in caplog.text)
        with engine.begin() as connection:
            connection.execute(text("alter table elsewhere rename to chat_lines"))
        wired.slack.revoked = ""
        until(lambda: len(wired.said) == 3)
        assert wired.said[2] == "Slack, Socket Mode: connected"
        wired.there.post(command("list"))
        until(lambda: wired.slack.whispered)
    until(lambda: lines.every(engine)[0].trouble)


def test_nobody_who_listens_to_its_words_ends_no_connection(wired: Wired):
    def away(sentence: str) -> None:
        raise BrokenPipeError

    with line.held(wired.office.deps, tell=away, tempo=QUICK):
        wired.there.connected()
        until(lambda: lines.every(wired.office.deps.engine))
        closed(wired.there)
        until(lambda: len(wired.there.lines) > 1)


def test_a_token_that_is_refused_is_said_and_tried_again(wired: Wired):
    """Also in the middle: the connection ends, and no other one is given."""
    with wired.held():
        wired.there.connected()
        wired.slack.revoked = APP_TOKEN
        closed(wired.there)
        until(lambda: len(wired.said) == 2)
        assert "refuses CLEARANCE_CHAT_SLACK_APP_TOKEN (apps.connections.open: token_revoked)" in wired.said[1]
        assert "connections:write" in wired.said[1]
        assert health.chat(wired.office.deps) == (f"❌ {wired.said[1].replace(', Socket Mode', '')}", False)

        wired.slack.revoked = ""
        until(lambda: len(wired.said) == 3)
    assert wired.said[2] == "Slack, Socket Mode: connected"
    assert APP_TOKEN not in " ".join(wired.said)


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        ("off", "socket_mode_not_enabled"),
        ("away", "apps.connections.open answered"),
        ("elsewhere", "WebSocket could not be reached"),
    ],
)
def test_why_there_is_no_connection_is_said(wired: Wired, trouble: str, says: str):
    wired.slack.away = trouble == "away"
    if trouble != "away":
        wired.slack.line = (lambda: "ws://127.0.0.1:9/") if trouble == "elsewhere" else None
    with wired.held():
        until(lambda: wired.said)

    assert says in wired.said[0]


def test_doctor_says_whether_it_is_connected_now_or_when_it_last_was(wired: Wired):
    deps = wired.office.deps
    said, works = health.chat(deps)
    assert (works, "no process is connected, and none ever was" in said) == (False, True)
    with wired.held():
        until(lambda: lines.every(deps.engine))
        said, works = health.chat(deps)
        assert (works, "Socket Mode: one process is connected, since " in said) == (True, True)
        later = replace(deps, clock=lambda: deps.clock() + timedelta(minutes=1))
        assert "no process is connected; the last was at " in health.chat(later)[0]  # it was killed: it notes nothing
    until(lambda: lines.every(deps.engine)[0].trouble)

    assert "the last was at " in health.chat(deps)[0]
    assert "(its process was stopped)" in health.chat(deps)[0]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"CLEARANCE_CHAT_SLACK_APP_TOKEN": TOKEN}, "must be an app-level token, which begins with xapp-"),
        ({"CLEARANCE_CHAT_SLACK_APP_TOKEN": ""}, "CLEARANCE_CHAT_SLACK_SECRET .* or CLEARANCE_CHAT_SLACK_APP_TOKEN"),
        ({"CLEARANCE_CHAT_SLACK_TEAM": ""}, "CLEARANCE_CHAT_SLACK_TEAM: is needed"),
    ],
)
def test_settings_that_do_not_hold_are_refused(wired: Wired, given: dict[str, Any], says: str):
    own = wired.office.deps.settings
    with pytest.raises(ConfigError, match=says):
        chat_of(replace(own, values={**own.values, **given}))


def test_no_secret_is_shown(wired: Wired):
    assert APP_TOKEN not in repr(wired.office.deps.channels)
