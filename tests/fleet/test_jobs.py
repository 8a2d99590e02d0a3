"""An order is one job however often it is given, and no job is lost with the worker that was at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from agent import settings
from agent.errors import UsageError
from agent.service import jobs as ordered
from agent.service.assembly import assemble
from agent.service.orders import AssessOrder, OrderedSweep, read
from agent.service.sweep_order import SweepOrder
from agent.service.working.performing import perform
from agent.store import jobs
from agent.store.database import writing
from agent.store.schema import jobs as rows

NOW = datetime(2026, 6, 12, 16, tzinfo=UTC)
ALL = ("assess", "sweep")
ASSESS = AssessOrder(subject="finance-invoice-recon", gate="pilot-to-prod")
OTHER = AssessOrder(subject="support-triage", gate="pilot-to-prod")
SWEEP = OrderedSweep(sweep=SweepOrder(gates=("pilot-to-prod",)))


def alive(holder: str) -> bool:
    return False


def take(engine: Engine, holder: str = "w1", at: datetime = NOW, kinds: tuple[str, ...] = ALL) -> jobs.JobRow | None:
    return jobs.take(engine, holder, at, kinds, alive)


def test_the_same_order_joins_the_job_that_is_unfinished(engine: Engine):
    """Who asks, and where the answer goes, makes it no other work."""
    first, joined = jobs.put(engine, ASSESS, NOW)
    again = jobs.put(engine, ASSESS.model_copy(update={"asked_by": "mike.chen", "channel": "slack:C1"}), NOW)

    assert not joined
    assert again == (first, True)


def test_a_job_that_runs_is_joined_and_one_that_ended_is_not(engine: Engine):
    first, _ = jobs.put(engine, ASSESS, NOW)
    assert take(engine) is not None
    assert jobs.put(engine, ASSESS, NOW) == (first, True)

    jobs.end(engine, first, "w1", NOW, state="done", outcome="rv-1")

    again, joined = jobs.put(engine, ASSESS, NOW)
    assert again > first
    assert not joined
    assert jobs.get(engine, first).outcome == "rv-1"


def test_other_items_are_another_order(engine: Engine):
    first, _ = jobs.put(engine, ASSESS, NOW)

    assert jobs.put(engine, ASSESS.model_copy(update={"only": (4,)}), NOW) != (first, True)


def test_what_was_asked_in_chat_is_taken_before_a_sweep(engine: Engine):
    jobs.put(engine, SWEEP, NOW)
    asked, _ = jobs.put(engine, ASSESS, NOW)

    taken = take(engine)

    assert taken is not None
    assert taken.id == asked
    assert read(taken.body) == ASSESS


def test_one_job_of_a_subject_at_a_time(engine: Engine):
    """The second waits, and another subject's does not."""
    jobs.put(engine, ASSESS, NOW)
    second, _ = jobs.put(engine, ASSESS.model_copy(update={"only": (4,)}), NOW)
    other, _ = jobs.put(engine, OTHER, NOW)
    first = take(engine)
    assert first is not None

    beside = take(engine, "w2")
    assert beside is not None
    assert beside.id == other
    assert take(engine, "w3") is None
    jobs.end(engine, first.id, "w1", NOW, state="done")

    after = take(engine, "w3")
    assert after is not None
    assert after.id == second


def test_a_lease_that_lapsed_gives_the_job_to_the_next_worker(engine: Engine):
    jobs.put(engine, ASSESS, NOW)
    lost = take(engine)
    assert lost is not None
    assert take(engine, "w2", NOW + jobs.LEASE) is None

    found = take(engine, "w2", NOW + jobs.LEASE + timedelta(seconds=1))

    assert found is not None
    assert (found.id, found.attempts) == (lost.id, 2)
    assert not jobs.end(engine, lost.id, "w1", NOW, state="done"), "who lost it says nothing more about it"
    assert not jobs.renew(engine, lost.id, "w1", NOW)


def test_a_renewed_lease_keeps_it(engine: Engine):
    jobs.put(engine, ASSESS, NOW)
    mine = take(engine)
    assert mine is not None
    later = NOW + jobs.LEASE

    assert jobs.renew(engine, mine.id, "w1", later)
    assert take(engine, "w2", later + timedelta(seconds=1)) is None


