"""Workers that are killed, stopped and cut off from their store: no job is lost, and no review is made twice."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

import pytest
from procrastinate.jobs import Status
from sqlalchemy import text

from agent.deps import Deps
from agent.service import jobs, sweeps, switching
from agent.service.finishing import finish
from agent.service.orders import AssessOrder, OrderedSweep
from agent.service.sweep_order import SweepOrder
from agent.service.switching import Hand
from agent.service.working import embedded, work
from agent.service.working.fleet import Fleet
from agent.service.working.keeping_on import BEGUN_AGAIN
from agent.service.working.pace import KINDS, Pace
from agent.service.working.performing import Doing, perform, stopped
from agent.store import jobs as table
from agent.store.jobs import JobRow
from tests.acceptance.conftest import GATE, SIGNERS, SUBJECT
from tests.acceptance.test_kill import events, killed_at
from tests.fleet.conftest import FleetDesk
from tests.fleet.crew import ended, order, reached, subjects, until, worker
from tests.fleet.server import Server

IN_A_FILE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def states(desk: FleetDesk) -> list[tuple[str, str]]:
    return sorted((row.subject, row.state) for row in desk.deps().reviews.all())


def in_queue(desk: FleetDesk) -> int:
    with desk.deps().engine.connect() as connection:
        return int(connection.execute(text("select count(*) from procrastinate_jobs")).scalar_one())


def test_what_is_ordered_is_done_once(desk: FleetDesk):
    """By whichever worker; the job says which review it made."""
    (job,) = order(desk, SUBJECT)
    with worker(desk, "2", "20"), worker(desk, "2", "20"):
        (done,) = ended(desk, [job])

    (row,) = desk.deps().reviews.all()
    assert (done.state, done.outcome, row.state) == ("done", row.id, "signing")


def test_a_killed_workers_job_is_ended_by_another(desk: FleetDesk):
    """The other goes on with the review that the killed one began."""
    (job,) = order(desk, SUBJECT)
    with worker(desk, "1", "20", "collect", "8") as first:
        assert first.wait(timeout=120) == -signal.SIGKILL
    with worker(desk, "1", "20"):
        (done,) = ended(desk, [job])

    assert (done.state, done.attempts) == ("done", 2)
    assert states(desk) == [(SUBJECT, "signing")]
    assert events(desk, done.outcome) == ["started", "assessed"]


def test_killed_between_the_review_and_the_word_of_it_no_second_review_is_made(fleet: FleetDesk):
    """The order was for a new one, and there is one: the next try finds it."""
    deps = fleet.deps()
    job = jobs.put(deps, AssessOrder(subject=SUBJECT, gate=GATE, new=True)).id
    with worker(fleet, "1", "20", "verify", "1") as first:
        assert first.wait(timeout=120) == -signal.SIGKILL
    made = fleet.assess().review

    with worker(fleet, "1", "20"):
        (done,) = ended(fleet, [job])

    assert done.outcome == made
    assert states(fleet) == [(SUBJECT, "signing")]


@IN_A_FILE
def test_a_worker_that_is_stopped_ends_what_it_does(desk: FleetDesk):
    (job,) = order(desk, SUBJECT)
    with worker(desk, "1", "60") as only:
        reached("plan", only)
        only.send_signal(signal.SIGTERM)
        assert only.wait(timeout=120) == 0

    assert jobs.status(desk.deps(), job).state == "done"


def test_a_worker_without_time_gives_its_job_back(desk: FleetDesk):
    """Queued again, and not counted as a try; the next worker goes on with the same review."""
    (job,) = order(desk, SUBJECT)
    desk.world.faults("datadog", {"kind": "delay", "seconds": 240})
    with worker(replace(desk, timeout="240"), "1", "0") as first:
        try:
            reached("plan", first)
            first.send_signal(signal.SIGTERM)
            until(lambda: jobs.status(desk.deps(), job).state == "queued", "it is given back")
        finally:
            desk.world.faults("datadog")  # lets it go
        assert first.wait(timeout=120) == 0
    given = jobs.status(desk.deps(), job)
    assert (given.state, given.attempts) == ("queued", 0)

    with worker(desk, "1", "20"):
        (done,) = ended(desk, [job])

    assert states(desk) == [(SUBJECT, "signing")]
    assert done.state == "done"


def test_who_was_taken_for_dead_takes_nothing_from_the_other_that_lives(fleet: FleetDesk):
    """Stopped for longer than a worker may be silent, it comes back while the other is at the job."""
    (job,) = order(fleet, SUBJECT)
    fleet.world.faults("datadog", {"kind": "delay", "seconds": 240})
    patient = replace(fleet, timeout="240")
    with worker(patient, "1", "60") as first:
        reached("plan", first)
        first.send_signal(signal.SIGSTOP)
        with worker(patient, "1", "60") as second:
            until(lambda: jobs.status(fleet.deps(), job).attempts == 2, "the other has it")
            first.send_signal(signal.SIGCONT)
            fleet.world.faults("datadog")  # lets both go
            (done,) = ended(fleet, [job])
            until(lambda: in_queue(fleet) == 0, "the queue has forgotten it")
            assert second.poll() is None

    assert (done.state, done.attempts, states(fleet)) == ("done", 2, [(SUBJECT, "signing")])


def test_a_job_is_ended_and_freed_only_by_the_worker_that_has_it(fleet: FleetDesk):
    """Taken from the first and given to the second: what the first still says of it changes nothing."""
    order(fleet, SUBJECT)
    deps = fleet.deps()

    async def both() -> None:
        app = Fleet(deps, Pace(), threading.Event(), lambda sentence: None).app
        async with app.open_async():
            queue = app.job_manager
            first, second = await queue.register_worker(), await queue.register_worker()
            taken = await queue.fetch_job(None, first)
            assert taken
            await queue.retry_job(taken)  # as its rescue does
            given = await queue.fetch_job(None, second)
            assert given

            await queue.retry_job(taken)
            assert who_has_it(deps) == ("doing", second)
            await queue.finish_job(taken, Status.SUCCEEDED, delete_job=True)
            assert who_has_it(deps) == ("doing", second)
            await queue.finish_job(given, Status.SUCCEEDED, delete_job=True)
            assert who_has_it(deps) is None

    asyncio.run(both())


def who_has_it(deps: Deps) -> object:
    with deps.engine.connect() as connection:
        row = connection.execute(text("select status::text, worker_id from procrastinate_jobs")).first()
    return tuple(row) if row else None


@IN_A_FILE
def test_stopped_after_the_review_and_before_the_word_of_it_no_second_review_is_made(desk: FleetDesk):
    """The try does not count, and what it made does: the order was for one new review."""
    deps = desk.deps()
    jobs.put(deps, AssessOrder(subject=SUBJECT, gate=GATE, new=True))
    first = taken(deps, "first")
    made = perform(deps, first).outcome
    stopped(deps, first)

    again = perform(deps, taken(deps, "second"))

    assert (again.outcome, [row.id for row in deps.reviews.all()]) == (made, [made])


@IN_A_FILE
def test_what_a_sweep_reviewed_meanwhile_is_not_what_was_ordered(desk: FleetDesk):
    """Its answers may be older than the order, which its worker gave back before it had begun a review."""
    deps = desk.deps()
    jobs.put(deps, AssessOrder(subject=SUBJECT, gate=GATE))
    stopped(deps, taken(deps, "first"))
    swept = sweeps.run(deps, SweepOrder(gates=(GATE,), subjects=(SUBJECT,), everything=True))
    (row,) = deps.reviews.all()

    again = perform(deps, taken(deps, "second"))

    assert swept.digest.reviewed == 1
    assert again.outcome not in ("", row.id)


@IN_A_FILE
def test_stopped_after_the_sweep_and_before_the_word_of_it_nobody_is_told_twice(desk: FleetDesk):
    """A second digest would tell again what is due and what could not be seen."""
    deps = desk.deps()
    jobs.put(deps, OrderedSweep(sweep=SweepOrder(gates=("all",), subjects=(SUBJECT,), everything=True)))
    first = taken(deps, "first")
    made = perform(deps, first).outcome
    stopped(deps, first)

    assert perform(deps, taken(deps, "second")).outcome == made


def taken(deps: Deps, holder: str) -> JobRow:
    job = table.take(deps.engine, holder, deps.clock(), KINDS, lambda holder: False)
    assert job is not None
    return job


@IN_A_FILE
def test_what_cannot_be_done_fails_at_once_and_says_why(desk: FleetDesk):
    """A card that is gone comes back by no trying."""
    (gone,) = subjects(desk, 1)
    (job,) = order(desk, gone)
    (desk.overlay / "cards" / gone / "card.yaml").unlink()
    with worker(desk, "1", "20"):
        (failed,) = ended(desk, [job])

    assert (failed.state, failed.attempts) == ("failed", 1)
    assert f"there is no card for '{gone}'" in failed.said


@IN_A_FILE
def test_a_job_says_when_it_begins_and_how_it_ends(desk: FleetDesk):
    """With its subject and gate: whoever reads a worker's log looks for those."""
    said = list[str]()
    (gone,) = subjects(desk, 1)
    (job,) = order(desk, gone)
    (desk.overlay / "cards" / gone / "card.yaml").unlink()
    Doing(desk.deps(), taken(desk.deps(), "first"), say=said.append).run()

    begun, ended = said
    assert begun.startswith(f"job {job} begun: ")
    assert gone in begun
    assert ended.startswith(f"job {job} failed: there is no card for '{gone}'")
    assert ended.endswith(" s)")


