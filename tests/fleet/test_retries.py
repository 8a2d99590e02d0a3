"""What fails for a reason that may pass is tried again, after pauses, and is given up in the end. On both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from agent import settings
from agent.deps import Deps
from agent.service import jobs as ordered
from agent.service.assembly import assemble
from agent.service.orders import AssessOrder
from agent.service.working import work
from agent.service.working.pace import KINDS, Pace
from agent.service.working.performing import perform, settle
from agent.store import jobs
from agent.store.jobs import LEASE, JobRow
from tests.acceptance.conftest import GATE, SUBJECT
from tests.acceptance.prepared import Hands
from tests.fleet.conftest import FleetDesk
from tests.fleet.crew import until

ASSESS = AssessOrder(subject=SUBJECT, gate=GATE)
PAUSES = [10, 20, 40, 80]  # seconds


@contextmanager
def away(deps: Deps) -> Iterator[None]:
    """The table of reviews, without which nothing is assessed. It is back afterwards."""
    renamed = "alter table {} rename to {}"
    with deps.engine.begin() as connection:
        connection.execute(text(renamed.format("reviews", "reviews_away")))
    try:
        yield
    finally:
        with deps.engine.begin() as connection:
            connection.execute(text(renamed.format("reviews_away", "reviews")))


@contextmanager
def working(deps: Deps) -> Iterator[None]:
    """One lane, as a worker has it."""
    stop, pace = threading.Event(), Pace(jobs=1, poll=0.05, again=0.1)
    thread = threading.Thread(target=work, args=(deps, pace, stop, lambda sentence: None))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def moved(desk: FleetDesk) -> tuple[Deps, Hands]:
    deps = desk.deps()
    clock = Hands(deps.clock())
    return replace(deps, clock=clock, connections=replace(deps.connections, clock=clock)), clock


def tried(deps: Deps, id: int, times: int) -> JobRow:
    """The job, once it waits for its next try after so many."""

    def waits() -> bool:
        row = jobs.get(deps.engine, id)
        return (row.state, row.attempts) == ("queued", times) and in_the_queue(deps)

    until(waits, f"job {id} waits after {times} tries")
    return jobs.get(deps.engine, id)


def in_the_queue(deps: Deps) -> bool:
    """procrastinate notes after the table of jobs when a job is to be tried again."""
    return deps.engine.dialect.name != "postgresql" or due_there(deps) is not None


def due_there(deps: Deps) -> datetime | None:
    with deps.engine.connect() as connection:
        query = text("select scheduled_at from procrastinate_jobs where status = 'todo' and scheduled_at is not null")
        found: datetime | None = connection.execute(query).scalar()
        return found


def told(deps: Deps) -> datetime:
    with deps.engine.connect() as connection:
        found: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
        return found


def the_pause_is_over(deps: Deps, clock: Hands, seconds: float) -> None:
    """As our clock has it, and as the queue's own."""
    clock.go(seconds=seconds)
    if deps.engine.dialect.name == "postgresql":
        with deps.engine.begin() as connection:
            connection.execute(text("update procrastinate_jobs set scheduled_at = null where status = 'todo'"))


def test_what_may_pass_is_tried_five_times_with_pauses_that_double(desk: FleetDesk):
    """Then it has failed, and says at what."""
    deps, clock = moved(desk)
    id = ordered.put(deps, ASSESS).id
    with away(deps), working(deps):
        for times, seconds in enumerate(PAUSES, 1):
            row = tried(deps, id, times)
            assert row.due_at - clock.now == timedelta(seconds=seconds)
            assert "reviews" in row.said
            the_pause_is_over(deps, clock, seconds)
        until(lambda: jobs.get(deps.engine, id).state == "failed", "it is given up")

    given_up = jobs.get(deps.engine, id)
    assert given_up.attempts == 5
    assert given_up.said.startswith("was tried 5 times; at last: ")
    assert "reviews" in given_up.said
    assert not jobs.unfinished(deps.engine)


def test_the_queue_holds_a_job_back_for_as_long_as_its_pause(fleet: FleetDesk):
    deps, clock = moved(fleet)
    id = ordered.put(deps, ASSESS).id
    before = told(deps)
    with away(deps), working(deps):
        for times, seconds in enumerate(PAUSES[:2], 1):
            tried(deps, id, times)
            due = due_there(deps)
            assert due
            assert due >= before + timedelta(seconds=seconds)
            before = told(deps)
            the_pause_is_over(deps, clock, seconds)


def test_what_was_away_and_is_back_is_found_by_the_next_try(desk: FleetDesk):
    deps, clock = moved(desk)
    id = ordered.put(deps, ASSESS).id
    with ExitStack() as back:
        missing = back.enter_context(ExitStack())
        missing.enter_context(away(deps))
        back.enter_context(working(deps))
        tried(deps, id, 1)
        missing.close()
        the_pause_is_over(deps, clock, PAUSES[0])
        until(lambda: jobs.get(deps.engine, id).state == "done", "it is done")

    done = jobs.get(deps.engine, id)
    assert (done.attempts, [row.id for row in deps.reviews.all()]) == (2, [done.outcome])


def test_a_job_that_pauses_holds_up_no_other_of_its_subject(desk: FleetDesk):
    """Somebody waits for the other: it is begun before the first has had all its tries."""
    deps, _ = moved(desk)
    failing = ordered.put(deps, ASSESS).id
    asked = ordered.put(deps, ASSESS.model_copy(update={"only": (4,)})).id
    with away(deps), working(deps):
        until(lambda: jobs.get(deps.engine, asked).attempts == 1, "the other is begun")
        assert jobs.get(deps.engine, failing).attempts < jobs.ATTEMPTS


def test_a_job_whose_workers_were_all_killed_is_given_up(url: str, tmp_path: Path):
    """Nobody was left to say that a try had failed: that it was begun counts."""
    deps = assemble(settings.read({"CLEARANCE_HOME": str(tmp_path), "CLEARANCE_DATABASE_URL": url}))
    now = deps.clock()
    id, _ = jobs.put(deps.engine, ASSESS, now)
    for number in range(jobs.ATTEMPTS + 1):
        again = now + number * (LEASE + timedelta(seconds=1))
        job = jobs.take(deps.engine, f"w{number}", again, KINDS, lambda holder: False)
        assert job

    settle(deps, job, perform(deps, job))

    ended = jobs.get(deps.engine, id)
    assert (ended.state, ended.said) == ("failed", "was begun 5 times and ended none of them")
    deps.engine.dispose()


@pytest.mark.parametrize("tries", [4, 5])
def test_what_ended_as_nobody_expected_is_tried_again_until_the_fifth_time(url: str, tmp_path: Path, tries: int):
    """It has no sentence of its own; the log has it."""
    deps = assemble(settings.read({"CLEARANCE_HOME": str(tmp_path), "CLEARANCE_DATABASE_URL": url}))
    id, _ = jobs.put(deps.engine, ASSESS, deps.clock())
    for _ in range(tries):
        job = jobs.begin(deps.engine, id, "w1", deps.clock())
        assert job

    pause = settle(deps, job, None)

    row = jobs.get(deps.engine, id)
    deps.engine.dispose()
    assert "clearance.log has it" in row.said
    assert (row.state, pause) == (("queued", timedelta(seconds=80)) if tries == 4 else ("failed", None))
