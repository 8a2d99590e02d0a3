"""Whatever is signed, sent back, revoked or refreshed, and whoever dies in between: one report for each full set."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.acceptance.conftest import prepared, put_right_world  # noqa: F401  fixtures
from tests.acceptance.prepared import Prepared
from tests.chaos.machine import Schedule, counted, dead_here

SCHEDULES = int(os.environ.get("CLEARANCE_SCHEDULES") or 100)  # `make chaos` runs a thousand
STEPS = 10


def test_random_schedules_leave_every_promise_kept(
    prepared: Prepared,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    dead = dead_here()
    counted.clear()

    run_state_machine_as_test(
        lambda: Schedule(prepared, tmp_path, dead),
        settings=settings(
            max_examples=SCHEDULES, stateful_step_count=STEPS, deadline=None, database=None,
            suppress_health_check=list(HealthCheck), derandomize="CLEARANCE_SCHEDULES" not in os.environ,
        ),
    )  # fmt: skip

    with capsys.disabled():
        print("\n" + ", ".join(f"{count} {what}" for what, count in counted.items()))
    assert counted["schedules"] >= SCHEDULES
    assert counted["kills"] > SCHEDULES / 2
    assert counted["reports"] > SCHEDULES / 50
