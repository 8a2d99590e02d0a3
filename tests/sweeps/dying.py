"""Run a sweep of the environment's home and die without a word at the nth tick of a stage in which something is done.

python -m tests.sweeps.dying STAGE N
"""

from __future__ import annotations

import os
import signal
import sys

from agent import settings
from agent.service.assembly import assemble
from agent.service.sweeps import Tick, run
from tests.sweeps.conftest import OWN


def main(stage: str, times: int, *, batch: bool = False) -> None:
    left = times

    def tell(tick: Tick) -> None:
        nonlocal left
        left -= tick.stage == stage and tick.done > 0
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    run(assemble(settings.read(os.environ)), OWN.model_copy(update={"batch": batch}), tell, poll=0.05)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), batch="batch" in sys.argv[3:])
