"""Homes with and without reviews, both databases, and LaunchDarkly's stream with a hand on the flag."""

from __future__ import annotations

import gc
import time
import warnings
from collections.abc import Callable, Iterator

import pytest

from collectors.sandbox.server import Running, serve
from tests.acceptance.conftest import as_written, as_written_world, prepared, put_right, put_right_world
from tests.fleet.conftest import engine, postgres, server, url
from tests.switch.flag_server import FlagServer

__all__ = [
    "as_written", "as_written_world", "engine", "postgres", "prepared", "put_right", "put_right_world", "server", "url",
]  # fmt: skip


@pytest.fixture
def flags() -> FlagServer:
    return FlagServer()


@pytest.fixture
def stream(flags: FlagServer) -> Iterator[Running]:
    running = serve(flags)
    yield running
    flags.leave()
    running.close()
    with warnings.catch_warnings():  # the SDK leaves the socket of a stream that it closes to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def until(so: Callable[[], bool], seconds: float = 120) -> None:
    """Looks again and again, and fails when it is not so in time."""
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.01)
