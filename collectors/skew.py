"""How far our clock and a source's are apart, by the `Date` header of the answers that `doctor` gets anyway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from collectors.http import Client, Response


@dataclass
class DateHeard:
    """Hears the headers of each answer as it comes. `differences` are our clock less theirs, in seconds."""

    clock: Callable[[], datetime]
    differences: list[float] = field(default_factory=list)

    def hear(self, headers: Mapping[str, str]) -> None:
        """Note one answer; headers without a readable Date are passed over."""
        told = next((value for name, value in headers.items() if name.lower() == "date"), "")
        try:
            theirs = parsedate_to_datetime(told)
        except ValueError:
            return
        zoned = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
        self.differences.append((self.clock() - zoned).total_seconds())

    def listen(self, client: Client) -> None:
        """Hear every answer that this client gets from now on."""
        client.event_hooks["response"].append(self._answered)

    def _answered(self, response: Response) -> None:
        self.hear(response.headers)

    @property
    def ahead(self) -> float | None:
        """The smallest difference, whole seconds: the others hold waiting and what a cache on the way added."""
        if not self.differences:
            return None
        nearest: float = min(self.differences, key=abs)
        return float(round(nearest))
