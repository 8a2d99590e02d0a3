"""schedules.yaml: what it may say, when its sweeps come, and that each tick is one sweep."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from agent import schedules
from agent.errors import ConfigError, UsageError
from agent.schedules import Schedule
from agent.service import jobs as service
from agent.service.orders import OrderedSweep
from agent.service.scheduling import order_of
from agent.service.sweep_order import SweepOrder
from agent.store import jobs, ticks
from agent.store.database import open_engine
from tests.fleet.conftest import FleetDesk
from tests.surfaces.cli import Desk

NEW_YORK = "America/New_York"


def schedule(cron: str, zone: str = NEW_YORK) -> Schedule:
    return Schedule(id="weekly", cron=cron, zone=zone, gates=("pilot-to-prod",))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- when ---


@pytest.mark.parametrize(
    ("cron", "now", "last", "next"),
    [
        ("0 6 * * 1", "2026-06-17T12:00-04:00", "2026-06-15T06:00-04:00", "2026-06-22T06:00-04:00"),
        ("0 6 * * 1", "2026-06-15T06:00-04:00", "2026-06-15T06:00-04:00", "2026-06-22T06:00-04:00"),
        ("0 6 * * 1", "2026-06-15T05:59:59-04:00", "2026-06-08T06:00-04:00", "2026-06-15T06:00-04:00"),
        ("0 6 1 * *", "2026-03-01T00:00-05:00", "2026-02-01T06:00-05:00", "2026-03-01T06:00-05:00"),
        ("*/15 * * * *", "2026-06-15T06:20-04:00", "2026-06-15T06:15-04:00", "2026-06-15T06:30-04:00"),
    ],
)
def test_a_tick_is_a_time_on_the_wall(cron: str, now: str, last: str, next: str):
    one = schedule(cron)

    assert one.last(at(now)) == at(last)
    assert one.next(at(now)) == at(next)


def test_six_in_the_morning_is_six_in_summer_and_in_winter():
    one = schedule("0 6 * * *")

    assert one.next(at("2026-03-07T12:00-05:00")) == at("2026-03-08T06:00-04:00")
    assert one.next(at("2026-10-31T12:00-04:00")) == at("2026-11-01T06:00-05:00")


def test_a_time_that_the_clock_skips_comes_once_that_day():
    """On 2026-03-08 there is no 02:30 in New York; it comes when it would have, an hour later on the wall."""
    one = schedule("30 2 * * *")
    skipped = at("2026-03-08T03:30-04:00")

    assert one.last(skipped - timedelta(seconds=1)) == at("2026-03-07T02:30-05:00")
    assert one.next(at("2026-03-07T12:00-05:00")) == skipped
    assert one.last(skipped) == skipped
    assert one.last(skipped + timedelta(hours=3)) == skipped


def test_a_time_that_the_clock_repeats_comes_once_that_day():
    """On 2026-11-01 01:30 comes twice in New York; the first counts."""
    one = schedule("30 1 * * *")
    first = at("2026-11-01T01:30-04:00")
    ticks_seen = {one.last(first + timedelta(minutes=step)) for step in range(-5, 240)}

    assert ticks_seen == {at("2026-10-31T01:30-04:00"), first}
    assert one.next(first) == at("2026-11-02T01:30-05:00")


@pytest.mark.parametrize("zone", [NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
@pytest.mark.parametrize("cron", ["0 * * * *", "30 2 * * *", "15 1 * * 0", "*/20 0-3 * * *"])
def test_ticks_follow_each_other_through_a_year_of_clock_changes(zone: str, cron: str):
    """The next of the last is never passed, and between them there is none."""
    one, now = schedule(cron, zone), at("2026-01-01T00:00Z")
    while now < at("2027-01-01T00:00Z"):
        last, coming = one.last(now), one.next(now)
        assert last <= now < coming
        assert one.last(coming) == coming
        assert one.last(coming - timedelta(seconds=1)) <= now
        now = coming + timedelta(hours=37, minutes=11)


# --- one tick, one sweep ---


def take(engine: Engine, one: Schedule, now: datetime) -> int | None:
    tick = one.last(now)
    return ticks.take(engine, one.key, tick, order_of(one, tick), now)


def test_of_many_workers_one_sweeps(url: str, engine: Engine):
    """All see the tick at the same moment."""
    one, now = schedule("0 6 * * 1"), at("2026-06-15T06:00-04:00")
    assert take(engine, one, now - timedelta(minutes=1)) is None
    engines = [open_engine(url) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda own: take(own, one, now), engines))
    for own in engines:
        own.dispose()

    (job,) = [one for one in taken if one is not None]
    assert [row.id for row in jobs.unfinished(engine)] == [job]


def test_what_was_missed_while_nobody_worked_is_swept_once(engine: Engine):
    """Three Mondays passed; the newest counts."""
    one = schedule("0 6 * * 1")
    take(engine, one, at("2026-06-10T12:00Z"))
    back = at("2026-07-01T12:00Z")

    job = take(engine, one, back)
    assert job is not None
    assert take(engine, one, back + timedelta(minutes=5)) is None

    order = service.orders.read(jobs.get(engine, job).body)
    assert isinstance(order, OrderedSweep)
    assert order.tick == at("2026-06-29T06:00-04:00")
    assert order.sweep.by == order.schedule == "weekly"


def test_a_schedule_begins_with_its_next_tick(engine: Engine):
    """Whoever writes down on a Wednesday what is to be on Mondays means the next; so with a changed time."""
    assert take(engine, schedule("0 6 * * 1"), at("2026-06-17T12:00Z")) is None
    assert take(engine, schedule("0 6 * * 2"), at("2026-06-17T12:00Z")) is None
    assert take(engine, schedule("0 6 * * 2"), at("2026-06-23T12:00Z")) is not None


def test_a_clock_that_goes_back_sweeps_nothing_again(engine: Engine):
    one = schedule("0 * * * *")
    take(engine, one, at("2026-06-17T12:30Z"))
    assert take(engine, one, at("2026-06-17T13:30Z")) is not None

    assert take(engine, one, at("2026-06-17T12:40Z")) is None


def test_a_clock_that_was_a_year_ahead_stops_no_schedule(engine: Engine):
    """What was swept then is done; the next tick comes as it would have."""
    one = schedule("0 * * * *")
    take(engine, one, at("2026-06-17T12:30Z"))
    ahead = take(engine, one, at("2027-06-17T12:30Z"))
    assert ahead is not None
    assert jobs.answer(engine, [jobs_key(engine, ahead)], "sw-1", at("2027-06-17T12:30Z"), at("2027-06-17T12:30Z"))

    assert take(engine, one, at("2026-06-17T13:30Z")) is not None


def jobs_key(engine: Engine, job: int) -> str:
    return service.orders.read(jobs.get(engine, job).body).key


def test_a_sweep_that_still_runs_at_its_next_tick_is_not_doubled(engine: Engine):
    one = schedule("0 * * * *")
    take(engine, one, at("2026-06-17T12:30Z"))

    assert take(engine, one, at("2026-06-17T13:30Z")) == take(engine, one, at("2026-06-17T14:30Z"))


# --- the file ---

RIGHT = """schedules:
  - id: every-monday
    cron: "0 6 * * 1"
    zone: America/New_York
    gates: [pilot-to-prod]
    due_within: 21
    only_changed: true
