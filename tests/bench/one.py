"""4: one assessment, in a process that has done it before and as a command from nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator

from agent.service.assess import assess
from tests.bench.cold import ended_cpu
from tests.bench.home import GATE, home
from tests.bench.subjects import name
from tests.bench.table import Row, spent

WARM, COLD = 3, 3
AIMS = {"warm": 1.0, "cold": 2.5}  # seconds


def rows(warm: int = WARM, cold: int = COLD) -> Iterator[Row]:
    """Each is of a subject that was not asked about before, after a while in which nobody asked: every source is asked,
    and no share of a limit is used up.
    """
    with home(warm + cold + 1, enforced=False) as at:
        deps = at.deps(limited=False)
        assess(deps, name(0), GATE)
        found = []
        for i in range(1, warm + 1):
            with spent() as one:
                assess(deps, name(i), GATE)
            found.append(one)
        best = min(found, key=lambda one: one.wall)
        note = f"of it {best.cpu * 1000:.0f} ms CPU; the rest waits for sources 50 ms away"
        yield Row("4", "one assessment, warm", best.wall, "s", AIMS["warm"], note=note)
        took = []
        for i in range(warm + 1, warm + cold + 1):
            began, before = time.perf_counter(), ended_cpu()
            done = at.run("agent", "assess", name(i), "--gate", GATE, "--json")
            took.append((time.perf_counter() - began, ended_cpu() - before))
            if done.returncode not in (0, 10, 20, 30):
                raise RuntimeError(done.stderr[-2000:])
        wall, cpu = min(took)
        yield Row("4", "one assessment, as a cold process", wall, "s", AIMS["cold"], note=f"of it {cpu:.1f} s CPU")
