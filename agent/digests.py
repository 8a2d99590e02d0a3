"""What a sweep ends in: what changed and who mends it, what ends soon, what could not be seen, what it cost."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from agent.domain import Decision, Verdict
from collectors.evidence import Model


class ItemChange(Model):
    """One item or check (`where`: its number or id) that stands otherwise than at the last sweep; "" = was not there.

    `sentences` are the reasons that are new, as the report has them. `worse` = the change is for the worse.
    """

    where: str
    title: str
    before: str
    after: str
    worse: bool
    owner: str = ""
    sentences: tuple[str, ...] = ()
    how: str = ""


class Changed(Model):
    """One subject at one gate whose latest review says something else than the one at the last sweep.

    `before` is that proposal; None = it was not reviewed then.
    """

    subject: str
    name: str
    version: str
    gate: str
    review: str
    before: Decision | None
    after: Decision
    launch: str = ""
    items: tuple[ItemChange, ...] = ()


class OwnedChange(Model):
    """One change of an item, as its owner reads it."""

    subject: str
    gate: str
    review: str
    item: ItemChange


class Owned(Model):
    """What changed of what one owner mends ("" = nobody is named), worst first."""

    owner: str
    changes: tuple[OwnedChange, ...]


class Lapse(Model):
    """Something that a met item or a decision rests on, and that ends before the launch."""

    subject: str
    gate: str
    review: str
    what: str
    ends: AwareDatetime
    launch: str
    owner: str = ""


class Due(Model):
    """An open item or waiver that nobody closed. `within`: due in so many days; 0 = its day is over."""

    subject: str
    version: str
    gate: str
    review: str
    what: Literal["open item", "waiver", "post-launch review"]
    item: int
    who: str
    at: AwareDatetime
    within: Literal[0, 1, 7, 14]


class Blind(Model):
    """One way in which one type of request found nothing: how many subjects, one sentence as an example."""

    request_type: str
    reason: str
    subjects: int
    questions: int
    what: str
    next_step: str


EVERY_SUBJECT = "every subject"


class Trouble(Model):
    """A subject that could not be reviewed, or "every subject" where a gate cannot be read, and why."""

    subject: str
    gate: str
    why: str


class Unchanged(Model):
    """`since` is when its last review was made; `note` says what a reader of the line has to know besides."""

    subject: str
    gate: str
    review: str
    since: AwareDatetime
    proposal: Decision
    note: str = ""


class Cost(Model):
    """`calls` by source; tokens and price (US dollars, null = a model's price is not known) of this sweep's reviews."""

    calls: dict[str, int] = {}
    reused: int = Field(0, description="answers that were fresh in the locker")
    model_calls: int = 0
    input_tokens: int = 0
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0
    output_tokens: int = 0
    price_usd: str | None = "0"
    seconds: float = 0.0

    @property
    def tokens(self) -> int:
        """All of them, cached ones too."""
        return self.input_tokens + self.cache_write_tokens + self.cache_read_tokens + self.output_tokens


class Digest(Model):
    """`since` is the sweep before over the same gates, "" where there is none; `steady` counts reviews that were made
    again because evidence had moved, and that say what the ones before said."""

    format: Literal["clearance-sweep/1"] = "clearance-sweep/1"
    sweep: str
    gates: tuple[str, ...]
    as_of: AwareDatetime
    ended: AwareDatetime
    since: str = ""
    since_at: AwareDatetime | None = None
    sandbox: bool = False
    subjects: int = 0
    reviewed: int = 0
    steady: int = 0
    quiet: int = Field(0, description="subjects that did not change, whether they are listed or not")
    changed: tuple[Changed, ...] = ()
    owners: tuple[Owned, ...] = ()
    lapses: tuple[Lapse, ...] = ()
    due: tuple[Due, ...] = ()
    blind: tuple[Blind, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    unchanged: tuple[Unchanged, ...] = ()
    notes: tuple[str, ...] = ()
    cost: Cost = Cost()

    def only_changed(self) -> Digest:
        """The same with no line for what did not change; it is still counted."""
        return self.model_copy(update={"unchanged": ()})


WORST: dict[Verdict, int] = {
    Verdict.NOT_MET: 0, Verdict.UNDETERMINED: 1, Verdict.WARNING: 2, Verdict.PENDING: 3, Verdict.NOT_APPLICABLE: 4,
    Verdict.MET: 5,
}  # fmt: skip
