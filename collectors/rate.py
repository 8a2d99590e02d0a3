"""How much of a vendor's published limit is ours: a token bucket and a bound on calls under way, a credential each.

Incident tooling shares these limits, so the default is half of what the vendor publishes, and a modest rate where it
publishes nothing. While tokens are there nobody waits; after a quiet time one period may therefore hold `burst` more.
A vendor that answers one call with "too many" holds back every other call of that credential until it said to return.
A source that leaves call after call hanging is left alone for a while, so that it costs its own questions and not the
time of all others: they are gaps that say so.
Where several processes ask with one credential, a ledger that they share holds its tokens and what it was told to wait;
calls under way, and who is left hanging, each process counts for itself.
Who has more time than others, as a sweep has, comes after those who have not: it takes a token where one is there and
leaves some, and reserves none ahead of them.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from collectors.errors import SourceError, Throttled, Unreachable

LONGEST_WAIT = 5.0  # seconds; a source that asks for a longer pause is throttled, which is an answer too
LONGEST_HOLD = 60.0  # seconds; then one call asks anew, so that a reset that makes no sense shuts no source for good
LOOK = 0.5  # seconds between looks at what other processes were told to wait, or for a token that others leave
HANGING = 1.0  # seconds after which a call that failed was waited for
IN_A_ROW = 6  # calls left hanging, with none answered in between: two questions, each asked three times
LEFT_ALONE = 30.0  # seconds; then one more that hangs is enough
REMAINING = (  # how vendors call what is left of a limit
    "ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining", "x-ratelimit-global-remaining",
    "x-ratelimit-route-remaining",
)  # fmt: skip
JITTER = 0.1  # seconds at most on top of what a vendor asks for, so that our threads do not all come back at once


class Ledger(Protocol):
    """What all processes that use a credential know of its limit. `key` names it; it holds no secret. Never raises."""

    def reserve(self, key: str, per_second: float, burst: int, most: float, leave: int = 0) -> float | None:
        """Seconds until a token that is now ours is there; None, and none taken, where that is longer than `most`.

        With `leave`, until it is there and so many besides.
        """

    def hold(self, key: str, seconds: float) -> None:
        """No call of this limit is to be sent for so long."""

    def held(self, key: str) -> float:
        """Seconds for which that is still so, at most 0 where it is not."""


@dataclass(frozen=True)
class Share:
    """What one credential may use of calls to `vendor` whose path matches; no rate is `per_second` None.

    `limit` finds in a path which of several limits it counts against, where the vendor keeps more than one.
    """

    vendor: str
    per_second: float | None
    burst: int = 1
    at_once: int = 16
    path: str = ".*"
    limit: str = ""

    def covers(self, vendor: str, path: str) -> bool:
        return self.vendor == vendor and re.fullmatch(self.path, path) is not None

    def limit_of(self, path: str) -> str:
        found = re.match(self.limit, path) if self.limit else None
        return found[0] if found else ""

    @property
    def kept(self) -> int:
        """How many tokens whoever has time leaves there for those who have not."""
        return self.burst // 4

    def told(self) -> str:
        rate = f"{self.per_second * 60:g} calls a minute, " if self.per_second is not None else ""
        return f"{rate}{self.at_once} at once"


SHARES = (  # the first that covers a call counts
    # A burst and what is refilled in the vendor's own period stay together within what it publishes.
    # published: 10 in 10 s. One review searches about seven times; whoever comes after it may be told to wait
    Share("datadog", 0.3, burst=7, path="/api/v2/logs/events/search"),
    Share("datadog", 5, burst=50, limit=r"/api/v\d/\w+"),  # published a family of calls each, mostly 100 in 10 s
    Share("pagerduty", 8, burst=120),  # published: 960 a minute
    Share("launchdarkly", 5, burst=60, at_once=8),  # not published, over ten seconds, shared by all tokens
    Share("langsmith", 2, burst=30, at_once=8),
    Share("github", 1, burst=60, at_once=8),
    Share("slack", 0.5, burst=20, at_once=4),
    Share("okta", 1, burst=30, at_once=4),
    Share("aws", 1, at_once=4, path="cloudtrail:LookupEvents"),  # published: 2 a second for an account and Region
    Share("aws", None, at_once=64, path="s3:.*"),  # no number to halve: it says "slow down", and all of us do
    Share("aws", None, limit=r"\w+:"),
)


@dataclass
class Gate:
    """The turns of one credential, for which nobody waits longer than they have time. Thread-safe; times in seconds."""

    share: Share
    longest: float = LONGEST_WAIT
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    ledger: Ledger | None = None
    key: str = ""

    def __post_init__(self) -> None:
        self._lock, self._slots = threading.Lock(), threading.BoundedSemaphore(self.share.at_once)
        self._row = threading.BoundedSemaphore()  # of those who have time, one looks for a token: the others sleep
        self._tokens, self._at = float(self.share.burst), self.now()
        self._held: dict[str, float] = {}
        self._looked: dict[str, float] = {}
        self._hung: dict[str, int] = {}
        self._alone: dict[str, float] = {}

    @contextmanager
    def turn(self, told: str, path: str = "", longest: float | None = None) -> Iterator[None]:
        """Wait for a turn, at most `longest` in all or the gate's own; Throttled, naming the call as `told`, if longer.

        Unreachable at once while the source is left alone. What is raised inside tells whether it answered.
        """
        self._may_be_asked(told, path)
        patience = self.longest if longest is None else longest
        until = self.now() + patience
        self.wait_out(told, path, until)
        if patience > self.longest and self.share.per_second is not None:
            self._let_others_first(told, until, until - patience / 2)
        elif wait := self._reserve(told, until):
            self.sleep(wait)
        self._enter(told, path, until)
        began, answered = self.now(), False
        try:
            self._may_be_asked(told, path)  # the others may have found out meanwhile
            yield
            answered = True
        except SourceError as error:
            answered = not isinstance(error, Unreachable)  # a refusal is an answer
            raise
        finally:
            self._slots.release()
            self._note(path, answered, self.now() - began)

    def _may_be_asked(self, told: str, path: str) -> None:
        with self._lock:
            limit = self.share.limit_of(path)
            left = self._alone.get(limit, 0.0) - self.now()
            hung = self._hung.get(limit, 0)
        if left > 0:
            why = f"the source left {hung} calls in a row hanging and is left alone for {left:.0f} s"
            raise Unreachable(f"{told} was not asked: {why}")

    def _note(self, path: str, answered: bool, seconds: float) -> None:
        """What fails at once costs nobody any time, and tells nothing of the next."""
        limit = self.share.limit_of(path)
        with self._lock:
            if answered:
                self._hung.pop(limit, None)
            elif seconds >= HANGING:
                self._hung[limit] = self._hung.get(limit, 0) + 1
                if self._hung[limit] >= IN_A_ROW:
                    self._alone[limit] = self.now() + LEFT_ALONE

    def hold(self, path: str, seconds: float) -> None:
        """The vendor said "too many" to a call of this path: no other of that limit is sent for `seconds`."""
        limit, until = self.share.limit_of(path), self.now() + min(seconds, LONGEST_HOLD)
        with self._lock:
            self._held[limit] = max(until, self._held.get(limit, until))
        if self.ledger:
            self.ledger.hold(f"{self.key} {limit}", min(seconds, LONGEST_HOLD))

    def wait_out(self, told: str, path: str, until: float | None = None) -> None:
        """Return when nothing holds calls of this path back; Throttled when that takes longer than until `until`."""
        until = self.now() + self.longest if until is None else until
        while (left := self._left(path)) > 0:
            if self.now() + left > until:
                raise self._told_to_wait(told, left)
            self.sleep(left + random.random() * JITTER)

    def _left(self, path: str) -> float:
        limit = self.share.limit_of(path)
        self._hear_of_others(limit)
        with self._lock:
            return self._held.get(limit, 0.0) - self.now()

    def _hear_of_others(self, limit: str) -> None:
        """What another process was told to wait holds us back as well; it is looked up every so often."""
        if self.ledger is None or self.now() < self._looked.get(limit, float("-inf")):
            return
        self._looked[limit] = self.now() + LOOK
        left = self.ledger.held(f"{self.key} {limit}")
        if left > 0:
            with self._lock:
                self._held[limit] = max(self.now() + left, self._held.get(limit, 0.0))

    def _enter(self, told: str, path: str, until: float) -> None:
        """Take a place among the calls under way, at a moment when nothing holds this one back."""
        while True:
            self.wait_out(told, path, until)  # without a place, which a call of another limit may use meanwhile
            if not self._slots.acquire(timeout=max(0.0, until - self.now())):
                raise self._busy(told, "calls under way have not come back")
            if self._left(path) <= 0:
                return
            self._slots.release()

    def _let_others_first(self, told: str, until: float, half: float) -> None:
        """Wait for a token that those who have less time leave. From `half` on we take the next, one by one."""
        if not self._row.acquire(timeout=max(0.0, until - self.now())):
            raise self._busy(told, "others that have time have waited for longer")
        try:
            while self.share.kept and self.now() < half:
                if self._took_a_spare_one():
                    return
                self.sleep(LOOK)
            if wait := self._reserve(told, until):
                self.sleep(wait)
        finally:
            self._row.release()

    def _took_a_spare_one(self) -> bool:
        """Is a token there, and as many besides as are kept?"""
        share, rate = self.share, self.share.per_second or 0.0
        with self._lock:
            self._refill(rate)
            if self._tokens < 1 + share.kept:
                return False
            self._tokens -= 1
        if self.ledger is None or self.ledger.reserve(self.key, rate, share.burst, 0.0, share.kept) is not None:
            return True
        with self._lock:
            self._tokens += 1
        return False

    def _refill(self, rate: float) -> None:
        now = self.now()
        self._tokens, self._at = min(self.share.burst, self._tokens + (now - self._at) * rate), now

    def _reserve(self, told: str, until: float) -> float:
        """Seconds until the token that is now ours is there. Whoever gives up takes none."""
        rate = self.share.per_second
        if rate is None:
            return 0.0
        shared = self._of_all(told, rate, until)
        with self._lock:
            self._refill(rate)
            now, wait = self._at, max(0.0, (1 - self._tokens) / rate)
            if now + wait > until:
                raise self._busy(told, f"it is used up for another {wait:.0f} s")
            self._tokens -= 1
        return max(wait, shared)

    def _of_all(self, told: str, rate: float, until: float) -> float:
        """Seconds until a token of those that all processes share is there."""
        if self.ledger is None:
            return 0.0
        wait = self.ledger.reserve(self.key, rate, self.share.burst, until - self.now())
        if wait is None:
            raise self._busy(told, "all workers together have used it up")
        return wait

    def _told_to_wait(self, told: str, left: float) -> Throttled:
        return Throttled(
            f"{told} was not asked: the source said that there were too many calls and to come back in {left:.0f} s"
        )

    def _busy(self, told: str, why: str) -> Throttled:
        return Throttled(
            f"{told} was not asked: Clearance keeps to its share of the limit ({self.share.told()}), and {why}",
            advice="Check this item again in a minute; fewer reviews at once leave more for each.",
        )  # fmt: skip


@dataclass
class Limits:
    """The gates of one process, one for each share and credential. Hand the same object to whatever runs at once.

    Nobody waits longer than `longest` seconds for a turn.
    """

    shares: Sequence[Share] = SHARES
    longest: float = LONGEST_WAIT
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    ledger: Ledger | None = None
    _gates: dict[tuple[Share, str], Gate] = field(default_factory=dict)
    _left: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def patient(self, longest: float) -> Limits:
        """The same gates for a caller who has more time: a sweep, which nobody waits for."""
        return replace(self, longest=longest)

    def gate(self, vendor: str, credential: str, path: str) -> Gate | None:
        """None where no share covers the call, which is then not bound."""
        share = next((s for s in self.shares if s.covers(vendor, path)), None)
        if share is None:
            return None
        with self._lock:
            if (share, credential) not in self._gates:
                key = f"{vendor} {credential} {share.path}"
                self._gates[share, credential] = Gate(
                    share, now=self.now, sleep=self.sleep, ledger=self.ledger, key=key
                )
            return self._gates[share, credential]

    def heard(self, vendor: str, credential: str, path: str, headers: Mapping[str, str]) -> None:
        """Note how many calls the vendor says are left of the limit that a call of this path counts against."""
        told = [int(headers[name]) for name in REMAINING if re.fullmatch(r"[0-9]{1,9}", headers.get(name) or "")]
        if told:
            gate = self.gate(vendor, credential, path)
            limit = f"{gate.share.path} {gate.share.limit_of(path)}" if gate else ""
            with self._lock:
                self._left[vendor, credential, limit] = min(told)

    def left(self) -> dict[str, int]:
        """By vendor, how many calls were left when it last said so, of the limit of which the fewest are. Vendors that
        say nothing are not in it."""
        with self._lock:
            found: dict[str, int] = {}
            for (vendor, *_), count in self._left.items():
                found[vendor] = min(count, found.get(vendor, count))
        return found
