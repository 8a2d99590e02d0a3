"""One sweep in a process of its own, which says what it cost. `python -m tests.bench.swept N [free]`

`free`: our own share of the vendors' limits does not hold it back, so that what is measured is our own work.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace

from agent import settings
from agent.service.assembly import assemble
from agent.service.sweeps import SweepOrder, run
from collectors.rate import Limits
from tests.bench.measured import peak_mb
from tests.bench.table import spent

GATE = "pilot-to-prod"


def main(n: int, how: str = "") -> None:
    deps = assemble(settings.read(os.environ))
    if how == "free":
        deps = replace(deps, connections=replace(deps.connections, limits=Limits(())))
    order = SweepOrder(gates=(GATE,), subjects=tuple(f"subject-{i}" for i in range(n)))
    began: dict[str, float] = {}
    with spent() as took:
        digest = run(deps, order, lambda tick: began.setdefault(tick.stage, time.process_time()) and None).digest
    ends = [*list(began.values())[1:], time.process_time()]
    stages = {name: (end - start) * 1000 / n for (name, start), end in zip(began.items(), ends, strict=True)}
    told = {
        "wall": took.wall, "cpu": time.process_time(), "peak_mb": peak_mb(), "subjects": digest.subjects,
        "reviewed": digest.reviewed, "calls": sum(digest.cost.calls.values()), "by_vendor": digest.cost.calls,
        "blind": len(digest.blind), "cpu_ms_by_stage": {name: round(cpu, 1) for name, cpu in stages.items()},
    }  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
