"""1: how many calls a sweep of N subjects makes, against the fewest that could do and against asking for each alone."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from tests.bench.home import home
from tests.bench.table import Row

SIZES, AIM = (1, 10, 100, 1000), 1.1


def rows(*sizes: int) -> Iterator[Row]:
    """`naive` is what one subject alone costs, N times."""
    with home(max(sizes or SIZES), enforced=False) as at:
        alone = 0
        for n in sizes or SIZES:
            told = at.measured("tests.bench.swept", str(n), "free", env={"CLEARANCE_HOME": str(at.folder / f"home{n}")})
            calls, alone = told["calls"], alone or told["calls"] // n
            note = f"{calls:,} calls; bound {bound(n):,}, naive {alone * n:,}: {alone * n / calls:.1f} x fewer"
            yield Row("1", f"calls of a sweep of {n:,}, times the bound", calls / bound(n), "x", AIM, note=note)


def bound(n: int) -> int:
    """The fewest calls in which these vendors' lists and grouped calls could answer for N of our subjects.

    By the sizes of their pages, as tests.bench.collect reckons them for each type alone: what several types need of
    one list (services, flags, monitors) is asked once for all of them.
    """
    return sum(part(n) for part in BOUND.values())


BOUND = {
    # services with their policies, a hundred a page; six on-call entries each, their users; maintenance windows
    "pagerduty.on_call": lambda n: ceil((n + 2) / 100) + ceil(6 * n / 100) + 2,
    # what was created in the pilot and what is open now; the priorities
    "pagerduty.incidents": lambda n: ceil(2 * n / 100) + 1 + 1,
    # flags a hundred a page; the audit log twenty a page; three turns each, whose versions no list holds
    "launchdarkly.flag": lambda n: ceil((n + 2) / 100),
    "launchdarkly.flag_history": lambda n: ceil((3 * n + 12) / 20) + 3 * n,
    "launchdarkly.flag_evaluation": lambda n: 1,
    # four metrics, grouped by the subject's tag, five hundred a query; runs once more around each rotation and each
    # drill, whose windows differ
    "datadog.metric": lambda n: 4 * ceil(n / 500),
    "datadog.metric around rotations and drills": lambda n: 3,
    # each dashboard by itself, its four widgets by queries of its own; three who look, a thousand events a page
    "datadog.dashboard": lambda n: n + ceil(4 * n / 100),
    "datadog.dashboard_views": lambda n: 2 + ceil(4 * n / 1000),
    "datadog.monitors": lambda n: ceil((n + 2) / 1000) + 1,
    "datadog.logs": lambda n: 3 * (ceil(n / 1000) + 1),
    "aws.identity": lambda n: ceil((n + 1) / 1000) + 1,
    "s3.retention": lambda n: 4 * n,
    "aws.secret_rotation": lambda n: 2 * n + ceil((2 * n + 2) / 100),
}
