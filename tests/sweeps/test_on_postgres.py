"""The same sweeps on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from agent.errors import StoreAway
from agent.service.sweeps import Tick, run
from agent.store.database import open_engine
from agent.store.locker import Locker, Sealed
from agent.store.sweeps import SubjectRow, Sweeps
from tests.fleet.server import Server, running_server
from tests.sweeps.conftest import OWN, Fleet


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as started:
        yield started


def test_a_sweep_and_the_one_after_it(fleet: Fleet, server: Server):
    """Reviewed, and four hours later unchanged."""
    deps = fleet.deps(CLEARANCE_DATABASE_URL=server.upgraded("sweeps_whole"))
    first = run(deps, OWN).digest
    fleet.clock.go(hours=4)
    second = run(deps, OWN).digest
    deps.engine.dispose()

    assert (first.reviewed, second.reviewed, second.quiet) == (3, 0, 3)
    assert second.since == first.sweep


def test_a_server_that_goes_away_amid_a_sweep_costs_no_subject_its_place(fleet: Fleet, server: Server):
    """Nobody is told that a subject could not be reviewed, when it was our own store that was away for a second."""
    deps = fleet.deps(CLEARANCE_DATABASE_URL=server.upgraded("sweeps_away"))
    compared = 0

    def tell(tick: Tick) -> None:
        nonlocal compared
        compared += tick.stage == "compare"
        if tick.stage == "compare" and compared == 1:
            server.stop()
        if tick.stage == "compare" and compared == 3:
            server.start()

    with pytest.raises(StoreAway):
        run(deps, OWN, tell)
    server.start()
    fleet.clock.go(minutes=2)  # the lease could not be given back
    digest = run(deps, OWN).digest
    deps.engine.dispose()

    assert (digest.subjects, digest.reviewed, digest.troubles) == (3, 3, ())


def test_one_of_two_that_begin_at_once_has_the_sweep(fleet: Fleet, server: Server):
    """And an unfinished one that nobody works on is given to whoever comes, unless it is too old."""
    engine = open_engine(server.upgraded("sweeps_two"))
    store, now = Sweeps(engine), fleet.clock.now
    first = store.begin("sw-1", "k", "{}", now, "me", young=now)
    second = store.begin("sw-2", "k", "{}", now, "you", young=now)
    store.plan("sw-1", [SubjectRow("a", "g"), SubjectRow("b", "g")])
    store.plan("sw-1", [SubjectRow("a", "g", state="failed")])
    assert store.done("sw-1", "me", [SubjectRow("b", "g", state="reviewed", review="rv-1")])

    assert (first.lease_holder, second.id, second.lease_holder) == ("me", "sw-1", "me")
    assert not store.take("sw-1", "you", now)
    assert store.take("sw-1", "you", now, dead="me")
    assert not store.finish("sw-1", "me", "d", now)
    assert not store.done("sw-1", "me", [SubjectRow("b", "g", state="reviewed", review="rv-2")])
    assert store.finish("sw-1", "you", "d", now)
    assert [(row.subject, row.state) for row in store.rows("sw-1")] == [("a", "planned"), ("b", "reviewed")]
    assert store.last_seen("g", 99)["b"].review == "rv-1"

    old = store.begin("sw-3", "k", "{}", now, "me", young=now)
    later = now + timedelta(hours=7)
    assert store.begin("sw-4", "k", "{}", later, "you", young=later - timedelta(hours=6)).id == "sw-4"
    assert store.get(old.id).state == "abandoned"
    engine.dispose()


def test_evidence_of_a_call_made_before_a_gap_was_met_does_not_outlive_it(fleet: Fleet, server: Server):
    """Though it is kept after the gap; what was collected after it counts."""
    engine = open_engine(server.upgraded("sweeps_gaps"))
    locker, now = Locker(engine), fleet.clock.now
    locker.keep_many("who", {key: Sealed("a" * 64, "gap", b"gap") for key in ("old", "new")}, "rv-1", now)
    for key, seconds in (("old", -1), ("new", 1)):
        seen = Sealed("b" * 64, "evidence", b"seen", now + timedelta(seconds=seconds))
        locker.keep_many("who", {key: seen}, "rv-2", now)

    since = dict.fromkeys(("old", "new"), now - timedelta(minutes=5))
    assert locker.fresh_many(since, "who", now + timedelta(minutes=1)) == {"new": "b" * 64}
    engine.dispose()
