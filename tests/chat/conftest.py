"""Chat inside the test's own process: the app over a real store, and Slack on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from agent.deps import Deps
from agent.service.working import Pace, work
from agent.surfaces.slack import keeping
from agent.surfaces.web.app import build
from tests import plain_yaml
from tests.acceptance.conftest import Desk, prepared, put_right_world
from tests.acceptance.prepared import Prepared
from tests.chat.workspace import SECRET, TEAM, TOKEN, Workspace, signed, workspace

__all__ = ["prepared", "put_right_world"]
ADDRESS = "http://127.0.0.1:8321"
MEMBERS = {"mike.chen": "UMIKE", "morteza.moradi": "UMORTEZA", "dana.ortiz": "UDANA"}


def bind(desk: Desk, members: dict[str, str], *, sign: bool = True) -> None:
    """Their accounts into people.yaml; with `sign` as logins too, which is what lets them sign."""
    path = desk.overlay / "people.yaml"
    told = plain_yaml.load(path.read_text())
    for person, member in members.items():
        told["people"][person].setdefault("accounts", {})["slack"] = member
        if sign:
            told["people"][person]["logins"] = [{"issuer": f"slack:{TEAM}", "subject": member}]
    path.write_text(plain_yaml.dump(told))


@dataclass(frozen=True)
class Office:
    """`review` waits for signatures. `send` is what Slack sends: status and body of the answer."""

    desk: Desk
    deps: Deps
    slack: Workspace
    client: TestClient
    review: str

    def send(self, sent: tuple[bytes, str], at: float | None = None, **headers: str) -> tuple[int, str]:
        body, kind = sent
        own = {**signed(body, at), "Content-Type": kind, **headers}
        answer = self.client.post("/slack/events", content=body, headers=own)
        return answer.status_code, answer.text

    def work(self) -> str:
        """Do what is queued, as `clearance worker --until-idle` does; the id of the last review."""
        work(self.deps, Pace(jobs=1, poll=0.02), threading.Event(), lambda sentence: None, until_idle=True)
        return self.deps.reviews.all()[-1].id

    def round(self) -> None:
        keeping.one_round(self.deps)


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with workspace() as made:
        yield made


@pytest.fixture
def office(prepared: Prepared, slack: Workspace, tmp_path: Path) -> Office:
    desk = prepared.copy(tmp_path)
    bind(desk, MEMBERS)
    return office_of(desk, slack, prepared.review)


def app_settings(slack: Workspace) -> dict[str, str]:
    """The app's settings."""
    return {
        "CLEARANCE_CHAT_SLACK_TOKEN": TOKEN, "CLEARANCE_CHAT_SLACK_SECRET": SECRET, "CLEARANCE_CHAT_SLACK_TEAM": TEAM,
        "CLEARANCE_CHAT_SLACK_URL": slack.url, "CLEARANCE_PAGE_URL": ADDRESS,
    }  # fmt: skip


def office_of(desk: Desk, slack: Workspace, review: str, **more: str) -> Office:
    deps = desk.deps(**(app_settings(slack) | more))
    app, _ = build(replace(deps), ADDRESS, lambda sentence: None)
    return Office(desk, deps, slack, TestClient(app, base_url=ADDRESS), review)
