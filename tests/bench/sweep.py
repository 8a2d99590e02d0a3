"""2: wall time, CPU and memory of a sweep of a thousand subjects and of ten thousand, with template drafts."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.home import home
from tests.bench.table import Row

SIZES, KEPT = (1000, 10_000), 60
WALL, CPU, MEMORY = 20.0, 20.0, 200.0  # seconds for a thousand; ms a review; MB


def rows(*sizes: int) -> Iterator[Row]:
    """First what our own work takes, held back by nobody's limit; then a small one within every limit."""
    walls: list[float] = []
    for n in sizes or SIZES:
        with home(n, enforced=False) as at:
            told = at.measured("tests.bench.swept", str(n), "free")
        walls.append(told["wall"])
        note = f"{told['reviewed']:,} reviewed, {told['calls']:,} calls; held back by no limit"
        yield Row("2", f"sweep of {n:,} subjects, by the clock", told["wall"], "s", WALL * n / 1000, note=note)
        yield Row("2", "  CPU a review", told["cpu"] * 1000 / n, "ms", CPU)
        yield Row("2", "  peak memory", told["peak_mb"], "MB", MEMORY if n <= 1000 else None)
    if len(walls) > 1:
        asked = sizes or SIZES
        times = asked[-1] / asked[0]
        what = f"{asked[-1]:,} subjects in so many times the time of {asked[0]:,}"
        yield Row("2", what, walls[-1] / walls[0], "x", times)
    yield from kept()


def kept(n: int = KEPT) -> Iterator[Row]:
    """Within the limits that the vendors publish, which the stand-ins enforce."""
    with home(n) as at:
        told = at.measured("tests.bench.swept", str(n))
        refused = at.refused()
    note = f"{n} subjects in {told['wall']:.0f} s, {told['calls']} calls, {told['blind']} blind sources"
    yield Row("2", "calls that a vendor refused for its limit", refused, "", 0, note=note)
