"""A lease is one piece of work's: whoever lost it changes nothing more, and only the surely dead are taken for dead."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent.domain import Decision
from agent.errors import Refused
from agent.holder import PLACE, is_dead, new_holder, process_start
from agent.service.running import held, new_lease
from agent.workflow.publishing import standing_of
from tests.acceptance.prepared import Hands, Prepared


def finished_process() -> str:
    """The name of a holder whose process is over, at this place."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        pid, start = process.pid, process_start(process.pid)
    return ":".join([*new_holder().split(":")[:PLACE], str(pid), start, "0"])


def test_a_process_that_is_over_is_dead_and_this_one_is_not():
    assert is_dead(finished_process())
    assert not is_dead(new_holder())


@pytest.mark.parametrize("part", [0, 1, 2], ids=["host", "boot", "namespace"])
def test_a_holder_elsewhere_is_never_taken_for_dead(part: int):
    """Containers of one image share a host's name and know nothing of each other's processes."""
    elsewhere = finished_process().split(":")
    elsewhere[part] = "other"

    assert not is_dead(":".join(elsewhere))


def test_a_number_that_another_process_has_by_now_is_a_dead_one():
    reused = [*new_holder().split(":")[:PLACE], str(os.getpid()), "1", "0"]

    assert is_dead(":".join(reused))


def test_a_holder_of_an_older_version_is_never_taken_for_dead():
    assert not is_dead(f"{socket.gethostname()}:999999:1:abcd")


def test_who_lost_the_lease_neither_seals_nor_publishes(prepared: Prepared, tmp_path: Path):
    """It stood still for longer than a lease; somebody else has the review by now."""
    desk = prepared.copy(tmp_path)
    deps = desk.deps()
    clock = Hands(deps.clock())
    slow, other = replace(deps, clock=clock), replace(desk.deps(), clock=clock)
    from agent.service.finishing import shown

    standing = standing_of(shown(deps, prepared.review).document, Decision.CLEARED)
    lease, taken = new_lease(slow), new_lease(other)
    assert slow.reviews.take(prepared.review, lease, clock())
    with held(slow, prepared.review, lease) as own:
        clock.go(seconds=61)
        assert other.reviews.take(prepared.review, taken, clock())

        with pytest.raises(Refused, match="taken over by another process"):
            own.decisions.seal(prepared.review, {}, clock(), own.lease)
        with pytest.raises(Refused, match="taken over by another process"):
            own.decisions.publish(prepared.review, "x", standing, clock(), own.lease)
        assert not own.reviews.move(
            prepared.review, "complete", "complete", {}, clock(), when=("signing",), lease=own.lease
        )

    assert deps.reviews.get(prepared.review).lease_holder == taken, "and gives no lease back that is not its own"
