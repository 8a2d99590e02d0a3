"""Every step of runbook.md is typed as it stands there, with the trouble it is for: a stale step fails."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from agent.errors import ClearanceError, Queued
from agent.service import jobs
from agent.service.assess import assess
from agent.service.orders import AssessOrder
from agent.store import own_switch
from agent.yaml_lines import FastLoader
from collectors.sandbox.server import serve
from collectors.sandbox.slack_posts import SlackPosts
from tests import plain_yaml
from tests.acceptance.conftest import GATE, SUBJECT, Desk
from tests.acceptance.prepared import Prepared
from tests.acceptance.test_outbox import MEMBERS, give_slack
from tests.chaos.process import KILLED, Process
from tests.drafting.scripted import Messages, message
from tests.fleet.server import running_server
from tests.processes import LONGEST, beside, next_line, started
from tests.runbook.steps import ROOT, RUNBOOK, Reader, sections
from tests.stem import Beside
from tests.switch.conftest import until

DOWN = {"kind": "refuse"}
RUNS = {"assess": ("assess", SUBJECT, "--gate", GATE), "sweep": ("sweep", "--gate", GATE, "--all")}


def test_every_heading_with_steps_is_tried_here():
    """By its very title; and what is tried stands there."""
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    tried = {
        str(node.args[1].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Reader" and isinstance(node.args[1], ast.Constant)
    }
    assert tried == set(sections(RUNBOOK.read_text(encoding="utf-8")))


def test_kill_it_in_60_seconds(prepared: Prepared, tmp_path: Path):
    """New work is queued from that command on, a page that runs is ended by its number, and people still read."""
    desk = prepared.copy(tmp_path)
    reader = Reader(desk, "Kill it in 60 seconds")
    command = [sys.executable, "-m", "agent", "serve", "--port", "0", "--json"]
    env = {**os.environ, **desk.env(CLEARANCE_KEY=str(desk.keys / "mike.chen.pem"))}
    with started(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as page:
        assert next_line(page)

        told = reader.follow(0)
        reader.follow(1, PID=str(page.pid))
    assert "off: new work is queued. Clearance is switched off by Mike Chen" in told
    with pytest.raises(Queued, match="what you saw"):
        assess(desk.deps(), SUBJECT, GATE)
    assert reader.type(f"clearance reviews show {prepared.review}").returncode == 50


@pytest.mark.parametrize("what", RUNS)
def test_a_kill_ends_an_assessment_and_a_sweep(put_right: Desk, what: str):
    """In the midst of a source's answer; who assesses next goes on with a review that was begun."""
    with waits_for_a_source(put_right, *RUNS[what]) as process:
        Reader(put_right, "Kill it in 60 seconds").follow(1, PID=str(process.pid))
        assert process.wait(LONGEST) == -signal.SIGTERM

    said = assess(put_right.deps(), SUBJECT, GATE).said
    assert any("was begun by a process that is gone" in one for one in said) is (what == "assess")


def test_a_kill_ends_a_worker_that_gives_back_what_it_has(put_right: Desk):
    """Its job is in the queue again, not counted as a try, while the source still keeps the worker."""
    job = jobs.put(put_right.deps(), AssessOrder(subject=SUBJECT, gate=GATE)).id
    with waits_for_a_source(put_right, "worker", "--grace", "0") as process:
        Reader(put_right, "Kill it in 60 seconds").follow(1, PID=str(process.pid))
        until(lambda: jobs.status(put_right.deps(), job).state == "queued")
        put_right.world.faults("datadog")  # lets it go
        assert process.wait(LONGEST) == 0
    assert (jobs.status(put_right.deps(), job).state, jobs.status(put_right.deps(), job).attempts) == ("queued", 0)


@contextmanager
def waits_for_a_source(desk: Desk, *command: str) -> Iterator[Beside]:
    """A process of ours in the midst of a source's answer, which does not come until it is let go."""
    before = len(desk.world.seen("datadog"))
    desk.world.faults("datadog", {"kind": "delay", "seconds": 240})
    env = {**os.environ, **desk.env(CLEARANCE_TIMEOUT="240")}
    try:
        with beside("agent", *command, cwd=ROOT, env=env) as process:
            until(lambda: len(desk.world.seen("datadog")) > before)
            yield process
    finally:
        desk.world.faults("datadog")


