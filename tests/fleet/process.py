"""A worker in a process of its own, which takes the silent for dead sooner than a real one, and can die at a step.

python -m tests.fleet.process JOBS GRACE [STEP N]: killed, as `kill -9` does, the nth time that step is reported
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from agent import settings
from agent.service.assembly import assemble
from agent.service.working import Pace
from agent.surfaces import incidents, working
from agent.surfaces.terminal import screen


def main(jobs: str, grace: str, step: str = "", times: str = "0") -> None:
    incidents.watch()
    incidents.log_to_file()
    left, lock = [int(times)], threading.Lock()

    def progress(said: str, sentence: str) -> None:
        print(said, flush=True)
        with lock:
            left[0] -= said == step
            if step and left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    pace = Pace(jobs=int(jobs), poll=0.05, again=0.2, grace=float(grace), heartbeat=0.3, silent=6.0, ticks=0.2)
    sys.exit(working.run(assemble(settings.read(os.environ), progress), screen(), pace, until_idle=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
