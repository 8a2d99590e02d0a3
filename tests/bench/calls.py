"""1: how many calls a sweep of N subjects makes, against the fewest that could do and against asking for each alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from math import ceil

from tests.bench.home import Home, home
from tests.bench.table import Row

SIZES, AIM = (1, 10, 100, 1000), 1.1


def rows(*sizes: int) -> Iterator[Row]:
    """`naive` is what one subject alone costs, N times."""
    with home(max(sizes or SIZES), enforced=False) as at:
        alone = _calls(at, 1)
        for n in sizes or SIZES:
            calls = _calls(at, n)
            note = f"{calls:,} calls; bound {bound(n):,}, naive {alone * n:,}: {alone * n / calls:.1f} x fewer"
            yield Row("1", f"calls of a sweep of {n:,}, times the bound", calls / bound(n), "x", AIM, note=note)


def _calls(at: Home, n: int) -> int:
    """Of one sweep in a home of its own, which holds nothing yet."""
    with tempfile.TemporaryDirectory(dir=at.folder) as own:
        told = at.measured("tests.bench.swept", str(n), "free", env={"CLEARANCE_HOME": own})
    return int(told["calls"])


def bound(n: int) -> int:
    """The fewest calls that could answer for N of our subjects, by the sizes of these vendors' pages.

    What several types need of one list (services, flags) is asked once for all of them, queries over one window go
    together, and everything that a list does not hold is one call a subject.
    """
    return sum(part(n) for part in BOUND.values())


BOUND: Mapping[str, Callable[[int], int]] = {
    # services with their policies, six on-call entries each, the people, maintenance
    "pagerduty.on_call": lambda n: ceil((n + 2) / 100) + ceil(6 * n / 100) + 2,
    # what was created in the pilot and what is open now; the priorities
    "pagerduty.incidents": lambda n: ceil(2 * n / 100) + 2,
    # flags a hundred a page and all of an environment at once; the audit log of the pilot (a drill of each) twenty a
    # page, and one more: it names neither a total nor a next page, and may leave out what a role is not shown, so that
    # only a page with nothing new shows its end; and of each flag the two versions that prove a drill, which no list
    # holds
    "launchdarkly": lambda n: ceil((n + 2) / 100) + 1 + ceil((2 * n + 6) / 20) + 1 + 2 * n,
    # values and points over the pilot, grouped by the subject's tag, five hundred an answer; both once more from the
    # pilot to now for what ran after rotations (times are sparse: only the sum shows that no run is missing among the
    # points); and a value and its points around each drill, each at a time of its own
    "datadog.metric": lambda n: 4 * ceil(n / 500) + 2 * n,
    # each dashboard by itself, its widgets' queries together; who looked, a thousand events a page
    "datadog.dashboard": lambda n: n + 2 + ceil(4 * n / 1000) + 1,
    "datadog.monitors": lambda n: ceil((n + 2) / 1000) + 1,
    # three guardrails, a thousand events a page, and the bare page that ends each
    "datadog.logs": lambda n: 3 * (ceil(n / 1000) + 1),
    "datadog.log_archives": lambda n: 1,
    "aws.iam": lambda n: ceil((n + 1) / 1000) + 1,
    "s3.retention": lambda n: 4 * n,
    "aws.secret_rotation": lambda n: 2 * n + ceil((2 * n + 2) / 100),
}
