"""`clearance serve` alone, as on a laptop: it hears Slack, does the work, and tells the thread."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from agent.surfaces.slack import health
from tests.acceptance.conftest import ROOT, SUBJECT, Desk
from tests.acceptance.prepared import Prepared
from tests.chat.conftest import bind
from tests.chat.sockets import exchange
from tests.chat.workspace import APP_TOKEN, SECRET, TEAM, TOKEN, Workspace, command, signed, until
from tests.processes import beside, next_line

CHAT = {"CLEARANCE_CHAT_SLACK_TOKEN": TOKEN, "CLEARANCE_CHAT_SLACK_SECRET": SECRET, "CLEARANCE_CHAT_SLACK_TEAM": TEAM}


@contextmanager
def served(desk: Desk, slack: Workspace, **more: str) -> Iterator[str]:
    """Its address. SLACK_BOT_TOKEN is what evidence is read with; the app has to leave it alone."""
    own = desk.env(CLEARANCE_CHAT_SLACK_URL=slack.url, CLEARANCE_KEY=str(desk.keys / "mike.chen.pem"), **(CHAT | more))
    line = ("serve", "--port", "0", "--json", "--until-stdin-closes")
    with beside("agent", *line, cwd=ROOT, env={**os.environ, **own}, pipes=("stdin", "stdout")) as process:
        yield json.loads(next_line(process))["address"]


def send(address: str, sent: tuple[bytes, str]) -> int:
    body, kind = sent
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
    connection.request("POST", "/slack/events", body, {**signed(body), "Content-Type": kind})
    status = connection.getresponse().status
    connection.close()
    return status


def test_one_process_hears_works_and_answers(prepared: Prepared, slack: Workspace, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    bind(desk, {"mike.chen": "UMIKE"})
    with served(desk, slack) as address:
        assert send(address, command(f"assess {SUBJECT}")) == 200
        until(lambda: any("proposed cleared" in one["text"] for one in slack.posted), within=300)

    thread = [one.get("thread_ts") for one in slack.posted]
    assert thread[0] is None
    assert set(thread[1:]) == {"1.000100"}


def test_the_page_on_a_laptop_is_asked_by_socket_mode(prepared: Prepared, slack: Workspace, tmp_path: Path):
    """Slack knows no address of it; its own is in the links, and `doctor` sees from outside that it is connected."""
    desk = prepared.copy(tmp_path)
    bind(desk, {"mike.chen": "UMIKE"})
    own = {"CLEARANCE_CHAT_SLACK_SECRET": "", "CLEARANCE_CHAT_SLACK_APP_TOKEN": APP_TOKEN}
    with exchange(slack) as there, served(desk, slack, **own) as address:
        there.connected()
        assert there.ask(command(f"why 9 {SUBJECT}")) == {}
        until(lambda: slack.whispered, within=300)
        deps = desk.deps(**{**CHAT, **own, "CLEARANCE_CHAT_SLACK_URL": slack.url})
        assert "one process is connected" in health.chat(deps)[0]

    assert address in str(slack.whispered[0]["blocks"])


def test_tokens_are_made_listed_and_revoked(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    made = json.loads(desk.cli("tokens", "new", "ci", "--scope", "assess", "--scope", "read", "--json").stdout)
    assert made["scopes"] == ["assess", "read"]
    assert made["token"].startswith(f"clr_{made['id']}_")

    listed = desk.cli("tokens", "list")
    assert "ci" in listed.stdout
    assert made["token"] not in listed.stdout
    assert json.loads(desk.cli("tokens", "revoke", "ci", "--json").stdout) == {"revoked": "ci"}
    again = desk.cli("tokens", "revoke", "ci")
    assert (again.returncode, "there is no token 'ci' that still counts" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("given", "says"),
    [(("ci two",), "name it with letters"), (("ci", "--scope", "sign"), "--scope sign: choose among read, assess")],
)
def test_a_token_that_could_sign_is_none(prepared: Prepared, tmp_path: Path, given: tuple[str, ...], says: str):
    done = prepared.copy(tmp_path).cli("tokens", "new", *given)

    assert done.returncode == 2
    assert says in done.stderr
