"""7: how long a command takes from nothing, when it reads nothing (`--help`) and when it looks at the store."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from tests.bench.home import ROOT
from tests.bench.table import Row

TIMES, AIM = 7, 250  # ms
COMMANDS = {"clearance --help": ("--help",), "clearance status": ("status",)}


def rows(times: int = TIMES) -> Iterator[Row]:
    """The median of several, after one that warms the files."""
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "CLEARANCE_HOME": home, "PYTHONPATH": str(ROOT)}
        for name, words in COMMANDS.items():
            took = sorted(_seconds(words, env) for _ in range(times + 1))
            yield Row("7", f"cold start of {name}", statistics.median(took[:-1]) * 1000, "ms", AIM)


def _seconds(words: tuple[str, ...], env: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "agent", *words], cwd=ROOT, env=env, capture_output=True, check=True)
    return time.perf_counter() - began