@IN_A_FILE
@pytest.mark.parametrize("broken", [OSError("No space left on device"), SystemExit(1)])
def test_a_console_that_is_full_or_gone_costs_no_job_anything(desk: FleetDesk, broken: BaseException):
    def say(sentence: str) -> None:
        raise broken

    over = list[str]()
    (gone,) = subjects(desk, 1)
    order(desk, gone)
    (desk.overlay / "cards" / gone / "card.yaml").unlink()
    doing = Doing(desk.deps(), taken(desk.deps(), "first"), then=lambda: over.append("over"), say=say)
    doing.run()

    assert doing.ended
    assert doing.ended.state == "failed"
    assert over == ["over"]


class BrokenOnce:
    """A clock that fails as nobody expects, the first time that what takes the jobs looks at it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock, self.broken = clock, threading.Event()

    def __call__(self) -> datetime:
        if threading.current_thread().name.startswith(("lane", "asyncio")) and not self.broken.is_set():
            self.broken.set()
            raise ZeroDivisionError
        return self.clock()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # it is what is tested
def test_what_takes_jobs_begins_again_where_nobody_expected_its_end(desk: FleetDesk):
    """A worker that lives and takes nothing would be seen by nobody."""
    said, stop, deps = list[str](), threading.Event(), desk.deps()
    (gone,) = subjects(desk, 1)
    (job,) = order(desk, gone)
    (desk.overlay / "cards" / gone / "card.yaml").unlink()
    own = replace(deps, clock=BrokenOnce(deps.clock))
    working = threading.Thread(target=work, args=(own, Pace(jobs=1, poll=0.05, again=0.1), stop, said.append))
    working.start()
    try:
        ended(desk, [job])
    finally:
        stop.set()
        working.join()

    assert said[0] == BEGUN_AGAIN
    assert said[1].startswith(f"job {job} begun: ")


class LookedAway(threading.Event):
    """What tells a lane to stop; fails as nobody expects, the first time that it is asked once a job has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.broken = False

    def is_set(self) -> bool:
        if self.said and not self.broken and threading.current_thread().name == "lane":
            self.broken = True
            raise ZeroDivisionError
        return super().is_set()


