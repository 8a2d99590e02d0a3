"""One line of the table: what was measured, what is aimed at, and how the two compare."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path

LINE = "{:<4}{:<62}{:>14}{:>16}{:>8}  {}"


@dataclass(frozen=True)
class Row:
    """`measured` and `aim` in `unit`; smaller is better unless `at_least`. Without an aim it is only told."""

    bench: str
    what: str
    measured: float
    unit: str
    aim: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Up to 1 the aim is met."""
        if self.aim is None:
            return None
        if self.aim == 0:
            return 0.0 if self.measured == 0 else inf
        return self.aim / max(self.measured, 1e-9) if self.at_least else self.measured / self.aim

    def line(self) -> str:
        ratio = self.ratio
        aim = "" if self.aim is None else f"{'>=' if self.at_least else '<='} {_told(self.aim, self.unit)}"
        met = "" if ratio is None else "met" if ratio <= 1 else "NOT MET"
        told = "" if ratio is None else f"{ratio:.2f}"
        return LINE.format(self.bench, self.what, _told(self.measured, self.unit), aim, told, met).rstrip() + (
            f"\n      {self.note}" if self.note else ""
        )


def _told(value: float, unit: str) -> str:
    figure = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"
    return f"{figure} {unit}".strip()


def head() -> str:
    """The machine, the day, and how busy others kept it: what is measured on a busy machine is too slow."""
    load = os.getloadavg()[0]
    made = f"Python {platform.python_version()}, {os.cpu_count()} cores, {_processor()}, load {load:.1f}"
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    pace = f"yardstick {yardstick() * 1000:.0f} ms of CPU (about 105 where nothing else runs)"
    columns = LINE.format("", "what", "measured", "aim", "ratio", "").rstrip()
    return f"{when}, {made}; {pace}\nratio: up to 1.00 the aim is met\n{columns}"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")), "")


def yardstick() -> float:
    """Seconds of CPU for a fixed piece of work like ours: how fast a core is now, with what others do to its caches."""
    import json

    value = {f"a{i}": [{"x": j, "y": "z" * 20} for j in range(30)] for i in range(100)}
    began = time.process_time()
    for _ in range(60):
        json.loads(json.dumps(value))
    return time.process_time() - began


@dataclass
class Spent:
    """Seconds by the clock and of this process's CPU."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def spent() -> Iterator[Spent]:
    found, wall, cpu = Spent(), time.perf_counter(), time.process_time()
    yield found
    found.wall, found.cpu = time.perf_counter() - wall, time.process_time() - cpu


def show(rows: Iterable[Row]) -> None:
    for row in rows:
        print(row.line(), flush=True)
