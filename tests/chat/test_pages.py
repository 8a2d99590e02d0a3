"""What docs/chat.md and docs/pipelines.md tell people to copy is true: it parses, and it runs."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from agent.service import permission, tokens
from agent.service.caller import caller
from agent.surfaces.slack.endpoint import PATH
from agent.surfaces.slack.wording import KINDS
from agent.surfaces.web.app import build
from agent.surfaces.web.serving import _bound
from collectors.sandbox.server import Asked, Reply, serve
from tests import plain_yaml
from tests.acceptance.conftest import SIGNERS, SUBJECT, Desk
from tests.acceptance.prepared import Prepared
from tests.builders import ROOT

CHAT, PIPELINES = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("chat.md", "pipelines.md"))
GATE = "pilot-to-prod"


def blocks(page: str, kind: str) -> list[str]:
    return list(re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL))


def test_the_manifest_of_the_slack_app_asks_for_what_is_used_and_no_more():
    manifest = plain_yaml.load(next(one for one in blocks(CHAT, "yaml") if "oauth_config" in one))

    assert set(manifest["oauth_config"]["scopes"]["bot"]) == {"chat:write", "commands", "app_mentions:read"}
    addresses = [manifest["settings"][name]["request_url"] for name in ("event_subscriptions", "interactivity")]
    (slash,) = manifest["features"]["slash_commands"]
    assert {slash["url"], *addresses} == {f"https://clearance.acme.example{PATH}"}
    assert slash["command"] == "/clearance"
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == ["app_mention"]


def test_every_command_is_on_the_page():
    assert all(f"/clearance {kind}" in CHAT for kind in KINDS)


def test_the_settings_of_an_assistant_are_json_and_start_our_command():
    (told,) = (json.loads(one) for one in blocks(CHAT, "json"))

    assert told["mcpServers"]["clearance"]["args"] == ["mcp"]


def test_the_steps_are_yaml_and_run_the_script():
    github, gitlab = (plain_yaml.load(one) for one in blocks(PIPELINES, "yaml"))

    ask, deploy = github["jobs"]["deploy"]["steps"][1:]
    assert ask["run"] == "sh may-deploy.sh"
    assert set(ask["env"]) == {"CLEARANCE_URL", "CLEARANCE_TOKEN", "SUBJECT", "VERSION", "GATE"}
    assert deploy["run"] == "./deploy.sh"
    assert gitlab["may-deploy"]["script"] == ["sh may-deploy.sh"]
    assert gitlab["deploy"]["needs"] == ["may-deploy"]


@dataclass(frozen=True)
class Served:
    url: str
    token: str
    desk: Desk
    review: str


@pytest.fixture(scope="module")
def served(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The API over a real socket."""
    desk = prepared.copy(tmp_path_factory.mktemp("api"))
    deps = desk.deps()
    listener = _bound("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app, _ = build(deps, url, lambda sentence: None)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    running = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    running.start()
    _, token = tokens.new(deps, "ci", ("read",), 1, "")
    yield Served(url, token, desk, prepared.review)
    server.should_exit = True
    running.join(10)


def step(
    url: str, token: str, folder: Path, version: str = "1.0", gate: str = GATE, seconds: int = 30, sandbox: str = "true"
) -> tuple[int, str]:
    """The script of the page as it stands there: its exit code, and what it printed."""
    script = folder / "may-deploy.sh"
    script.write_text(blocks(PIPELINES, "sh")[0].replace("--max-time 30", f"--max-time {seconds}"))
    env = {
        "CLEARANCE_URL": url, "CLEARANCE_TOKEN": token, "SUBJECT": SUBJECT, "VERSION": version, "GATE": gate,
        "CLEARANCE_SANDBOX": sandbox, "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    done = subprocess.run(["sh", str(script)], env=env, text=True, capture_output=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def sign_all(served: Served, decision: str) -> None:
    for person, role in SIGNERS:
        served.desk.sign(person, role, served.review, decision)


def test_the_step_says_what_is_signed(served: Served, tmp_path: Path):
    """50 before anybody signed, 0 when all have, 20 once it was revoked; with the link to the review."""
    assert step(served.url, served.token, tmp_path)[0] == 50

    sign_all(served, "cleared")
    code, said = step(served.url, served.token, tmp_path)
    assert code == 0
    assert f"{served.url}/reviews/{served.review}" in said
    assert "signed by Mike Chen" in said
    code, said = step(served.url, served.token, tmp_path, sandbox="")
    assert (code, "is SANDBOX" in said) == (20, True)

    deps = served.desk.deps(CLEARANCE_KEY=str(served.desk.keys / "mike.chen.pem"))
    permission.revoke(deps, caller(deps), served.review, "the drill was staged after all")
    assert step(served.url, served.token, tmp_path)[0] == 20


@pytest.mark.parametrize(
    ("token", "version", "gate"),
    [
        ("", "1.0", GATE),
        ("clr_nobody", "1.0", GATE),
        (None, "1.0", "no-gate"),
        (None, "", GATE),
        (None, "1.0\n0", GATE),
    ],
)
def test_a_step_that_could_not_look_never_passes(
    served: Served, tmp_path: Path, token: str | None, version: str, gate: str
):
    code, _ = step(served.url, served.token if token is None else token, tmp_path, version, gate)

    assert code in (30, 50)
    assert code == 30 or "\n" in version


def test_a_server_that_is_down_is_no_pass(tmp_path: Path):
    listener = _bound("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()

    assert step(url, "clr_x", tmp_path)[0] == 30


class Stranger:
    """Something else that answers at the address."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    def answer(self, asked: Asked) -> Reply:
        return self.reply


WHOLE = f"may-deploy 0 {SUBJECT}@1.0 {GATE}\nsigned\n".encode()


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(200, f"may-deploy 10 {SUBJECT}@1.0 {GATE}\n".encode()), 10),
        (Reply(200, WHOLE[:20]), 30),  # cut, with a length that agrees
        (Reply(200, b""), 30),
        (Reply(200, b"<html>please log in</html>"), 30),
        (Reply(200, f"may-deploy 0 {SUBJECT}@2.0 {GATE}\n".encode()), 30),  # an answer to another question
        (Reply(200, f"may-deploy 0 {SUBJECT}@1.0 another-gate\n".encode()), 30),
        (Reply(200, f"may-deploy 1 {SUBJECT}@1.0 {GATE}\n".encode()), 30),
        (Reply(302, WHOLE, {"location": "/elsewhere"}), 30),
        (Reply(401, WHOLE), 30),
        (Reply(404, WHOLE), 30),
    ],
)
def test_only_a_whole_answer_to_this_question_counts(tmp_path: Path, reply: Reply, code: int):
    running = serve(Stranger(reply))
    try:
        assert step(running.url, "clr_x", tmp_path)[0] == code
    finally:
        running.close()


class Older:
    """A server of a version that knows no `sandbox`, and refuses what it does not know."""

    def answer(self, asked: Asked) -> Reply:
        return Reply(400, b"") if asked.one("sandbox") else Reply(200, WHOLE.splitlines(keepends=True)[0])


@pytest.mark.parametrize(("sandbox", "code"), [("", 0), ("true", 30)])
def test_a_server_of_an_older_version_still_answers(tmp_path: Path, sandbox: str, code: int):
    """Only who means a sandbox says so."""
    running = serve(Older())
    try:
        assert step(running.url, "clr_x", tmp_path, sandbox=sandbox)[0] == code
    finally:
        running.close()


def test_an_answer_that_is_cut_on_its_way_is_no_pass(tmp_path: Path):
    """What came until then reads as a yes."""

    def cut() -> Iterator[bytes]:
        yield WHOLE
        raise ConnectionAbortedError

    running = serve(Stranger(Reply(200, stream=cut())))
    try:
        assert step(running.url, "clr_x", tmp_path)[0] == 30
    finally:
        running.close()


class Staller:
    """Begins with a yes and does not end; whoever asks again hears a no."""

    def __init__(self) -> None:
        self.over, self.asked = threading.Event(), 0

    def answer(self, asked: Asked) -> Reply:
        self.asked += 1
        if self.asked > 1:
            return Reply(200, WHOLE.replace(b"may-deploy 0", b"may-deploy 20"))
        return Reply(200, stream=self.yes())

    def yes(self) -> Iterator[bytes]:
        yield WHOLE
        self.over.wait(20)


def test_an_answer_that_does_not_end_is_no_pass_whatever_is_answered_next(tmp_path: Path):
    staller = Staller()
    running = serve(staller)
    try:
        assert step(running.url, "clr_x", tmp_path, seconds=1)[0] == 30
    finally:
        staller.over.set()
        running.close()
