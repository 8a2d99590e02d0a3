"""How long from the flip at LaunchDarkly until a running worker and a running page begin nothing new. Prints it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.deps import Deps
from agent.service import jobs, own_switch
from agent.service.orders import AssessOrder
from collectors.sandbox.server import Running
from tests.acceptance.conftest import GATE, ROOT, SUBJECT, Desk
from tests.acceptance.prepared import Prepared
from tests.processes import beside
from tests.switch.conftest import until
from tests.switch.flag_server import KEY, FlagServer

AIM = 60.0  # seconds: the runbook's promise. It takes milliseconds; a machine with other work may take its time.
COMMANDS = {"worker": ("worker",), "page": ("serve", "--port", "0", "--json")}


@contextmanager
def running(desk: Desk, own: dict[str, str], command: tuple[str, ...]) -> Iterator[None]:
    env = {**os.environ, **desk.env(CLEARANCE_KEY=str(desk.keys / "mike.chen.pem"), **own)}
    with beside("agent", *command, cwd=ROOT, env=env) as process:
        yield
        process.terminate()


@pytest.mark.parametrize("who", COMMANDS)
def test_a_flip_stops_new_work_of_every_process(
    prepared: Prepared, tmp_path: Path, stream: Running, flags: FlagServer, who: str
):
    desk = prepared.copy(tmp_path)
    own = {"CLEARANCE_SWITCH_SDK_KEY": KEY, "CLEARANCE_SWITCH_SDK_URL": stream.url}
    deps = desk.deps(**own)
    with running(desk, own, COMMANDS[who]):
        until(lambda: own_switch.of(deps).on, 300)
        began = time.monotonic()
        flags.flip(False)
        until(lambda: not own_switch.of(deps).on, AIM)
        took = time.monotonic() - began
        queued = jobs.put(deps, AssessOrder(subject=SUBJECT, gate=GATE, only=(4,)))
        assert "LaunchDarkly's flag clearance-enabled" in queued.held
        if who == "worker":
            _holds_it_until_it_is_on(deps, flags, queued.id)
    print(f"\n{who}: {took * 1000:.0f} ms from the flip until new work is queued")


def _holds_it_until_it_is_on(deps: Deps, flags: FlagServer, job: int) -> None:
    """The worker polls many times in the while in which it confirms the flag once; then it takes the job."""
    at = own_switch.of(deps).hands["flag"].seen_at
    until(lambda: own_switch.of(deps).hands["flag"].seen_at > at, 300)
    assert jobs.status(deps, job).state == "queued"
    flags.flip(True)
    until(lambda: jobs.status(deps, job).state == "done", 300)
