"""Killed at any step, the next command finishes the review: nothing asked twice, nothing signed twice, one report."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.service.finishing import finish
from agent.service.permission import may_deploy
from agent.store import log
from tests.acceptance.conftest import GATE, ROOT, SIGNERS, SUBJECT, Desk


def killed_at(desk: Desk, step: str, times: int, *action: str, key: str = "") -> None:
    more = {"CLEARANCE_KEY": str(desk.keys / f"{key}.pem")} if key else {}
    command = [sys.executable, "-m", "tests.chaos.killed_at", step, str(times), *action]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **desk.env(**more)}, capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def events(desk: Desk, review: str) -> list[str]:
    return [entry.event for entry in log.entries(desk.deps().engine, review)]


@pytest.mark.parametrize(
    ("step", "times"),
    [("plan", 1), ("collect", 1), ("collect", 8), ("collect", 15), ("follow", 1), ("collect", 17), ("judge", 1),
     ("read", 1), ("draft", 1), ("verify", 1)],
)  # fmt: skip
def test_an_assessment_killed_in_a_node_is_finished_by_the_next_command(put_right: Desk, step: str, times: int):
    """The next `assess` goes on with the same review and comes to the same result."""
    killed_at(put_right, step, times, "assess")

    document = put_right.assess()

    rows = put_right.deps().reviews.all()
    assert [row.id for row in rows] == [document.review]
    assert rows[0].state == "signing"
    assert document.proposal == "cleared"
    assert events(put_right, document.review) == ["started", "assessed"]


def test_what_was_collected_before_the_kill_is_not_asked_again(put_right: Desk):
    """Evidence of the killed process is used by the one that goes on."""
    before = len(put_right.world.seen("pagerduty")) + len(put_right.world.seen("aws"))
    killed_at(put_right, "follow", 1, "assess")
    killed = len(put_right.world.seen("pagerduty")) + len(put_right.world.seen("aws"))

    put_right.assess()

    assert killed > before
    assert len(put_right.world.seen("pagerduty")) + len(put_right.world.seen("aws")) == killed


@pytest.mark.parametrize(
    ("step", "times"), [("signed", 1), ("complete", 1), ("report", 1), ("report", 2), ("report", 3)]
)
def test_killed_between_the_last_signature_and_the_report_any_next_command_writes_it(
    put_right: Desk, step: str, times: int
):
    """The signature was stored first; the report follows from it, once."""
    review = put_right.assess().review
    for person, role in SIGNERS[:2]:
        put_right.sign(person, role, review)

    killed_at(put_right, step, times, "sign", review, SIGNERS[2][1], key=SIGNERS[2][0])
    finish(put_right.deps())

    row = put_right.deps().reviews.get(review)
    assert row.state == "reported"
    assert Path(row.bundle, "report.md").is_file()
    reports = Path(row.bundle).parent
    assert sorted(p.name for p in reports.iterdir()) == [
        Path(row.bundle).name,
        f"{Path(row.bundle).name}-post-launch-review.ics",
    ]
    told = [event for event in events(put_right, review) if event != "opened"]
    assert told == ["started", "assessed", "signed", "signed", "signed", "complete", "sealed", "published"]
    assert may_deploy(put_right.deps(), SUBJECT, "1.0", GATE).code == 0


def test_a_report_is_finished_even_when_the_graphs_checkpoints_are_lost(put_right: Desk):
    """The decision lives in our own tables; checkpoints hold only work."""
    review = put_right.assess().review
    for person, role in SIGNERS[:2]:
        put_right.sign(person, role, review)
    killed_at(put_right, "signed", 1, "sign", review, SIGNERS[2][1], key=SIGNERS[2][0])
    for path in put_right.home.glob("checkpoints.db*"):
        path.unlink()

    finish(put_right.deps())

    assert put_right.deps().reviews.get(review).state == "reported"
