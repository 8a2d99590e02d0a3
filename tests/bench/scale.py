"""A hundred thousand subjects, on paper and by simulation: calls, hours, rows and bytes a day, for docs/scale.md.

python -m tests.bench.scale            (`python -m tests.bench.scale --write` puts them into docs/scale.md)

Calls: waves of a thousand, each by the bound that `make bench` holds a sweep against, and what the lists of so much
larger an account cost each (`tests/bench/waves.py`). Questions: those of the worked example's card at its gate. Hours:
so many calls through the product's own gates, on a clock of their own.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.configuration import Configuration
from agent.workflow import frozen, planning
from collectors.rate import SHARES, Gate, Share
from tests.bench import waves
from tests.bench.calls import BOUND
from tests.builders import ROOT

SUBJECTS = 100_000
LATENCY = 0.1  # seconds of a call
PAGE = ROOT / "docs" / "scale.md"
WORLD, SUBJECT, GATE = ROOT / "config" / "worlds" / "put-right" / "overlay", "finance-invoice-recon", "pilot-to-prod"
SIMULATED = 4_000  # calls that are let through a gate one by one; at the same pace the rest follows
DAYS = 7  # every subject is swept once in so many
CHANGED = (0.02, 0.05, 0.2)  # of the subjects, from one sweep to the next


@dataclass(frozen=True)
class Limit:
    """One of a vendor's limits. `path` is one that counts against it; `published` calls a second, None = no number.

    `types` are those of a card's questions, `parts` those of the bound that they cost.
    """

    name: str
    vendor: str
    path: str
    types: tuple[str, ...]
    parts: tuple[str, ...]
    published: float | None = None

    @property
    def share(self) -> Share:
        return next(share for share in SHARES if share.covers(self.vendor, self.path))


PAGERDUTY = ("pagerduty.on_call", "pagerduty.incidents")
FLAGS = ("launchdarkly.flag", "launchdarkly.flag_history", "launchdarkly.flag_evaluation")
DASHBOARDS = ("datadog.dashboard", "datadog.dashboard_views")
REST = ("datadog.metric", "datadog.monitors", "datadog.log_archives")
LIMITS = (
    Limit("PagerDuty, a key", "pagerduty", "/services", PAGERDUTY, PAGERDUTY, 960 / 60),
    Limit("LaunchDarkly, an account", "launchdarkly", "/api/v2/flags", FLAGS, ("launchdarkly",)),
    Limit("Datadog, log search", "datadog", "/api/v2/logs/events/search",
          ("datadog.logs",), ("datadog.logs",), 10 / 10),
    Limit("Datadog, the rest", "datadog", "/api/v1/monitor", (*DASHBOARDS, *REST), ("datadog.dashboard", *REST)),
    Limit("AWS S3", "aws", "s3:GetBucketVersioning", ("s3.retention",), ("s3.retention",)),
    Limit("AWS Secrets Manager", "aws", "secretsmanager:DescribeSecret", ("aws.secret_rotation",),
          ("aws.secret_rotation",)),
    Limit("AWS IAM", "aws", "iam:GetRole", ("aws.iam",), ("aws.iam",)),
)  # fmt: skip


@dataclass(frozen=True)
class Growth:
    """What one subject adds to the store in a sweep. `tests/bench/test_scale.py` measures it again."""

    rows: int
    bytes: int


REVIEWED = Growth(rows=60, bytes=90_000)  # something came of it: evidence, a review, its checkpoint, its notices
UNCHANGED = Growth(rows=40, bytes=20_000)  # its evidence fetched anew, and a line


def questions() -> Counter[str]:
    """How many different questions of each type the worked example asks."""
    own = Configuration(ROOT / "config", WORLD)
    scope = frozen.scope_over(
        own.gate(GATE), own.card(SUBJECT).raw, own.people().model_dump(mode="json"),
        datetime.fromisoformat("2026-06-17T10:00:00-04:00"),
    )  # fmt: skip
    rows = planning.plan(own.gate(GATE), scope).bound
    return Counter({row.key or f"{row.name}:{row.index}": row.type for row in rows if row.state != "missing"}.values())


def calls(limit: Limit, n: int = SUBJECTS) -> int:
    """Of a sweep of so many thousands, in waves of a thousand."""
    return sum(waves.count(n) * BOUND[part](waves.MOST) + waves.more(part, n) for part in limit.parts)


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def seconds(share: Share, count: int) -> float:
    """How long the product's own gate makes so many calls take; where it sets no pace, the places for calls do."""
    clock = Clock()
    gate = Gate(share, longest=float("inf"), now=clock.now, sleep=clock.sleep)
    for _ in range(min(count, SIMULATED)):
        with gate.turn("simulated"):
            pass
    more = max(0, count - SIMULATED)
    paced = clock.at + (more / share.per_second if share.per_second else 0.0)
    return max(paced, count * LATENCY / share.at_once)


def tables() -> str:
    return "\n\n".join(("\n".join(_calls()), "\n".join(_store())))


def _calls() -> Iterator[str]:
    yield f"| Limit | Calls for {SUBJECTS:,} | Published | Hours at that | Our share | Hours at ours |"
    yield "|---|---|---|---|---|---|"
    for limit in LIMITS:
        count = calls(limit)
        published = f"{limit.published * 60:g} a minute" if limit.published else "no number"
        at_most = _hours(count / limit.published) if limit.published else ""
        yield (
            f"| {limit.name} | {count:,} | {published} | {at_most} | {limit.share.told()} | "
            f"{_hours(seconds(limit.share, count))} |"
        )
    slowest = max(LIMITS, key=lambda one: seconds(one.share, calls(one)))
    total, longest = sum(calls(one) for one in LIMITS), _hours(seconds(slowest.share, calls(slowest)))
    yield f"| All, side by side | {total:,} | | | {slowest.name} decides | {longest} |"


def _store() -> Iterator[str]:
    yield "| Of a sweep's subjects changed | Reviews a day | Rows a day | Bytes a day | Bytes a year |"
    yield "|---|---|---|---|---|"
    a_day = SUBJECTS / DAYS
    for share in CHANGED:
        reviewed, unchanged = a_day * share, a_day * (1 - share)
        rows = reviewed * REVIEWED.rows + unchanged * UNCHANGED.rows
        size = reviewed * REVIEWED.bytes + unchanged * UNCHANGED.bytes
        yield (f"| {share:.0%} | {reviewed:,.0f} | {rows:,.0f} | {size / 1e6:,.0f} MB | {size * 365 / 1e9:,.0f} GB |")


def _hours(value: float) -> str:
    return f"{value / 3600:.1f}"


def written(page: str, new: str) -> str:
    """The page with these tables in the place of the ones between its marks."""
    return re.sub(r"(<!-- tables -->\n).*(<!-- end -->)", lambda m: m[1] + new + "\n" + m[2], page, flags=re.DOTALL)


def main(arguments: Sequence[str]) -> None:
    print(tables())
    if "--write" in arguments:
        path = Path(PAGE)
        path.write_text(written(path.read_text(encoding="utf-8"), tables()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
