"""One account at one time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from collectors.sandbox.pagerduty.bodies import Bodies
from collectors.sandbox.pagerduty.estate import Estate
from collectors.sandbox.pagerduty.rota import Span


@dataclass
class Account:
    """`now` is the world's clock; `turns` keeps what schedules gave for a window, for every page asks again."""

    estate: Estate
    now: datetime
    bodies: Bodies = field(init=False)
    turns: dict[tuple[str, datetime, datetime], list[Span]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bodies = Bodies(self.estate)
