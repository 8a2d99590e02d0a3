"""What a sweep costs: calls and seconds for N subjects of one account, at 50 ms a call. Prints, asserts nothing.

python -m tests.bench.collect [N …]          (make bench-collect)

Each stand-in holds N subjects of its own; `one by one` is N times what one subject alone takes, and `pages` the fewest
calls in which the vendor's list and grouped calls could answer, by the sizes of its pages.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import yaml

from agent import resources
from collectors.aws.facts import RetentionAsk
from collectors.connections import AwsAccess, Connections, DatadogAccess, PagerDutyAccess
from collectors.datadog.facts import MetricAsk
from collectors.evidence import Call, Evidence, Request, Window
from collectors.pagerduty.facts import OnCallAsk
from collectors.rate import Limits
from collectors.registry import REQUESTS
from collectors.sandbox.faults import Fault, FaultProxy
from collectors.sandbox.server import serve
from collectors.sandbox.start import STAND_INS
from collectors.sandbox.world import World, load_world

WORLD = resources.folder("config") / "worlds/as-written"
LATENCY = 0.05  # seconds
Data = dict[str, Any]


@dataclass(frozen=True)
class Bench:
    """One request type: N subjects in the account's data, their questions, and the fewest calls that could do."""

    vendor: str
    fill: Callable[[Data, int], None]
    asks: Callable[[World, int], list[Request]]
    pages: Callable[[int], int]
    access: Callable[[World, str], object]


@dataclass(frozen=True)
class Took:
    calls: int
    seconds: float
    answered: int
    gaps: str


def main(sizes: Sequence[int]) -> None:
    print(f"{LATENCY * 1000:.0f} ms a call; only the last column keeps to our share of the vendor's limit")
    head = ("request", "N", "calls", "seconds", "evidence", "one by one: calls", "seconds", "pages", "with our share")
    print("{:<18}{:>6}{:>8}{:>9}{:>10}{:>19}{:>9}{:>7}{:>16}".format(*head))
    for type_, bench in BENCHES.items():
        alone = measure(bench, 1, Limits(()))
        for n in sizes:
            print(row(type_, bench, n, alone), flush=True)


def row(type_: str, bench: Bench, n: int, alone: Took) -> str:
    free = measure(bench, n, Limits(()))
    bound = measure(bench, n, Limits())
    shared = f"{bound.seconds:.2f} s" if bound.answered == n else f"{bound.answered} answered"
    return (
        f"{type_:<18}{n:>6}{free.calls:>8}{free.seconds:>9.2f}{free.answered:>10}"
        f"{n * alone.calls:>19}{n * alone.seconds:>9.2f}{bench.pages(n):>7}{shared:>16}{free.gaps}"
    )


def measure(bench: Bench, n: int, limits: Limits) -> Took:
    """One batch of N questions."""
    calls: list[Call] = []
    with running(bench, n) as (world, url):
        conn = Connections(
            clock=lambda: world.clock, limits=limits, observe=lambda _, call: calls.append(call),
            **{bench.vendor: bench.access(world, url)},  # type: ignore[arg-type]
        )  # fmt: skip
        asks = bench.asks(world, n)
        began = time.monotonic()
        answers = REQUESTS[asks[0].type].collector()(conn, asks)
        seconds = time.monotonic() - began
    gaps = {answer.what for answer in answers if not isinstance(answer, Evidence)}
    answered = sum(isinstance(answer, Evidence) for answer in answers)
    return Took(len(calls), seconds, answered, f"  e.g. {min(gaps)}" if gaps else "")