def test_let_it_work_again(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    deps = desk.deps()
    own_switch.set_by_person(deps.engine, "off", "", "fire", deps.clock())
    with pytest.raises(Queued):
        assess(deps, SUBJECT, GATE, only=(4,))
    reader = Reader(desk, "Let it work again")

    assert "switched on by Mike Chen" in reader.follow(0)
    assert f"{SUBJECT} at {GATE}" in reader.follow(1)
    assert jobs.unfinished(desk.deps()) == []
    assert [row.state for row in desk.deps().reviews.all()] == ["superseded", "signing"]


def test_a_review_is_stuck(put_right: Desk):
    """Killed in its midst, it is gone on with; `--new` leaves it behind."""
    with pytest.raises(KeyboardInterrupt):
        assess(replace(put_right.deps(), progress=_dies), SUBJECT, GATE)
    (stuck,) = put_right.deps().reviews.all()
    reader = Reader(put_right, "A review is stuck")

    assert f"{stuck.id} was begun by a process that is gone; this one went on with it" in reader.follow(0)
    reader.follow(1)

    assert [row.state for row in put_right.deps().reviews.all()] == ["superseded", "signing"]


def _dies(step: str, sentence: str) -> None:
    raise KeyboardInterrupt


def test_a_source_is_down_and_back(put_right: Desk):
    reader = Reader(put_right, "A source is blind, down or throttled")
    put_right.world.faults("pagerduty", DOWN)
    assert "unreachable" in reader.follow(0)

    put_right.world.faults("pagerduty")
    reader.follow(1)


def test_a_token_is_refused(put_right: Desk):
    reader = Reader(put_right, "A token is refused")

    assert "❌ refused" in reader.follow(0, PAGERDUTY_API_KEY="old")
    reader.follow(1)


def test_the_store_is_locked(prepared: Prepared, tmp_path: Path):
    """Another process has it for a while: the commands of the runbook wait for it, and look at disk and file."""
    desk = prepared.copy(tmp_path)
    reader = Reader(desk, "The store is locked, full, read-only or damaged")
    assert reader.follow(0).rstrip().endswith("ok")
    other = sqlite3.connect(desk.home / "clearance.db", isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    ends = threading.Timer(3, lambda: other.execute("rollback"))
    ends.start()

    assert prepared.review in reader.follow(1)
    ends.join(60)
    other.close()


def test_a_damaged_store_is_found(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    with (desk.home / "clearance.db").open("r+b") as file:
        file.seek(40_960)
        file.write(b"x" * 20_000)
    reader = Reader(desk, "The store is locked, full, read-only or damaged")

    assert not _last_line(reader, 0).endswith("ok")


def _last_line(reader: Reader, block: int) -> str:
    """Of the check itself, which may also refuse to read the file at all."""
    check = sections(RUNBOOK.read_text(encoding="utf-8"))[reader.title][block][-1]
    return reader.type(check.command).stdout.strip()


def test_a_full_disk_is_told_and_nothing_is_half_done(prepared: Prepared, tmp_path: Path):
    """No file may grow any more; afterwards the same command does it all."""
    desk = prepared.copy(tmp_path)
    reader = Reader(desk, "The store is locked, full, read-only or damaged")

    full = reader.type("ulimit -f 1; clearance switch off")

    assert full.returncode == 1
    assert "the store" in full.stderr
    reader.follow(1)
    assert own_switch.positions(desk.deps().engine) == {}


def test_postgresql_is_down_and_back(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    reader = Reader(desk, "PostgreSQL is down")
    with running_server() as server:
        url = server.upgraded("runbook")
        server.stop()
        assert "cannot be opened" in reader.follow(0, CLEARANCE_DATABASE_URL=url)

        server.start()
        reader.follow(1, CLEARANCE_DATABASE_URL=url)


def test_a_model_that_answers_badly(put_right: Desk):
    """It is shown what it answered; with a budget of nothing it is not asked."""
    messages = Messages([message("All is well, and 99 percent of it cleared.")])
    running = serve(messages)
    reader = Reader(put_right, "The model answers badly, or not at all")
    own = {"ANTHROPIC_BASE_URL": running.url, "ANTHROPIC_API_KEY": "sk-test", "CLEARANCE_TIMEOUT": "5"}
    try:
        reader.type(f"clearance assess {SUBJECT} --gate {GATE}", say=own)
        (row,) = put_right.deps().reviews.all()
        assert "not the JSON that was asked for" in reader.follow(0, REVIEW=row.id, **own)
        asked = len(messages.asked)
        reader.follow(1, **own)
        assert len(messages.asked) == asked
    finally:
        running.close()


def test_a_channel_is_out_and_back(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    give_slack(desk)
    reader = Reader(desk, "Slack or the mail server is out")
    own = {"CLEARANCE_TELL_SLACK_TOKEN": "xoxb-posts", "CLEARANCE_TIMEOUT": "30"}
    assert "could not" in reader.follow(0, CLEARANCE_TELL_SLACK_URL="http://127.0.0.1:9", **own)

    stand_in = SlackPosts("xoxb-posts", tuple(MEMBERS.values()))
    running = serve(stand_in)
    try:
        _make_due(desk)
        assert "Everything that is due is delivered" in reader.follow(1, CLEARANCE_TELL_SLACK_URL=running.url, **own)
    finally:
        running.close()
    assert len(stand_in.posted) == len(MEMBERS)


def _make_due(desk: Desk) -> None:
    """As if the pause after what failed were over."""
    with sqlite3.connect(desk.home / "clearance.db") as store:
        store.execute("update outbox set due_at = '2020-01-01' where attempts > 0")


def test_a_key_is_lost_or_seen_by_others(prepared: Prepared, tmp_path: Path):
    """The old key is nobody's from the instant on that stands under it, and what was decided can be taken back."""
    desk = prepared.copy(tmp_path)
    desk.sign_all(prepared.review)
    reader, new = Reader(desk, "A key is lost, or was seen by others"), tmp_path / "new.pem"

    printed = reader.follow(0, NEW_KEY=str(new))
    _give(desk, "mike.chen", printed.split("public:")[1].strip(" ]}\n"))

    assert "Mike Chen" in reader.follow(1, NEW_KEY=str(new))
    assert "nobody's in people.yaml" in reader.type("clearance keys show").stdout
    replace(reader, person="dana.ortiz").follow(2, REVIEW=prepared.review)


def _give(desk: Desk, person: str, public: str) -> None:
    """As the runbook says: the old key revoked as of now, the new one beside it."""
    path = desk.overlay / "people.yaml"
    people = yaml.load(path.read_text(encoding="utf-8"), Loader=FastLoader)
    now: datetime = desk.deps().clock()
    keys = people["people"][person]["keys"]
    people["people"][person]["keys"] = [{**keys[0], "revoked": now.isoformat()}, {"public": public}]
    path.write_text(plain_yaml.dump(people), encoding="utf-8")


@dataclass(frozen=True)
class BackedUp:
    """A home with a report, and a copy of it made as the runbook says."""

    desk: Desk
    review: str
    backup: Path
    reader: Reader

    def restored(self, aside: Path) -> str:
        return self.reader.follow(1, BACKUP=str(self.backup), REVIEW=self.review, ASIDE=str(aside))


@pytest.fixture
def backed_up(prepared: Prepared, tmp_path: Path) -> BackedUp:
    desk, backup = prepared.copy(tmp_path), tmp_path / "backup"
    desk.sign_all(prepared.review)
    backup.mkdir()
    reader = Reader(desk, "Back up, and restore")
    reader.follow(0, BACKUP=str(backup))
    return BackedUp(desk, prepared.review, backup, reader)


def test_back_up_and_restore(backed_up: BackedUp, tmp_path: Path):
    """The home is gone; from the copy, reports verify and reviews are there."""
    home = backed_up.desk.home
    clock = (home / "clock.json").read_bytes()  # of the sandbox's clock alone; a real home has none
    shutil.rmtree(home)
    home.mkdir()
    (home / "clock.json").write_bytes(clock)

    assert backed_up.review in backed_up.restored(tmp_path / "old")


def test_restored_beside_what_a_killed_process_left(backed_up: BackedUp):
    """Its log is not played onto the copy, and nothing of the old store is lost."""
    home = backed_up.desk.home
    _killed_amid_writing(home / "clearance.db")
    left, aside = (home / "clearance.db-wal").read_bytes(), home / "old-2026-06-17"

    assert backed_up.review in backed_up.restored(aside)

    with closing(sqlite3.connect(home / "clearance.db")) as store:
        assert store.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert {"clearance.db", "clearance.db-wal", "checkpoints.db"} <= {path.name for path in aside.iterdir()}
    assert (aside / "clearance.db-wal").read_bytes() == left


def test_restored_into_a_home_that_is_a_link(backed_up: BackedUp, tmp_path: Path):
    """What a killed process left beside the store goes aside as well."""
    home, aside = backed_up.desk.home, tmp_path / "aside"
    _killed_amid_writing(home / "clearance.db")
    home.rename(tmp_path / "elsewhere")
    home.symlink_to(tmp_path / "elsewhere")

    assert backed_up.review in backed_up.restored(aside)

    assert (aside / "clearance.db-wal").exists()


def _killed_amid_writing(path: Path) -> None:
    """A process that had written and had not let go of the store."""

    def work(_: object) -> None:
        store = sqlite3.connect(path)
        store.execute("pragma wal_autocheckpoint=0")
        store.execute("update blobs set stored_at = '2026-06-18'")
        store.execute("update log set at = '2026-06-18'")
        store.commit()
        os.kill(os.getpid(), signal.SIGKILL)

    assert Process(work, ClearanceError, None).end() == KILLED
    assert path.with_name("clearance.db-wal").stat().st_size


def test_make_room(prepared: Prepared, tmp_path: Path):
    """What waits for signatures stays."""
    desk = prepared.copy(tmp_path)

    assert "Stays:" in Reader(desk, "Make room").follow(0)
    assert desk.deps().reviews.get(prepared.review).document


def test_upgrade(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)

    assert "is at revision" in Reader(desk, "Upgrade").follow(0)


def test_after_a_kill_to_see_that_all_is_well(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)

    assert prepared.review in Reader(desk, "After a kill, to see that all is well").follow(0, REVIEW=prepared.review)
