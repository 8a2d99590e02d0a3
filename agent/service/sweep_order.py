"""What is asked of a sweep, what it says while it runs, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import Field

from agent.digests import EVERY_SUBJECT, Digest
from collectors.evidence import Model, canonical, sha256

DUE_WITHIN = 14  # days
Stage = Literal["plan", "prefetch", "compare", "draft", "review", "digest", "wait"]


class SweepOrder(Model):
    """Can be kept as JSON. `gates` are ids, ("all",) for every one. Of the cards: those that launch within so many days
    or have something open after launch, `everything`, or just `subjects` where some are named.

    `only_changed`: its digest is shown without a line for what did not change; the sweep is the same, and orders that
    differ in it alone are one. `batch`: drafts are asked in a Message Batch (scheduled sweeps). `by`: our id of who
    began it, or the schedule's name; it does not make another sweep of it.
    """

    gates: tuple[str, ...] = Field(min_length=1)
    due_within: int = Field(DUE_WITHIN, ge=0, le=3650, description="days")
    everything: bool = False
    only_changed: bool = False
    subjects: tuple[str, ...] = ()
    batch: bool = False
    by: str = ""

    def key(self) -> str:
        """Equal for sweeps that are the same piece of work."""
        return sha256(canonical(self.model_dump(mode="json", exclude={"by", "only_changed", "batch"})))


class Tick(Model):
    """Where a sweep stands: so many of a stage's steps are done, and `ended` of all its `reviews`, one for each subject
    and gate. `left`: calls that each vendor said it still takes, of the limit of which the fewest are left."""

    stage: Stage
    done: int = 0
    total: int = 0
    ended: int = 0
    reviews: int = 0
    sentence: str = ""
    left: dict[str, int] = {}


class Swept(Model):
    """`joined`: another process had this sweep under way, and this is its result. `said`: what happened besides."""

    sweep: str
    digest: Digest
    joined: bool = False
    said: tuple[str, ...] = ()

    @property
    def unread(self) -> tuple[str, ...]:
        """The gates that were meant and could not be read: what was asked for was not done whole."""
        return tuple(one.gate for one in self.digest.troubles if one.subject == EVERY_SUBJECT)


Progress = Callable[[Tick], None]
