"""The vendors of N subjects, each in a process of its own, 50 ms away, with its published limit and its headers."""

from __future__ import annotations

import multiprocessing
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from collectors.sandbox.server import Asked, Reply, StandIn, reply_json, serve
from collectors.sandbox.start import STAND_INS
from tests.bench import subjects

LATENCY = 0.05  # seconds
VENDORS = ("pagerduty", "launchdarkly", "datadog", "aws")


@dataclass(frozen=True)
class Published:
    """So many calls in so many seconds, of those whose path matches; each that `apart` tells apart by itself."""

    calls: int
    seconds: float
    path: str = ".*"
    apart: str = ""


# AWS publishes no such number for what is asked here; it says "slow down" when it is too much.
LIMITS: Mapping[str, tuple[Published, ...]] = {
    "pagerduty": (Published(960, 60),),
    "datadog": (
        Published(10, 10, path="/api/v2/logs/events/search"), Published(100, 10, apart=r"/api/v\d/\w+"),
    ),
    "launchdarkly": (Published(100, 10),),  # not published; over ten seconds, shared by all tokens
}  # fmt: skip


@dataclass
class Vendor:
    """A stand-in at the other end of a line, which refuses what is beyond its limit and says how much is left."""

    name: str
    inner: StandIn
    enforced: bool = True
    calls: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    _heard: dict[tuple[Published, str], deque[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Asked) -> Reply:
        time.sleep(LATENCY)
        limit = next((one for one in LIMITS.get(self.name, ()) if re.fullmatch(one.path, asked.path)), None)
        with self._lock:
            self.calls[asked.path] += 1
        left, reset = self._take(limit, asked.path) if limit else (1, 0.0)
        headers = self._headers(limit, left, reset) if limit else {}
        if left < 0 and self.enforced:
            return reply_json({"error": "too many requests"}, 429, headers)
        reply = self.inner.answer(asked)
        return Reply(reply.status, reply.body, {**reply.headers, **headers}, reply.stream)

    def _take(self, limit: Published, path: str) -> tuple[int, float]:
        """How many calls are left, -1 = this one is too many; and in how many seconds one is free again."""
        found = re.match(limit.apart, path)
        with self._lock:
            heard = self._heard.setdefault((limit, found[0] if found else ""), deque())
            now = time.monotonic()
            while heard and heard[0] <= now - limit.seconds:
                heard.popleft()
            if len(heard) < limit.calls:
                heard.append(now)
                return limit.calls - len(heard), limit.seconds
            self.refused += self.enforced
            return -1, heard[0] + limit.seconds - now

    def _headers(self, limit: Published, left: int, reset: float) -> Mapping[str, str]:
        """As each vendor names them."""
        left, calls, wait = max(0, left), str(limit.calls), f"{reset + 1:.0f}"
        if self.name == "pagerduty":
            return {"ratelimit-limit": calls, "ratelimit-remaining": str(left), "ratelimit-reset": wait}
        if self.name == "datadog":
            return {
                "X-RateLimit-Limit": calls, "X-RateLimit-Period": f"{limit.seconds:.0f}", "X-RateLimit-Name": "sandbox",
                "X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": wait,
            }  # fmt: skip
        at = f"{(time.time() + reset) * 1000:.0f}"
        return {"X-Ratelimit-Global-Remaining": str(left), "X-Ratelimit-Reset": at}


@dataclass(frozen=True)
class Line:
    """A vendor's process: where it is reached, and the pipe to it."""

    url: str
    pipe: Connection

    def told(self) -> dict[str, Any]:
        """What it has counted so far: `refused` calls."""
        self.pipe.send("count")
        told: dict[str, Any] = self.pipe.recv()
        return told


@contextmanager
def running(n: int, *, enforced: bool = True) -> Iterator[tuple[subjects.Made, dict[str, Line]]]:
    """Every vendor of N subjects; ours is the only work in this process."""
    with ExitStack() as stack:
        yield subjects.world(0), {vendor: stack.enter_context(process(vendor, n, enforced)) for vendor in VENDORS}


@contextmanager
def process(vendor: str, n: int, enforced: bool = True) -> Iterator[Line]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_stand_in, args=(vendor, n, enforced, theirs), daemon=True)
    process.start()
    try:
        yield Line(ours.recv(), ours)
    finally:
        ours.send("enough")
        process.join(timeout=10)


def _stand_in(vendor: str, n: int, enforced: bool, pipe: Connection) -> None:
    """Serve until told that it is enough."""
    stand_in = Vendor(vendor, STAND_INS[vendor](subjects.world(n, (vendor,))), enforced)
    server = serve(stand_in)
    pipe.send(server.url)
    while pipe.recv() == "count":
        pipe.send({"refused": stand_in.refused, "calls": sum(stand_in.calls.values())})
    server.close()


def settings(world: subjects.Made, lines: Mapping[str, Line]) -> dict[str, str]:
    """The environment that points Clearance at these vendors."""
    keys = world.credentials
    url = {vendor: line.url for vendor, line in lines.items()}
    return {
        "CLEARANCE_CLOCK": world.clock.isoformat(),
        "PAGERDUTY_API_KEY": keys.pagerduty_token, "CLEARANCE_PAGERDUTY_URL": url["pagerduty"],
        "LAUNCHDARKLY_ACCESS_TOKEN": keys.launchdarkly_token, "CLEARANCE_LAUNCHDARKLY_URL": url["launchdarkly"],
        "LAUNCHDARKLY_SDK_KEY": next(iter(keys.launchdarkly_sdk_keys.values())),
        "CLEARANCE_LAUNCHDARKLY_SDK_URL": url["launchdarkly"],
        "DD_API_KEY": keys.datadog_api_key, "DD_APP_KEY": keys.datadog_app_key, "CLEARANCE_DATADOG_URL": url["datadog"],
        "AWS_ACCESS_KEY_ID": keys.aws_access_key, "AWS_SECRET_ACCESS_KEY": keys.aws_secret_key,
        "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": url["aws"],
    }  # fmt: skip
