"""A decision's sum, worked out: what was counted, exactly, and what it is called. Part of what people are shown."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from pydantic import Field

from collectors.evidence import Model


class Line(Model):
    """One line of the sum: a square, category or stage, or the whole. `done` of `of` is exact; 0 of 0: nothing applies.

    `share` in percent, cut off after a tenth and never rounded up; "" where nothing applies. `needs` says the threshold
    as the gate has it ("at least 90 %"), "" where the line has none of its own; `reached` None likewise.
    """

    id: str
    title: str
    done: int
    of: int
    share: str
    weight: str = ""
    needs: str = ""
    reached: bool | None = None
    not_applicable: int = 0


class Score(Model):
    """The sum as the policy worked it out. `label` is the checklist's own word for the outcome, `says` what it means.

    `critical` are the numbers of critical items that are not met, which stop the launch whatever the sum says.
    """

    policy: str
    label: str
    says: str = ""
    whole: Line
    lines: tuple[Line, ...] = ()
    critical: tuple[int, ...] = ()
    by_a_person: tuple[str, ...] = Field((), description="labels that only a person can give")


class NotApplyingRow(Model):
    """An item that does not apply to this subject: why, who asked, and who approved that."""

    item: int
    reason: str
    requested_by: str
    approved_by: str
    digest: str


class Category(Model):
    """A square, category or stage of the checklist. `phase` groups several; "" where the checklist has none."""

    id: str
    title: str
    phase: str = ""


def percent(done: Fraction) -> str:
    """A share of one as percent with one decimal, cut off: 89/95 is "93.6"; only what is whole stands without one."""
    tenths = floor(done * 1000)
    whole, rest = divmod(tenths, 10)
    return str(whole) if done * 100 == whole else f"{whole}.{rest}"


def progress(score: Score | None, verdicts: Sequence[str]) -> str:
    """The share in percent that is done: the policy's own, else of items that apply and wait for nobody; "" = none."""
    if score is not None:
        return score.whole.share
    counting = [one for one in verdicts if one not in ("not_applicable", "pending")]
    return percent(Fraction(sum(one == "met" for one in counting), len(counting))) if counting else ""
