"""Processes that a test starts and stays beside: nobody waits for one without an end, whatever it does or does not."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any

from tests.stem import Beside

Process = subprocess.Popen[Any] | Beside
LONGEST = 120.0  # seconds; processes start slowly on a busy machine, and one that hangs is to be told, not waited for


@contextmanager
def started(command: Sequence[str], within: float = LONGEST, **how: Any) -> Iterator[subprocess.Popen[Any]]:
    """As `subprocess.Popen`, whose own end waits for ever. Here its input is closed, and it has `within` seconds to
    end; TimeoutExpired where it does not. It is killed then, and at once where the test itself failed.
    """
    with subprocess.Popen(command, **how) as process, _its_end(process, within):
        yield process


@contextmanager
def beside(module: str, *arguments: str, within: float = LONGEST, **how: Any) -> Iterator[Beside]:
    """The same of a process that is forked from one that has loaded the code."""
    with Beside(module, *arguments, **how) as process, _its_end(process, within):
        yield process


@contextmanager
def _its_end(process: Process, within: float) -> Iterator[None]:
    try:
        yield
        if process.stdin:
            with suppress(BrokenPipeError):
                process.stdin.close()
        process.wait(within)
    finally:
        process.kill()


@contextmanager
def ended_with_the_test(command: Sequence[str], **how: Any) -> Iterator[subprocess.Popen[Any]]:
    """One that would stay: it is killed, however the test ends."""
    with subprocess.Popen(command, **how) as process:
        try:
            yield process
        finally:
            process.kill()


def next_line(process: Process, of: IO[Any] | None = None, within: float = LONGEST) -> Any:
    """The next line that it says; where none comes in time it is killed and the test fails."""
    said: list[Any] = []
    pipe = of or process.stdout
    assert pipe
    reading = threading.Thread(target=lambda: said.append(pipe.readline()), daemon=True)
    reading.start()
    reading.join(within)
    if not said:
        process.kill()
    assert said, f"{process.args} said nothing for {within:.0f} s"
    return said[0]
