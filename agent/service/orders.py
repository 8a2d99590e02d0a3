"""What can be ordered of a worker: one assessment, or a sweep. Frozen, so that two equal orders are one job."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from agent.service.sweep_order import SweepOrder
from collectors.evidence import Model, canonical, sha256

ASKED, SWEPT = 10, 0  # priorities, the higher one first: somebody waits for what was asked in chat


class AssessOrder(Model):
    """Assess a subject at a gate. Whoever asks the same while it is unfinished joins it.

    `only` and `new` as `clearance assess` has them; `asked_by` is one of our ids, "" where nobody's is known;
    `channel` says where the answer goes, in words of the surface that asked. Neither makes it another job.
    """

    kind: Literal["assess"] = "assess"
    subject: str
    gate: str
    only: tuple[int, ...] = ()
    new: bool = False
    asked_by: str = ""
    channel: str = ""

    @property
    def key(self) -> str:
        said = self.model_dump(mode="json", exclude={"asked_by", "channel"})
        return sha256(canonical(said))

    @property
    def lock(self) -> str:
        """One job at a time of a subject, whatever the gate: its sources are asked once."""
        return f"subject:{self.subject}"

    @property
    def priority(self) -> int:
        return ASKED

    @property
    def about(self) -> str:
        return f"{self.subject} at {self.gate}"


class OrderedSweep(Model):
    """A sweep to be run by a worker.

    `schedule` and `tick`: which line of schedules.yaml it comes of, for which instant; "" and None by a person's order.
    """

    kind: Literal["sweep"] = "sweep"
    sweep: SweepOrder
    channel: str = ""
    schedule: str = ""
    tick: AwareDatetime | None = None

    @property
    def key(self) -> str:
        return self.sweep.key()

    @property
    def lock(self) -> str:
        """Sweeps over the same gates go one after the other: the second finds what the first has fetched."""
        return f"sweep:{sha256(canonical(sorted(self.sweep.gates)))}"

    @property
    def priority(self) -> int:
        return SWEPT

    @property
    def about(self) -> str:
        return f"the sweep of {', '.join(self.sweep.gates)}"


Order = AssessOrder | OrderedSweep
_ORDER: TypeAdapter[Order] = TypeAdapter(Annotated[Order, Field(discriminator="kind")])


def read(body: str) -> Order:
    """An order from its JSON. Raises pydantic's ValidationError."""
    return _ORDER.validate_json(body)
