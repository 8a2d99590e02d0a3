"""Whatever is signed, sent back, revoked or refreshed, and whoever dies in between: one report for each full set."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.acceptance.conftest import SIGNERS, prepared, put_right_world  # noqa: F401  fixtures
from tests.acceptance.prepared import Prepared
from tests.chaos.machine import Schedule, counted

SCHEDULES = int(os.environ.get("CLEARANCE_SCHEDULES") or 24)  # `make chaos` runs a thousand
STEPS = 10


def warm(prepared: Prepared, folder: Path) -> None:  # noqa: F811
    """Go through a whole review here once: what is imported, compiled and laid aside now is not so in each child."""
    review = Schedule(prepared, folder)
    for signer in SIGNERS:
        review.signs(signer, prepared.review)(review.deps)
    review.teardown()
    gc.collect()
    gc.freeze()


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where the machine has one: a thousand schedules wait for the disk longer than for anything."""
    shared = Path("/dev/shm")
    with TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


def test_random_schedules_leave_every_promise_kept(
    prepared: Prepared,  # noqa: F811
    memory: Path,
    capsys: pytest.CaptureFixture[str],
):
    warm(prepared, memory)
    counted.clear()

    run_state_machine_as_test(
        lambda: Schedule(prepared, memory),
        settings=settings(
            max_examples=SCHEDULES, stateful_step_count=STEPS, deadline=None, database=None,
            suppress_health_check=list(HealthCheck), derandomize="CLEARANCE_SCHEDULES" not in os.environ,
        ),
    )  # fmt: skip

    with capsys.disabled():
        print("\n" + ", ".join(f"{count} {what}" for what, count in counted.items()))
    assert counted["schedules"] >= SCHEDULES
    assert counted["killed"] > SCHEDULES / 2
    assert counted["reports"] > SCHEDULES / 50
