"""Killed at any point of publishing, into a folder or a bucket, the next command ends it: one whole report, once."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from icalendar import Calendar

from agent.domain import SignOffDecision
from agent.errors import ClearanceError
from agent.outputs.publish import read
from agent.outputs.publish_s3 import Bucket
from agent.service import signing
from agent.service.finishing import finish
from agent.service.permission import may_deploy
from agent.service.verification import verify
from agent.store import log, own_switch
from agent.writing_account import WritingAccount
from collectors.sandbox.server import Asked, Reply
from collectors.way import Network
from tests.acceptance.between import between
from tests.acceptance.conftest import GATE, NOTES, SIGNERS, SUBJECT, Desk, open_all
from tests.acceptance.prepared import Prepared, as_person
from tests.chaos.process import DONE, KILLED, Process

Files = dict[str, bytes]
EVERY = 31  # of the things that a publishing process does to the disk, every 31st is its last in turn


@dataclass(frozen=True)
class Due:
    """A home in which all have signed and whose process died before it wrote anything of the report."""

    desk: Desk
    review: str

    def copy(self, into: Path) -> Due:
        shutil.copytree(self.desk.home, into / "home")
        return Due(replace(self.desk, home=into / "home"), self.review)


@pytest.fixture(scope="module")
def due(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Due:
    desk = prepared.copy(tmp_path_factory.mktemp("due"))
    for person, role in SIGNERS[:2]:
        desk.sign(person, role, prepared.review)

    def last(_) -> None:  # type: ignore[no-untyped-def]
        deps, who = as_person(desk, SIGNERS[2][0])
        open_all(deps, who, prepared.review)
        signing.sign(
            replace(deps, progress=dies), who, prepared.review, SIGNERS[2][1], SignOffDecision.CLEARED, notes=NOTES
        )

    def dies(step: str, sentence: str) -> None:
        if step == "complete":
            os.kill(os.getpid(), signal.SIGKILL)

    assert Process(last, ClearanceError, None).end() == KILLED
    return Due(desk, prepared.review)


def is_whole(home: Due, **own: str) -> Path:
    """One report, one entry of each kind, nothing half-written, the decision in force."""
    deps = home.desk.deps(**own)
    finish(deps)
    bundle = Path(deps.reviews.get(home.review).bundle)
    reports = home.desk.home / "reports"
    assert sorted(path.name for path in reports.iterdir()) == [bundle.name, f"{bundle.name}-post-launch-review.ics"]
    assert verify(bundle, home.desk.home).predicate.decision == "cleared"
    told = Counter(entry.event for entry in log.entries(deps.engine, home.review))
    assert {told[event] for event in ("complete", "sealed", "published")} == {1}
    assert may_deploy(deps, SUBJECT, "1.0", GATE, sandbox=True).code == 0
    assert b"approved for 2026-06-22" in (home.desk.home / "registry.json").read_bytes()
    return bundle


def test_into_a_folder(due: Due, tmp_path: Path):
    killed = 0
    for nth in range(1, 400, EVERY):
        home = due.copy(tmp_path / str(nth))
        share = tmp_path / str(nth) / "share"
        own = {"CLEARANCE_PUBLISH": str(share)}
        ended = Process(lambda _, home=home, own=own: finish(home.desk.deps(**own)), ClearanceError, nth).end()
        for half in share.glob("[!.]*"):
            assert read(half) == read(home.desk.home / "reports" / half.name), "what has its name is whole"

        bundle = is_whole(home, **own)

        assert [path.name for path in share.glob("[!.]*")] == [bundle.name]
        assert read(share / bundle.name) == read(bundle)
        if ended == DONE:
            break
        killed += 1
    assert killed > 10


def test_a_report_that_was_written_counts_though_the_log_of_others_went_on(due: Due, tmp_path: Path):
    """Killed just after; what is in the locker since then is not about this review."""
    home = due.copy(tmp_path)

    def dies(step: str, sentence: str) -> None:
        if sentence == "the bundle is written":
            os.kill(os.getpid(), signal.SIGKILL)

    running = Process(lambda _: finish(replace(home.desk.deps(), progress=dies)), ClearanceError, None)
    assert running.end() == KILLED
    (written,) = (home.desk.home / "reports").glob("*[!s]/")
    before, deps = read(written), home.desk.deps()
    own_switch.set_by_person(deps.engine, "on", "Mike Chen", "as it was", deps.clock())

    assert read(is_whole(home)) == before


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("at", ["VERIFY.md", "report.md", "statement.dsse.json"])
def test_into_a_bucket(due: Due, tmp_path: Path, moto: str, at: str, answered: bool):
    """Killed at the first upload, one between or the last: before the bucket took it, or before that was heard."""
    home = due.copy(tmp_path)
    name = f"reports-{at}-{answered}".lower()
    bucket = Bucket(name, "launch", WritingAccount("AKPUBLISH", "secret", None, "us-east-1", moto, 5, Network()))
    bucket.account.client("s3").create_bucket(Bucket=name)
    puts, running = list[str](), list[Process]()

    def kills(asked: Asked, whole) -> Reply:  # type: ignore[no-untyped-def]
        if asked.method != "PUT":
            return whole()
        assert asked.headers["if-none-match"] == "*"
        puts.append(asked.path)
        last = asked.path.endswith(at)
        reply = whole() if answered or not last else None
        if last:
            os.kill(running[0].pid, signal.SIGKILL)
        return reply or Reply(500)

    own = {
        "CLEARANCE_PUBLISH": f"s3://{name}/launch", "CLEARANCE_PUBLISH_KEY_ID": "AKPUBLISH",
        "CLEARANCE_PUBLISH_SECRET": "secret", "CLEARANCE_PUBLISH_URL": moto,
    }  # fmt: skip
    with between(moto, kills) as url:
        through = {**own, "CLEARANCE_PUBLISH_URL": url}
        running.append(Process(lambda _: finish(home.desk.deps(**through)), ClearanceError, None))
        assert running[0].end() == KILLED
        assert home.desk.deps().reviews.get(home.review).state == "complete"

    bundle = is_whole(home, **own)

    client = bucket.account.client("s3")
    there = {one["Key"]: one for one in client.list_objects_v2(Bucket=name)["Contents"]}
    prefix = f"launch/{bundle.name}/"
    assert {key: client.get_object(Bucket=name, Key=key)["Body"].read() for key in there} == {
        prefix + path: body for path, body in read(bundle).items()
    }
    assert (len(puts) == len(there)) == (at == "statement.dsse.json")


@pytest.fixture(params=["folder", "bucket"])
def shared(request: pytest.FixtureRequest, tmp_path: Path, moto: str) -> tuple[dict[str, str], Callable[[], Files]]:
    """Where two machines publish: its settings, and what it holds of a bundle."""
    if request.param == "folder":
        share = tmp_path / "share"
        return {"CLEARANCE_PUBLISH": str(share)}, lambda: read(next(share.glob("[!.]*")))
    client = WritingAccount("AKPUBLISH", "secret", None, "us-east-1", moto, 5, Network()).client("s3")
    client.create_bucket(Bucket=(name := f"two-machines-{request.node.name.split('_')[1]}"))

    def held() -> Files:
        there = [one["Key"] for one in client.list_objects_v2(Bucket=name)["Contents"]]
        return {key.split("/", 2)[2]: client.get_object(Bucket=name, Key=key)["Body"].read() for key in there}

    own = {
        "CLEARANCE_PUBLISH": f"s3://{name}/launch", "CLEARANCE_PUBLISH_KEY_ID": "AKPUBLISH",
        "CLEARANCE_PUBLISH_SECRET": "secret", "CLEARANCE_PUBLISH_URL": moto,
    }  # fmt: skip
    return own, held


def another_machine(due: Due, tmp_path: Path, own: dict[str, str]) -> Due:
    """It shares store and key with one that was killed when all was published; that one's reports are not here, and
    the locker's log went on.
    """
    home = due.copy(tmp_path / "first")

    def dies(step: str, sentence: str) -> None:
        if sentence == "the bundle is published":
            os.kill(os.getpid(), signal.SIGKILL)

    running = Process(lambda _: finish(replace(home.desk.deps(**own), progress=dies)), ClearanceError, None)
    assert running.end() == KILLED
    second = home.copy(tmp_path / "second")
    shutil.rmtree(second.desk.home / "reports")
    deps = second.desk.deps()
    own_switch.set_by_person(deps.engine, "on", "Mike Chen", "as it was", deps.clock())
    return second


def test_what_another_machine_published_counts(due: Due, tmp_path: Path, shared):  # type: ignore[no-untyped-def]
    own, held = shared
    home = another_machine(due, tmp_path, own)
    before = held()

    bundle = is_whole(home, **own)

    ours, theirs = read(bundle), held()
    assert theirs == before
    assert [name for name in ours if ours[name] != theirs[name]] == ["statement.dsse.json"]
    assert ours.keys() == theirs.keys()
    for name, body in theirs.items():
        bundle.joinpath(name).write_bytes(body)
    assert verify(bundle, home.desk.home).predicate.decision == "cleared"


def test_and_not_what_a_key_published_that_is_not_ours(due: Due, tmp_path: Path, shared):  # type: ignore[no-untyped-def]
    """Nothing is decided then."""
    own, _ = shared
    home = another_machine(due, tmp_path, own)
    for path in (home.desk.home / "keys").iterdir():
        path.unlink()

    assert "is there already and is " in " ".join(finish(home.desk.deps(**own)))
    assert may_deploy(home.desk.deps(**own), SUBJECT, "1.0", GATE, sandbox=True).code == 50


def test_the_30_day_review_is_a_calendar_that_others_read(due: Due, tmp_path: Path):
    """Read back by RFC 5545: one whole-day event, a stamp in UTC, an id, an alarm, lines that end in CRLF."""
    home = due.copy(tmp_path)
    bundle = is_whole(home)
    raw = (home.desk.home / "reports" / f"{bundle.name}-post-launch-review.ics").read_bytes()
    calendar = Calendar.from_ical(raw)
    (event,) = calendar.walk("VEVENT")
    (alarm,) = event.walk("VALARM")

    assert (calendar["VERSION"], bool(calendar["PRODID"])) == ("2.0", True)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 7, 22), date(2026, 7, 23))
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["UID"] == f"{home.review}@clearance"
    assert event["DTSTAMP"].dt.utcoffset().total_seconds() == 0
    assert (alarm["ACTION"], alarm["TRIGGER"].dt.days) == ("DISPLAY", -3)
    assert event.errors == calendar.errors == []
    lines = raw.split(b"\r\n")
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
