"""How much of a vendor's published limit is ours: a token bucket and a bound on calls under way, a credential each.

Incident tooling shares these limits, so the default is half of what the vendor publishes, and a modest rate where it
publishes nothing. While tokens are there nobody waits; after a quiet time one period may therefore hold `burst` more.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from collectors.errors import Throttled

LONGEST_WAIT = 5.0  # seconds; a source that asks for a longer pause is throttled, which is an answer too


@dataclass(frozen=True)
class Share:
    """What one credential may use of calls to `vendor` whose path matches; no rate is `per_second` None."""

    vendor: str
    per_second: float | None
    burst: int = 1
    at_once: int = 16
    path: str = ".*"

    def covers(self, vendor: str, path: str) -> bool:
        return self.vendor == vendor and re.fullmatch(self.path, path) is not None

    def told(self) -> str:
        rate = f"{self.per_second * 60:g} calls a minute, " if self.per_second is not None else ""
        return f"{rate}{self.at_once} at once"


SHARES = (  # the first that covers a call counts
    # published: 10 in 10 s. One review searches about seven times; whoever comes after it may be told to wait 4 s
    Share("datadog", 0.5, burst=8, path="/api/v2/logs/events/search"),
    Share("datadog", 5, burst=60),
    Share("pagerduty", 8, burst=120),  # published: 960 a minute
    Share("launchdarkly", 5, burst=60, at_once=8),  # not published, over ten seconds, shared by all tokens
    Share("langsmith", 2, burst=30, at_once=8),
    Share("github", 1, burst=60, at_once=8),
    Share("slack", 0.5, burst=20, at_once=4),
    Share("okta", 1, burst=30, at_once=4),
    Share("aws", None, at_once=64),  # no number to halve: botocore backs off by itself
)


@dataclass
class Gate:
    """The turns of one credential, for which nobody waits longer than `longest`. Thread-safe; times are in seconds."""

    share: Share
    longest: float = LONGEST_WAIT
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        self._lock, self._slots = threading.Lock(), threading.BoundedSemaphore(self.share.at_once)
        self._tokens, self._at = float(self.share.burst), self.now()

    @contextmanager
    def turn(self, told: str) -> Iterator[None]:
        """Wait for a turn, at most `longest` in all; Throttled, naming the call as `told`, when it takes longer."""
        wait = self._reserve(told)
        if wait:
            self.sleep(wait)
        if not self._slots.acquire(timeout=self.longest - wait):
            raise self._busy(told, "calls under way have not come back")
        try:
            yield
        finally:
            self._slots.release()

    def _reserve(self, told: str) -> float:
        """Seconds until the token that is now ours is there. Whoever gives up takes none."""
        rate = self.share.per_second
        if rate is None:
            return 0.0
        with self._lock:
            now = self.now()
            self._tokens, self._at = min(self.share.burst, self._tokens + (now - self._at) * rate), now
            wait = max(0.0, (1 - self._tokens) / rate)
            if wait > self.longest:
                raise self._busy(told, f"it is used up for another {wait:.0f} s")
            self._tokens -= 1
        return wait

    def _busy(self, told: str, why: str) -> Throttled:
        return Throttled(
            f"{told} was not asked: Clearance keeps to its share of the limit ({self.share.told()}), and {why}",
            advice="Check this item again in a minute; fewer reviews at once leave more for each.",
        )  # fmt: skip


@dataclass
class Limits:
    """The gates of one process, one for each share and credential. Hand the same object to whatever runs at once."""

    shares: Sequence[Share] = SHARES
    _gates: dict[tuple[Share, str], Gate] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def gate(self, vendor: str, credential: str, path: str) -> Gate | None:
        """None where no share covers the call, which is then not bound."""
        share = next((s for s in self.shares if s.covers(vendor, path)), None)
        if share is None:
            return None
        with self._lock:
            if (share, credential) not in self._gates:
                self._gates[share, credential] = Gate(share)
            return self._gates[share, credential]
