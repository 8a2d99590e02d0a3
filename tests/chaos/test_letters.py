"""Whoever dies, and whatever is away: every message that is still true is told, and told twice only after a death."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from agent.outputs.telling.channel import Channels
from agent.outputs.telling.mail import Mail, server_of
from agent.outputs.telling.slack import Slack
from agent.service.outbox import deliver
from agent.store import outbox
from agent.yaml_lines import FastLoader
from collectors.sandbox.server import serve
from collectors.sandbox.slack_posts import SlackPosts
from collectors.way import Network
from tests import plain_yaml
from tests.acceptance.conftest import Desk, prepared, put_right_world  # noqa: F401  fixtures
from tests.acceptance.prepared import Hands, Prepared
from tests.acceptance.test_outbox import MEMBERS, give_slack
from tests.chaos.letters import Letters, counted

SCHEDULES = int(os.environ.get("CLEARANCE_SCHEDULES") or 6)


def test_random_schedules_lose_no_message(
    prepared: Prepared,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    shutil.copytree(prepared.desk.overlay, tmp_path / "overlay")
    give_slack(replace(prepared.desk, overlay=tmp_path / "overlay"))
    posts = SlackPosts("xoxb-posts", tuple(MEMBERS.values()))
    running = serve(posts)
    counted.clear()
    try:
        run_state_machine_as_test(
            lambda: Letters(prepared, tmp_path, posts, running),
            settings=settings(
                max_examples=SCHEDULES, stateful_step_count=8, deadline=None, database=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck), derandomize="CLEARANCE_SCHEDULES" not in os.environ,
            ),
        )  # fmt: skip
    finally:
        running.close()

    with capsys.disabled():
        print("\n" + ", ".join(f"{count} {what}" for what, count in counted.items()))
    assert counted["killed"] > 0
    assert counted["messages"] >= 3 * SCHEDULES


def give_mail(desk: Desk) -> None:
    path = desk.overlay / "people.yaml"
    people = yaml.load(path.read_text(), Loader=FastLoader)
    for person in MEMBERS:
        people["people"][person]["accounts"]["email"] = f"{person}@acme.example"
    path.write_text(plain_yaml.dump(people))


@pytest.mark.parametrize("channel", ["slack", "mail"])
def test_a_channel_that_is_dead_for_days_is_tried_once_an_hour_and_everything_goes_out_when_it_is_back(
    prepared: Prepared,  # noqa: F811
    tmp_path: Path,
    channel: str,
):
    """A command each ten minutes; one try of one message a command, for whoever comes next in the pause."""
    desk = prepared.copy(tmp_path)
    give_slack(desk)
    give_mail(desk)
    clock = Hands(desk.deps().clock())
    server = server_of("smtp://127.0.0.1:9")
    dead = Slack("t", "http://127.0.0.1:9", 1, Network()) if channel == "slack" else Mail(server, "a@acme.example", 1)
    people = desk.deps().configuration.people()
    reached = [p for p in MEMBERS if dead.address(people.people[p])]
    deps = replace(desk.deps(), channels=Channels((dead,), seconds=2), clock=clock)
    ends = clock.now + timedelta(hours=12)

    while clock.now < ends:
        assert len(deliver(deps, seen=False).failed) <= 1
        clock.go(minutes=10)

    tries = [row.attempts for row in outbox.undelivered(deps.engine)]
    assert reached
    assert len(tries) == len(reached)
    assert max(tries) <= 7 + 12, "half a minute, a minute … an hour, then once an hour"
    told = replace(deps, channels=Channels())
    clock.go(hours=1)
    assert {line.split(":")[0] for line in deliver(told).console} >= {people.name_of(p) for p in reached}
    assert outbox.undelivered(deps.engine) == []
