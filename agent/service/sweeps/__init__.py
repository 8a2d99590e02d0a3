"""Use case: many reviews planned together, so that they share requests. It permits nothing."""

from agent.service.sweep_order import Progress, SweepOrder, Swept, Tick
from agent.service.sweeps.finished import digest_of
from agent.service.sweeps.sweeping import made_since, run

__all__ = ["Progress", "SweepOrder", "Swept", "Tick", "digest_of", "made_since", "run"]