def test_a_killed_worker_of_this_machine_gives_way_at_once(engine: Engine):
    jobs.put(engine, ASSESS, NOW)
    assert take(engine) is not None

    found = jobs.take(engine, "w2", NOW, ALL, lambda holder: holder == "w1")

    assert found is not None
    assert found.holder == "w2"


def test_what_is_given_back_waits_for_its_time(engine: Engine):
    jobs.put(engine, ASSESS, NOW)
    mine = take(engine)
    assert mine is not None

    jobs.give_back(engine, mine.id, "w1", NOW + timedelta(seconds=10), said="the store was away")

    assert take(engine, "w2") is None
    again = take(engine, "w2", NOW + timedelta(seconds=10))
    assert again is not None
    assert again.attempts == 2


def test_what_a_clock_put_that_was_a_year_ahead_is_done_now(engine: Engine):
    """Everybody who orders the same joins it: it must not wait for that day."""
    id, _ = jobs.put(engine, ASSESS, NOW + timedelta(days=365))

    assert jobs.put(engine, ASSESS, NOW) == (id, True)
    taken = take(engine)
    assert taken
    assert taken.id == id


def test_stopping_a_worker_costs_the_job_no_attempt(engine: Engine):
    jobs.put(engine, ASSESS, NOW)
    mine = take(engine)
    assert mine is not None

    jobs.give_back(engine, mine.id, "w1", NOW, counted=False)

    assert jobs.get(engine, mine.id).attempts == 0


def test_a_lane_takes_only_its_kinds(engine: Engine):
    jobs.put(engine, SWEEP, NOW)

    assert take(engine, kinds=("assess",)) is None


def test_pauses_double_and_are_bounded():
    assert [jobs.pause(n).total_seconds() for n in (1, 2, 3, 50)] == [10, 20, 40, 600]


def test_there_is_no_such_job(engine: Engine):
    with pytest.raises(UsageError, match="no job 7"):
        jobs.get(engine, 7)


def test_what_somebody_did_by_hand_is_done(engine: Engine):
    """Only what waited when that began: what runs is its worker's, and what was ordered later is done anew."""
    first, _ = jobs.put(engine, ASSESS, NOW)
    second, _ = jobs.put(engine, OTHER, NOW)
    keys = [ASSESS.key, OTHER.key]

    assert jobs.answer(engine, keys[:1], "rv-1", NOW, NOW) == [first]
    assert (jobs.get(engine, first).state, jobs.get(engine, first).outcome) == ("done", "rv-1")
    assert take(engine) is not None
    assert jobs.answer(engine, keys, "rv-2", NOW, NOW) == []
    assert jobs.get(engine, second).state == "running"
    jobs.put(engine, ASSESS, NOW + timedelta(seconds=1))
    assert jobs.answer(engine, keys, "rv-3", NOW, NOW) == []


def test_an_order_that_cannot_be_read_hides_no_other(tmp_path: Path):
    """It is of a later version, or damaged; its worker ends it with a sentence."""
    deps = assemble(settings.read({"CLEARANCE_HOME": str(tmp_path)}))
    jobs.put(deps.engine, ASSESS, NOW)
    kept, _ = jobs.put(deps.engine, OTHER, NOW)
    with writing(deps.engine) as connection:
        connection.execute(update(rows).where(rows.c.id != kept).values(body='{"kind":"fly"}'))
    broken = jobs.unfinished(deps.engine)[0]

    assert [one.id for one in ordered.unfinished(deps)] == [kept]
    assert "cannot read what was ordered" in perform(deps, broken).said
    with pytest.raises(UsageError, match=f"job {broken.id} is queued; what was ordered is of another version"):
        ordered.status(deps, broken.id)


def test_what_became_of_a_job_is_told_after_its_end(engine: Engine):
    """The newest first; what is unfinished is in the other list."""
    made, failed, queued = (jobs.put(engine, order, NOW)[0] for order in (ASSESS, OTHER, SWEEP))
    for minute, ended in enumerate(({"state": "done", "outcome": "rv-1"}, {"state": "failed", "said": "no such card"})):
        taken = take(engine)
        assert taken is not None
        jobs.end(engine, taken.id, "w1", NOW + timedelta(minutes=minute), **ended)

    told = [(row.id, row.state, row.outcome, row.said) for row in jobs.over(engine, 20)]
    assert told == [(failed, "failed", "", "no such card"), (made, "done", "rv-1", "")]
    assert [row.id for row in jobs.unfinished(engine)] == [queued]
