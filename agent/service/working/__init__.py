"""Use case: do what was ordered. Any number of workers, on one machine or many, over one store."""

from agent.service.working.pace import Pace
from agent.service.working.rounds import work

__all__ = ["Pace", "work"]
