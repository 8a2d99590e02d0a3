"""What a sweep costs: calls and seconds for N subjects of one account, at 50 ms a call. Prints, asserts nothing.

python -m tests.bench.collect [TYPE …] [N …]          (make bench-collect: all types; N = 1, 10, 100, 1000)

`naive` is N times what one subject alone takes, `bound` the fewest calls in which the vendor's list and grouped calls
could answer, by the sizes of its pages. `share` is how long our own share of the vendor's limit makes that many calls
take: it is reckoned, and the seconds are measured without it. Where it is the longer of the two, it is marked `!`.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from agent import resources
from collectors.connections import (
    AwsAccess,
    Connections,
    DatadogAccess,
    GitHubAccess,
    LangSmithAccess,
    LaunchDarklyAccess,
    OktaAccess,
    PagerDutyAccess,
    SlackAccess,
)
from collectors.evidence import Call, Evidence
from collectors.rate import SHARES, Limits
from collectors.registry import REQUESTS
from collectors.sandbox.server import Asked, Reply, StandIn, serve
from collectors.sandbox.start import STAND_INS
from collectors.sandbox.world import World, load_world
from tests.bench import fleet
from tests.bench.fleet import Made
from tests.bench.fleet_more import MORE
from tests.bench.fleet_shared import SHARED

LATENCY = 0.05  # seconds
SIZES = (1, 10, 100, 1000)
ROWS = fleet.ROWS | MORE | SHARED
LINE = "{:<29}{:>6}{:>8}{:>9}{:>10}{:>14}{:>9}{:>7}{:>11}"


@dataclass(frozen=True)
class Took:
    """`naive` and `bound` are calls; times in seconds."""

    calls: int
    seconds: float
    answered: int
    naive: int
    naively: float
    bound: int
    share: float
    gaps: str = ""

    def line(self, name: str, n: int) -> str:
        mark = "!" if self.share > self.seconds else " "
        return LINE.format(
            name, n, self.calls, f"{self.seconds:.2f}", self.answered, self.naive, f"{self.naively:.1f}", self.bound,
            f"{self.share:.0f} s{mark}",
        ) + self.gaps  # fmt: skip


def main(types: Sequence[str], sizes: Sequence[int]) -> None:
    print(f"{LATENCY * 1000:.0f} ms a call; ! = our own share of the vendor's limit decides how long it takes")
    print(LINE.format("request", "N", "calls", "seconds", "evidence", "naive calls", "seconds", "bound", "share"))
    for type_ in types:
        measure(type_, 1, None)  # imports the vendor's client, which is no part of a sweep
    alone = {type_: measure(type_, 1, None) for type_ in types}
    whole: dict[int, list[Took]] = {n: [] for n in sizes}
    for type_ in types:
        for n in sizes:
            whole[n].append(measure(type_, n, alone[type_]))
            print(whole[n][-1].line(type_, n), flush=True)
    for n, rows in whole.items() if len(types) > 1 else ():
        print(together(rows).line(f"all {len(rows)} of a subject", n))


def together(rows: Sequence[Took]) -> Took:
    """Types are asked side by side, so that the slowest decides; one by one they would follow each other."""
    return Took(
        calls=sum(row.calls for row in rows), seconds=max(row.seconds for row in rows),
        answered=sum(row.answered for row in rows), naive=sum(row.naive for row in rows),
        naively=sum(row.naively for row in rows), bound=sum(row.bound for row in rows),
        share=max(row.share for row in rows),
    )  # fmt: skip


def measure(type_: str, n: int, alone: Took | None) -> Took:
    """One batch of N questions."""
    row, calls = ROWS[type_], list[Call]()
    with running(type_, n) as (world, url):
        conn = Connections(
            clock=lambda: world.clock, limits=Limits(()), observe=lambda _, call: calls.append(call),
            **{row.vendor: access(row.vendor, world, url)},
        )  # fmt: skip
        asks = [row.ask(i) for i in range(n)]
        began = time.monotonic()
        answers = REQUESTS[type_].collector()(conn, asks)
        seconds = time.monotonic() - began
    gaps = {answer.what for answer in answers if not isinstance(answer, Evidence)}
    one = alone or Took(len(calls), seconds, 1, 0, 0, 0, 0)
    return Took(
        calls=len(calls), seconds=seconds, answered=sum(isinstance(answer, Evidence) for answer in answers),
        naive=n * one.calls, naively=n * one.seconds, bound=row.bound(n), share=by_our_share(row.vendor, calls),
        gaps=f"  e.g. {min(gaps)}" if gaps else "",
    )  # fmt: skip


def by_our_share(vendor: str, calls: Sequence[Call]) -> float:
    """How long these calls take at the rate that we keep to, once the burst is used up."""
    used = Counter(next(share for share in SHARES if share.covers(vendor, call.path)) for call in calls)
    return max((max(0, count - s.burst) / s.per_second for s, count in used.items() if s.per_second), default=0.0)


def access(vendor: str, world: World, url: str) -> Any:
    keys = world.credentials
    return {
        "pagerduty": PagerDutyAccess(keys.pagerduty_token, url),
        "launchdarkly": LaunchDarklyAccess(
            keys.launchdarkly_token, url, sdk_keys=keys.launchdarkly_sdk_keys, sdk_url=url
        ),
        "datadog": DatadogAccess(keys.datadog_api_key, keys.datadog_app_key, url),
        "aws": AwsAccess(keys.aws_access_key, keys.aws_secret_key, endpoint_url=url),
        "langsmith": LangSmithAccess(keys.langsmith_api_key, url),
        "github": GitHubAccess(keys.github_token, url),
        "slack": SlackAccess(keys.slack_token, url),
        "okta": OktaAccess(keys.okta_token, url),
    }[vendor]


@contextmanager
def running(type_: str, n: int) -> Iterator[tuple[World, str]]:
    """The vendor's stand-in with N subjects, in a process of its own: what it costs is not ours."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=stand_in, args=(type_, n, theirs), daemon=True)
    process.start()
    try:
        yield made(type_, n), ours.recv()
    finally:
        ours.send("enough")
        process.join(timeout=10)


def made(type_: str, n: int) -> Made:
    row = ROWS[type_]
    shipped = load_world(resources.folder("config") / "worlds/as-written")
    data = shipped.vendor(row.vendor)
    row.fill(data, n)
    return Made(**shipped.model_dump(), data=data)


def stand_in(type_: str, n: int, pipe: Connection) -> None:
    """Serve until told that it is enough."""
    server = serve(Late(STAND_INS[ROWS[type_].vendor](made(type_, n))))
    pipe.send(server.url)
    pipe.recv()
    server.close()


@dataclass(frozen=True)
class Late:
    """Every answer as from the other end of a line."""

    inner: StandIn

    def answer(self, asked: Asked) -> Reply:
        time.sleep(LATENCY)
        return self.inner.answer(asked)


if __name__ == "__main__":
    given = sys.argv[1:]
    main([one for one in given if one in ROWS] or list(ROWS), [int(one) for one in given if one.isdigit()] or SIZES)
