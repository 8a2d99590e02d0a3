"""One account at one time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from collectors.sandbox.pagerduty.bodies import Bodies
from collectors.sandbox.pagerduty.estate import Estate


@dataclass
class Account:
    """`now` is the world's clock."""

    estate: Estate
    now: datetime
    bodies: Bodies = field(init=False)

    def __post_init__(self) -> None:
        self.bodies = Bodies(self.estate)