"""


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], tuple[Schedule, ...]]:
    def load(text: str) -> tuple[Schedule, ...]:
        path = tmp_path / "schedules.yaml"
        path.write_text(text, encoding="utf-8")
        return schedules.load(path, {"pilot-to-prod"}, {"finance-invoice-recon"})

    return load


def test_a_right_file_is_read(file: Callable[[str], tuple[Schedule, ...]]):
    (one,) = file(RIGHT)

    assert (one.id, one.due_within, one.only_changed, one.batch) == ("every-monday", 21, True, True)


def test_no_file_and_an_empty_one_declare_nothing(file: Callable[[str], tuple[Schedule, ...]], tmp_path: Path):
    assert schedules.load(tmp_path / "none.yaml", {"g"}, {"s"}) == ()
    assert file("") == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("0 6 * * 1", "0 6 * * 9", ":3: schedules[0].cron: '0 6 * * 9' is no time that ever comes"),
        ("0 6 * * 1", "0 0 30 2 *", ":3: schedules[0].cron: '0 0 30 2 *' is no time that ever comes"),
        ("0 6 * * 1", "@weekly", ":3: schedules[0].cron: '@weekly' has not five parts"),
        ("0 6 * * 1", "0 0 6 * * 1", ":3: schedules[0].cron: '0 0 6 * * 1' has not five parts"),
        ("0 6 * * 1", "R 6 * * 1", ":3: schedules[0].cron: 'R 6 * * 1' leaves its time to chance"),
        ("America/New_York", "America/Gotham", ":4: schedules[0].zone: 'America/Gotham' is no time zone"),
        ("America/New_York", "../../etc/passwd", ":4: schedules[0].zone: '../../etc/passwd' is no time zone"),
        ("pilot-to-prod", "pilot-to-prd", ":5: schedules[0].gates[0]: there is no gate 'pilot-to-prd'. Did you mean"),
        ("due_within", "due_in", ":6: schedules[0].due_in: is not a key that is known here; allowed: batch, cron"),
        ("21", "-1", ":6: schedules[0].due_within: Input should be greater than or equal to 0"),
        ("only_changed: true", "subjects: [x]", ":7: schedules[0].subjects[0]: there is no card for 'x'"),
        ("    gates: [pilot-to-prod]\n", "", ":2: schedules[0].gates: is missing"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(
    file: Callable[[str], tuple[Schedule, ...]], old: str, new: str, told: str
):
    with pytest.raises(ConfigError) as error:
        file(RIGHT.replace(old, new))

    assert "schedules.yaml" + told in str(error.value)


def test_two_of_one_name_are_a_mistake(file: Callable[[str], tuple[Schedule, ...]]):
    with pytest.raises(ConfigError, match=r":8: schedules\[1\].id: 'every-monday' is the id of another schedule"):
        file(RIGHT + RIGHT.removeprefix("schedules:\n"))


# --- the commands ---


@pytest.fixture
def cli(tmp_path: Path) -> Desk:
    (tmp_path / "overlay").mkdir()
    (tmp_path / "overlay" / "schedules.yaml").write_text(RIGHT, encoding="utf-8")
    return Desk(tmp_path, {"CLEARANCE_CONFIG": str(tmp_path / "overlay")})


def test_the_commands_say_when_and_what_is_wrong(cli: Desk):
    listed = cli.run("schedules", "list")
    assert listed.returncode == 0
    assert "every-monday" in listed.stdout
    assert "0 6 * * 1 America/New_York" in listed.stdout

    path = cli.cwd / "overlay" / "schedules.yaml"
    path.write_text(RIGHT.replace("America/New_York", "Mars"), encoding="utf-8")
    wrong = cli.run("schedules", "check")

    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert f"{path}:4: schedules[0].zone: 'Mars' is no time zone" in wrong.stderr
    assert cli.run("worker", "--until-idle").returncode == 2


def test_a_worker_with_nothing_to_do_ends_when_it_is_idle(cli: Desk):
    assert cli.run("worker", "--until-idle").returncode == 0
    assert cli.run("jobs", "list").stdout == "Nothing is queued and nothing runs\n"
    assert cli.run("jobs", "list", "--ended").stdout == "No job has ended\n"


def test_a_sweep_of_a_gate_that_there_is_not_is_no_job(assessed: FleetDesk):
    order = OrderedSweep(sweep=SweepOrder(gates=("pilot-to-prd",)))

    with pytest.raises(UsageError, match="there is no gate 'pilot-to-prd'"):
        service.put(assessed.deps(), order)
    assert service.unfinished(assessed.deps()) == []
