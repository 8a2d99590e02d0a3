"""Use case: many reviews planned together, so that they share requests. It permits nothing."""

from agent.service.sweep_order import Progress, SweepOrder, Swept, Tick
from agent.service.sweeps.sweeping import run

__all__ = ["Progress", "SweepOrder", "Swept", "Tick", "run"]
