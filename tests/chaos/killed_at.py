"""Run one use case in this process and kill it, as `kill -9` does, at the nth time a step reports progress.

python -m tests.chaos.killed_at STEP N assess
python -m tests.chaos.killed_at STEP N sign REVIEW ROLE
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from agent import settings
from agent.domain import SignOffDecision
from agent.service import signing
from agent.service.assembly import assemble
from agent.service.assess import assess
from tests.acceptance.conftest import GATE, NOTES, SUBJECT, open_all


def main(step: str, times: str, *action: str) -> None:
    left, lock = [int(times)], threading.Lock()

    def progress(said: str, sentence: str) -> None:
        with lock:
            left[0] -= said == step
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    deps = assemble(settings.read(os.environ), progress)
    if action[0] == "assess":
        assess(deps, SUBJECT, GATE)
    else:
        who = signing.caller(deps)
        open_all(deps, who, action[1])
        signing.sign(deps, who, action[1], action[2], SignOffDecision.CLEARED, notes=NOTES)


if __name__ == "__main__":
    main(*sys.argv[1:])
