"""What can be ordered of a worker: one assessment, or a sweep. Frozen, so that two equal orders are one job."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

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
        return _digest(self.model_dump(mode="json", exclude={"asked_by", "channel"}))

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


class SweepOrder(Model):
    """Sweep a gate, as `clearance sweep` does. `due_within` is in days; None with not `all`: the sweep's own default.

    `schedule` and `tick` say which line of schedules.yaml it comes of, and for which instant; "" and None by hand.
    """

    kind: Literal["sweep"] = "sweep"
    gate: str
    due_within: int | None = Field(None, ge=0)
    all: bool = False
    only_changed: bool = False
    asked_by: str = ""
    channel: str = ""
    schedule: str = ""
    tick: AwareDatetime | None = None

    @property
    def key(self) -> str:
        return _digest(self.model_dump(mode="json", exclude={"asked_by", "channel", "schedule", "tick"}))

    @property
    def lock(self) -> str:
        return f"sweep:{self.gate}"

    @property
    def priority(self) -> int:
        return SWEPT

    @property
    def about(self) -> str:
        return f"the sweep of {self.gate}"


Order = Annotated[AssessOrder | SweepOrder, Field(discriminator="kind")]
_ORDER: TypeAdapter[AssessOrder | SweepOrder] = TypeAdapter(Order)


def read(body: str) -> AssessOrder | SweepOrder:
    """An order from its JSON. Raises pydantic's ValidationError."""
    return _ORDER.validate_json(body)


def _digest(said: object) -> str:
    return sha256(canonical(said))
