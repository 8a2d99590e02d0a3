"""A worker that is told to stop does, at whatever moment it is told."""

from __future__ import annotations

import os
import signal
import threading

from agent.surfaces.working import _signals


def test_a_signal_in_the_midst_of_a_look_at_the_event_is_heard():
    """The main thread holds the event's own lock, as it does for a moment in each of its waits."""
    stop = threading.Event()
    with _signals(stop):
        with stop._cond:  # type: ignore[attr-defined]
            os.kill(os.getpid(), signal.SIGTERM)
            assert not stop.is_set()
        assert stop.wait(60)


def test_with_its_end_the_handlers_are_those_of_before_and_no_thread_stays():
    before, stop = signal.getsignal(signal.SIGTERM), threading.Event()
    with _signals(stop):
        heeding = [one for one in threading.enumerate() if one.name == "signals"][-1]  # the last test's may be ending
        assert signal.getsignal(signal.SIGTERM) is not before
    heeding.join(60)

    assert (heeding.is_alive(), stop.is_set()) == (False, False)
    assert signal.getsignal(signal.SIGTERM) is before
