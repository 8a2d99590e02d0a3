"""The way out of this network to one source: its proxy, whose certificates count, and this credential's turns."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from collectors.pauses import is_limit, pause, used_up
from collectors.rate import Gate, Limits


@dataclass(frozen=True)
class Network:
    """`proxy` is a URL that may hold a password; `ca_bundle` (PEM) stands in place of the system's certificates."""

    proxy: str | None = field(default=None, repr=False)
    ca_bundle: Path | None = None


@dataclass(frozen=True)
class Way:
    """`credential` is a fingerprint. The default goes straight out, without a bound."""

    vendor: str = ""
    credential: str = ""
    network: Network = field(default_factory=Network)
    limits: Limits = field(default_factory=lambda: Limits(()))

    def turn(self, told: str, path: str) -> AbstractContextManager[None]:
        """A call's turn. Raises Throttled, naming the call as `told`, when it takes too long to come."""
        gate = self._gate(path)
        return gate.turn(told, path, self.limits.longest) if gate else nullcontext()

    def heard(self, path: str, status: int, headers: Mapping[str, str], attempt: int) -> float | None:
        """Seconds before this call may be tried again, None when its answer stands.

        Too many calls, or none left until the limit begins anew, and every other call of this credential is held back.
        """
        self.limits.heard(self.vendor, self.credential, path, headers)
        spent = used_up(headers)
        if spent is not None:
            self.hold(path, spent)
        wait = pause(status, headers, attempt)
        if wait is not None and is_limit(status, headers):
            self.hold(path, wait)
        return None if wait is None or wait > self.limits.longest else wait

    def hold(self, path: str, seconds: float) -> None:
        """Send no call of this path's limit and credential for so long."""
        gate = self._gate(path)
        if gate:
            gate.hold(path, seconds)

    def wait_out(self, told: str, path: str) -> None:
        """For a client that tries again by itself, in a turn that it has: wait as long as others are held back."""
        gate = self._gate(path)
        if gate:
            gate.wait_out(told, path, gate.now() + self.limits.longest)

    def sleep(self, seconds: float) -> None:
        self.limits.sleep(seconds)

    def _gate(self, path: str) -> Gate | None:
        return self.limits.gate(self.vendor, self.credential, path)
