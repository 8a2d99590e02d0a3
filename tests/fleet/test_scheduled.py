"""By schedule, as a whole: workers over one overlay, and the sweep that comes of it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from agent.service import jobs, scheduling
from agent.service.orders import OrderedSweep
from agent.store.schema import jobs as job_rows
from tests.acceptance.conftest import GATE, SUBJECT
from tests.acceptance.prepared import Hands
from tests.fleet.conftest import FleetDesk
from tests.fleet.crew import until, worker

HOURLY = f"""schedules:
  - id: hourly
    cron: "0 * * * *"
    zone: America/New_York
    gates: [{GATE}]
    due_within: 30
"""


def test_two_workers_make_one_sweep_of_what_they_missed(desk: FleetDesk):
    """The schedule was there hours ago, and nobody worked since: its newest tick is swept, once."""
    (desk.overlay / "schedules.yaml").write_text(HOURLY, encoding="utf-8")
    deps = desk.deps()
    seen = replace(deps, clock=Hands(deps.clock() - timedelta(hours=5)))
    assert scheduling.due(seen, scheduling.declared(deps.configuration)) == []

    def all_jobs() -> list[int]:
        with deps.engine.connect() as connection:
            return list(connection.execute(select(job_rows.c.id)).scalars())

    with ExitStack() as crew:
        for _ in range(2):
            crew.enter_context(worker(desk, "2", "20"))
        until(lambda: bool(all_jobs()) and not jobs.unfinished(deps), "the sweep has ended")

    (job,) = [jobs.status(deps, id) for id in all_jobs()]
    assert isinstance(job.order, OrderedSweep)
    assert (job.state, job.order.schedule, job.said) == ("done", "hourly", "")
    assert job.outcome.startswith("sw-")
    assert [row.subject for row in deps.reviews.all()] == [SUBJECT]
