"""Workers as processes, subjects to work on, and waiting for what is to become true."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.service import jobs
from agent.service.jobs import Job
from agent.service.orders import AssessOrder
from tests.acceptance.conftest import GATE, ROOT, SUBJECT
from tests.fleet.conftest import FleetDesk
from tests.stem import Beside

WITHIN = 300.0  # seconds; a busy machine is slow, and a job that is lost never comes


def until(true: Callable[[], bool], what: str) -> None:
    """Looks again and again."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < WITHIN, f"{what}: not so after {WITHIN:.0f} s"
        time.sleep(0.05)


class Worker(Beside):
    """A process of tests/fleet/process.py; `steps` are those that it has reported until now."""

    def __init__(self, desk: FleetDesk, *arguments: str) -> None:
        env = {**os.environ, **desk.env()}
        super().__init__("tests.fleet.process", *arguments, cwd=ROOT, env=env, pipes=("stdout", "stderr"))
        self.steps: list[str] = []
        self.reading = threading.Thread(target=self._read, daemon=True)
        self.reading.start()

    def _read(self) -> None:
        assert self.stdout
        for line in self.stdout:
            self.steps.append(line.strip())


@contextmanager
def worker(desk: FleetDesk, *arguments: str) -> Iterator[Worker]:
    """JOBS GRACE [STEP N], as tests/fleet/process.py has them; killed at the end if it still runs."""
    with Worker(desk, *arguments) as process:
        try:
            yield process
        finally:
            process.kill()
            process.reading.join()


def reached(step: str, *workers: Worker) -> Worker:
    """Whoever of them has come to this step, once one has: which of them gets a job is not for a test to say."""

    def one_has() -> bool:
        at_work = [one for one in workers if one.poll() is None or one.reading.is_alive()]
        there = any(step in one.steps for one in workers)
        assert there or at_work, f"all ended before {step}: {[one.stderr and one.stderr.read() for one in workers]}"
        return there

    until(one_has, f"one of them has come to {step}")
    return next(one for one in workers if step in one.steps)


def subjects(desk: FleetDesk, count: int) -> list[str]:
    """So many cards that say of other subjects what the world's own says."""
    cards, found = desk.overlay / "cards", []
    for number in range(count):
        name = f"{SUBJECT}-{number}"
        shutil.copytree(cards / SUBJECT, cards / name)
        card = cards / name / "card.yaml"
        text = card.read_text(encoding="utf-8")
        card.write_text(text.replace(f"subject: {SUBJECT}\n", f"subject: {name}\n"), encoding="utf-8")
        found.append(name)
    return found


def order(desk: FleetDesk, *subjects: str) -> list[int]:
    deps = desk.deps()
    return [jobs.put(deps, AssessOrder(subject=subject, gate=GATE)).id for subject in subjects]


def ended(desk: FleetDesk, ids: list[int]) -> list[Job]:
    """The jobs, once all of them have ended."""
    deps = desk.deps()
    until(lambda: all(jobs.status(deps, id).state in ("done", "failed") for id in ids), f"jobs {ids} have ended")
    return [jobs.status(deps, id) for id in ids]


def reports(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "reports").glob("*/report.md"))
