"""How far one process is with a sweep, and what that cost: written down as it goes, told to whoever looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from agent.digests import Cost
from agent.domain import Usage
from agent.errors import Refused
from agent.service.sweep_order import Progress, Tick
from agent.service.sweeps.shared import Common
from agent.store.sweeps import SubjectRow, Sweeps

LINES = 100
TAKEN = "{sweep} was taken over by another process while this one stood still; `clearance sweep` joins it"


@dataclass
class Course:
    """One process's work on a sweep. `lines`: subjects whose end is written in one transaction."""

    common: Common
    store: Sweeps
    lease: str
    progress: Progress
    cost: Cost
    notes: list[str]
    lines: int = LINES
    total: int = 0
    finished: int = 0
    waiting: list[SubjectRow] = field(default_factory=list)

    def tick(self, stage: str, done: int, total: int, sentence: str = "") -> None:
        left = self.common.deps.connections.limits.left()
        self.progress(Tick.model_validate(
            {"stage": stage, "done": done, "total": total, "ended": self.finished, "reviews": self.total,
             "sentence": sentence, "left": left}
        ))  # fmt: skip

    def ended(self, row: SubjectRow) -> None:
        self.waiting.append(row)
        self.finished += 1
        if len(self.waiting) >= self.lines:
            self.flush()

    def flush(self) -> None:
        """What became of the last subjects, and what it cost so far."""
        if self.waiting and not self.store.done(self.common.sweep.id, self.lease, self.waiting):
            raise Refused(TAKEN.format(sweep=self.common.sweep.id))
        self.waiting.clear()
        if not self.store.note(self.common.sweep.id, self.lease, cost=self.spent().model_dump(mode="json")):
            raise Refused(TAKEN.format(sweep=self.common.sweep.id))

    def keep_batches(self, batches: Mapping[str, JsonValue]) -> None:
        if not self.store.note(self.common.sweep.id, self.lease, batches=batches):
            raise Refused(TAKEN.format(sweep=self.common.sweep.id))

    def spent(self) -> Cost:
        """What was spent before this process, and by it."""
        meter = self.common.deps.meter
        vendors = sorted(self.cost.calls.keys() | meter.calls.keys())
        calls = {vendor: self.cost.calls.get(vendor, 0) + meter.calls.get(vendor, 0) for vendor in vendors}
        seconds = (self.common.deps.clock() - self.common.as_of).total_seconds()
        return self.cost.model_copy(
            update={
                "calls": calls,
                "reused": self.cost.reused + meter.reused,
                "seconds": round(seconds, 2),
            }
        )

    def pay(self, usage: Usage) -> None:
        """A review's tokens; its calls were counted as they went out."""
        had = Usage.model_validate(self.cost.model_dump())
        more = usage.model_copy(update={"calls": {}, "reused": 0, "seconds": 0})
        self.cost = Cost.model_validate(had.plus(more).model_dump())
