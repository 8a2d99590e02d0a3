"""The way out of this network to one source: its proxy, whose certificates count, and this credential's turns."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from collectors.rate import Limits


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
        gate = self.limits.gate(self.vendor, self.credential, path)
        return gate.turn(told) if gate else nullcontext()
