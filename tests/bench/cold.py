"""7: how long a command takes from nothing, when it reads nothing (`--help`) and when it looks at the store."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from tests.bench.home import ROOT, installed
from tests.bench.table import Row

TIMES, AIM = 7, 250  # ms
COMMANDS = {"clearance --help": ("--help",), "clearance status": ("status",)}


def rows(times: int = TIMES) -> Iterator[Row]:
    """The median of several, after one that warms the files."""
    with tempfile.TemporaryDirectory() as home:
        env = {**installed(), "CLEARANCE_HOME": home}
        for name, words in COMMANDS.items():
            took = sorted(_seconds(words, env) for _ in range(times + 1))
            wall, cpu = (statistics.median(one) * 1000 for one in zip(*took[:-1], strict=True))
            yield Row("7", f"cold start of {name}", wall, "ms", AIM, note=f"of it {cpu:.0f} ms CPU")


def _seconds(words: tuple[str, ...], env: dict[str, str]) -> tuple[float, float]:
    """By the clock, and of CPU."""
    began, before = time.perf_counter(), ended_cpu()
    subprocess.run([sys.executable, "-m", "agent", *words], cwd=ROOT, env=env, capture_output=True, check=True)
    return time.perf_counter() - began, ended_cpu() - before


def ended_cpu() -> float:
    """Seconds of CPU of every process that we started and that has ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
