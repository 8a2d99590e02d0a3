"""What 100 000 subjects would cost: the calls that were measured for 1000, sent through the real gates on a watch that
only goes on while somebody waits. Prints, asserts nothing.

python -m tests.bench.scale [SUBJECTS]
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from collectors.rate import Limits

CALLS = Path(__file__).resolve().parents[2] / "docs" / "calls.md"
ROW = re.compile(r"^\| `(?P<type>[\w.]+)` \|(?P<cells>.+)\|$", re.MULTILINE)
MEASURED = 1000  # subjects, in the column that is used
# On what path, as the gates know it, most calls of a type go out; the rest of a vendor's is one family each.
PATHS = {
    "datadog.logs": ("datadog", "/api/v2/logs/events/search"),
    "datadog.dashboard_views": ("datadog", "/api/v2/logs/events/search"),
    "datadog.dashboard": ("datadog", "/api/v1/dashboard/x"),
    "datadog.slo": ("datadog", "/api/v1/slo/x/history"),
    "s3.retention": ("aws", "s3:GetBucketVersioning"),
    "aws.secret_rotation": ("aws", "secretsmanager:DescribeSecret"),
    "aws.iam_keys": ("aws", "iam:ListAccessKeys"),
    "cloudtrail.rotations": ("aws", "cloudtrail:LookupEvents"),
    "aws.budget": ("aws", "budgets:DescribeBudget"),
}


@dataclass
class Watch:
    at: float = 0.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def measured() -> dict[str, int]:
    """By type, the calls of a sweep over 1000 subjects, as docs/calls.md has them."""
    rows = ROW.finditer(CALLS.read_text(encoding="utf-8"))
    return {row["type"]: int(row["cells"].split("|")[3]) for row in rows}


def hours(calls: dict[tuple[str, str], int]) -> dict[tuple[str, str], float]:
    """How long each gate takes to let so many calls through, one after the other, all gates at once."""
    took = {}
    for (vendor, path), count in calls.items():
        watch = Watch()
        gate = Limits(longest=float("inf"), now=watch.now, sleep=watch.sleep).gate(vendor, "c", path)
        for _ in range(count if gate else 0):
            assert gate
            with gate.turn("a call", path, longest=float("inf")):
                pass
        took[vendor, path] = watch.at / 3600
    return took


def main(subjects: int = 100_000) -> None:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for type_, count in measured().items():
        vendor = {"s3": "aws", "cloudtrail": "aws"}.get(type_.split(".")[0], type_.split(".")[0])
        sums[PATHS.get(type_, (vendor, f"/api/v2/{vendor}"))] += count * subjects // MEASURED
    print(f"| {'Limit':<46} | {'calls':>9} | {'hours at our share':>18} |\n|---|---|---|")
    for (vendor, path), took in sorted(hours(sums).items(), key=lambda row: -row[1]):
        print(f"| {f'{vendor} {path}':<46} | {sums[vendor, path]:>9} | {took:>18.1f} |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
