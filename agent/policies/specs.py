"""What a gate's YAML says of its policy: one closed model a policy."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from collectors.evidence import Model

Percent = Annotated[Decimal, Field(ge=0, le=100)]


class Label(Model):
    """The checklist's own word for an outcome, and what it means in a sentence."""

    label: str = Field(min_length=1, max_length=40)
    says: str = ""


class Threshold(Model):
    """A limit in percent: `at_least` takes the limit itself, `above` does not. Exactly one of them."""

    at_least: Percent | None = None
    above: Percent | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.at_least is None) == (self.above is None):
            raise ValueError("give either at_least or above")
        return self

    def reached(self, share: Fraction) -> bool:
        """Is a share of one at the limit, exactly?"""
        if self.at_least is not None:
            return share * 100 >= Fraction(self.at_least)
        return share * 100 > Fraction(self.above or 0)

    def told(self) -> str:
        return f"at least {self.at_least} %" if self.at_least is not None else f"more than {self.above} %"


class Labels(Model):
    """`done` alone is cleared; `short` and `stopped` (a critical item is open; default `short`) are blocked."""

    done: Label
    short: Label
    stopped: Label | None = None


class MatrixPolicy(Model):
    """Which items the matrix ranges over, how many warnings leave a conditional launch possible, and how many days
    after launch their open items must close.
    """

    name: Literal["matrix"]
    items: tuple[int, ...] = Field(min_length=1)
    warnings_allowed: int = Field(ge=0)
    open_items_within_days: int = Field(ge=0)


class Counting(Model):
    """What the policies that count have in common. `by_a_person`: labels that no sum gives, only a signature."""

    by_a_person: tuple[Label, ...] = ()
    open_items_within_days: int = Field(0, ge=0)


class Band(Label):
    """From this share on, in percent, and below that of the band above."""

    at_least: Percent


class PercentagePolicy(Counting):
    """Boxes ticked of those that apply. `bands` from the highest down to 0; only the first is cleared."""

    name: Literal["percentage"]
    bands: tuple[Band, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _falling(self) -> Self:
        limits = [band.at_least for band in self.bands]
        if any(one <= other for one, other in pairwise(limits)) or limits[-1] != 0:
            raise ValueError("bands fall from the highest limit to 0, each limit once")
        return self


class WeightedCategory(Model):
    """`weight` in percent of the whole; `needs` where the category has a limit of its own."""

    id: str
    weight: Percent
    needs: Threshold | None = None


class WeightedPolicy(Counting):
    """Each category's share of its items' weights, weighted again; the whole and some categories have a limit."""

    name: Literal["weighted"]
    categories: tuple[WeightedCategory, ...] = Field(min_length=1)
    needs: Threshold
    labels: Labels


class AllOfPolicy(Counting):
    """Every item that applies is met, category by category."""

    name: Literal["all_of"]
    labels: Labels


class Stage(Model):
    """Categories that have to be complete before the next stage counts; `short` is the outcome where they are not."""

    id: str
    title: str
    categories: tuple[str, ...] = Field(min_length=1)
    needs: Threshold = Threshold(at_least=Decimal(100))
    short: Label


class StagesPolicy(Counting):
    """One stage after another; the first that is not complete decides what the outcome is called."""

    name: Literal["stages"]
    stages: tuple[Stage, ...] = Field(min_length=1)
    done: Label


Policy = Annotated[
    MatrixPolicy | PercentagePolicy | WeightedPolicy | AllOfPolicy | StagesPolicy, Field(discriminator="name")
]