@contextmanager
def running(bench: Bench, n: int) -> Iterator[tuple[World, str]]:
    """The vendor's stand-in with N subjects, every answer late."""
    with tempfile.TemporaryDirectory() as folder:
        world = load_world(WORLD)
        data = world.vendor(bench.vendor)
        bench.fill(data, n)
        (Path(folder) / f"{bench.vendor}.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
        world = world.model_copy(update={"folder": Path(folder)})
        behind = serve(STAND_INS[bench.vendor](world))
        proxy = FaultProxy(behind.url)
        proxy.set(Fault(kind="delay", seconds=LATENCY))
        front = serve(proxy)
        try:
            yield world, front.url
        finally:
            proxy.set()
            front.close()
            behind.close()


def services(data: Data, n: int) -> None:
    """Each subject with a service, a policy and two schedules of its own, and the same three people."""
    schedules, policy, service = deepcopy(data["schedules"][:2]), data["policies"][0], data["services"][0]
    for i in range(n):
        primary, backup = ({**schedule, "id": f"{schedule['id']}{i}"} for schedule in schedules)
        levels = [
            {**level, "id": f"{level['id']}{i}", "targets": [target["id"]]}
            for level, target in zip(policy["levels"], (primary, backup), strict=True)
        ]
        data["schedules"] += [primary, backup]
        data["policies"].append({**policy, "id": f"PINVPOL{i}", "name": f"subject-{i}", "levels": levels})
        data["services"].append({**service, "id": f"PINVREC{i}", "name": f"subject-{i}", "policy": f"PINVPOL{i}"})


def rotas(world: World, n: int) -> list[Request]:
    window = Window.model_validate({"start": "2026-06-13T00:00:00-04:00", "end": "2026-06-27T00:00:00-04:00"})
    return [
        OnCallAsk(service=f"PINVREC{i}", primary=f"PINVPRI{i}", backup=f"PINVBAK{i}", window=window) for i in range(n)
    ]


def metrics(data: Data, n: int) -> None:
    data["metrics"] += [{**data["metrics"][1], "name": f"subject_{i}.acceptance"} for i in range(n)]


def acceptance(world: World, n: int) -> list[Request]:
    window = Window.model_validate({"start": "2026-05-13T00:00:00-04:00", "end": "2026-06-12T00:00:00-04:00"})
    return [MetricAsk(query=f"avg:subject_{i}.acceptance{{env:production}}", window=window) for i in range(n)]


def tagged(data: Data, n: int) -> None:
    """One metric for all, each subject with a tag and a few runs of its own."""
    hours = {"days": [0, 1, 2, 3, 4], "start": 8, "end": 18}
    data["runs"] += [
        {"tags": {"env": "production", "subject": f"s{i}"}, "since": "2026-05-04", "hours": hours, "every": 36000}
        for i in range(n)
    ]


def latencies(world: World, n: int) -> list[Request]:
    window = Window.model_validate({"start": "2026-05-13T00:00:00-04:00", "end": "2026-06-12T00:00:00-04:00"})
    scope = "env:production,subject:s"
    return [MetricAsk(query=f"avg:invoice_recon.latency{{{scope}{i}}}", window=window) for i in range(n)]


def buckets(data: Data, n: int) -> None:
    data["buckets"] |= {f"subject-{i}-audit": deepcopy(data["buckets"]["acme-agent-audit"]) for i in range(n)}


def retentions(world: World, n: int) -> list[Request]:
    return [RetentionAsk(bucket=f"subject-{i}-audit", prefix="finance-invoice-recon/") for i in range(n)]


BENCHES = {
    # services with their policies, about six on-call entries each for the window, users: a hundred a page
    "pagerduty.on_call": Bench(
        "pagerduty", services, rotas, lambda n: ceil((n + 2) / 100) + ceil(6 * n / 100) + 1,
        lambda world, url: PagerDutyAccess(world.credentials.pagerduty_token, url),
    ),
    # each names a metric of its own: a value and its points, twenty queries in a request
    "datadog.metric": Bench(
        "datadog", metrics, acceptance, lambda n: 2 * ceil(n / 20),
        lambda world, url: DatadogAccess(world.credentials.datadog_api_key, world.credentials.datadog_app_key, url),
    ),
    # the same metric for all: a value and its points, each grouped by the subject's tag
    "metric, by tag": Bench(
        "datadog", tagged, latencies, lambda n: 2 * ceil(n / 500),
        lambda world, url: DatadogAccess(world.credentials.datadog_api_key, world.credentials.datadog_app_key, url),
    ),
    # no list call for lifecycle, lock or versioning
    "s3.retention": Bench(
        "aws", buckets, retentions, lambda n: 3 * n,
        lambda world, url: AwsAccess(world.credentials.aws_access_key, world.credentials.aws_secret_key,
                                     endpoint_url=url),
    ),
}  # fmt: skip


if __name__ == "__main__":
    main([int(n) for n in sys.argv[1:]] or [1, 10, 100])