@IN_A_FILE
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # it is what is tested
def test_a_lane_that_begins_again_has_nothing_else_under_way(desk: FleetDesk):
    """Else each time would leave a job behind that runs beside the next."""
    stop, deps = LookedAway(), desk.deps()
    (job,) = order(desk, SUBJECT)
    lane = threading.Thread(target=embedded.run, args=(deps, Pace(jobs=1, poll=0.05), stop, stop.said.append))
    lane.start()
    until(lambda: BEGUN_AGAIN in stop.said, "it begins again")
    stop.set()
    lane.join()

    assert stop.broken
    assert [one.split(":")[0] for one in stop.said] == [f"job {job} begun", f"job {job} done", BEGUN_AGAIN]


def test_while_clearance_is_switched_off_nothing_is_taken(desk: FleetDesk):
    """What was queued is done once it is on."""
    deps = desk.deps()
    hand = Hand(deps.engine, deps.settings, deps.clock, lambda: "Dana Ortiz")
    switching.off(hand, "somebody looks into it")
    (job,) = order(desk, SUBJECT)
    with worker(desk, "1", "20") as only:
        assert only.stderr
        assert "1 jobs at once" in only.stderr.readline()
        until(lambda: jobs.status(deps, job).state == "queued", "it stays queued")
        switching.on(hand, "it was nothing after all")
        (done,) = ended(desk, [job])

    assert done.state == "done"


def test_a_worker_first_writes_the_reports_that_are_due(assessed: FleetDesk):
    review = assessed.review
    for person, role in SIGNERS[:2]:
        assessed.sign(person, role, review)
    killed_at(assessed, "signed", 1, "sign", review, SIGNERS[2][1], key=SIGNERS[2][0])

    with worker(assessed, "1", "20"):
        until(lambda: assessed.deps().reviews.get(review).state == "reported", "the report is written")


def test_of_many_jobs_and_workers_with_kills_and_a_restart_each_is_done_once(fleet: FleetDesk, server: Server):
    """Three workers over one PostgreSQL, which is restarted while they work; one of them is killed, and one more."""
    names = subjects(fleet, 6)
    ids = order(fleet, *names)
    with ExitStack() as crew:
        three = [crew.enter_context(worker(fleet, "2", "20")) for _ in range(3)]
        first = reached("collect", *three)
        first.kill()
        second = reached("judge", *(one for one in three if one is not first))
        server.restart()
        second.kill()
        crew.enter_context(worker(fleet, "2", "20"))
        done = ended(fleet, ids)
    finish(fleet.deps())

    assert [job.state for job in done] == ["done"] * 6, [job.said for job in done]
    assert states(fleet) == [(name, "signing") for name in names]
    assert sorted(job.outcome for job in done) == sorted(row.id for row in fleet.deps().reviews.all())
    assert all(events(fleet, job.outcome) == ["started", "assessed"] for job in done)
