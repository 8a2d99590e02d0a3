"""How a checklist's own report reads: sections and further files, from a gate's YAML. Part of what people sign."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from collectors.evidence import Model

Severity = Literal["critical", "high", "medium", "low"]


class Line(Model):
    """One line of a section in our own words. `seed` is its place in the checklist."""

    says: str = Field(min_length=1)
    seed: str = ""


class Section(Model):
    """A heading and what stands under it.

    `shows`: `said` = its lines alone; `boxes` = every item of its categories (all, where it names none) with a tick
    where it is met; `blockers` = those not met; `actions` = what mends each of them, by whom and until when; `debt` =
    technical debt that people stated; `estimate` = when the last action that has a date is due.
    `severity` limits blockers and actions to items of that severity; `stands` limits debt.
    """

    title: str
    seed: str = ""
    about: str = ""
    shows: Literal["said", "boxes", "blockers", "actions", "debt", "estimate"] = "said"
    categories: tuple[str, ...] = ()
    severity: tuple[Severity, ...] = ()
    stands: Literal["strategic", "unacceptable"] | None = None
    lines: tuple[Line, ...] = ()


class File(Model):
    """A further file of the bundle, in Markdown."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\.md$")
    title: str
    seed: str = ""
    sections: tuple[Section, ...] = Field(min_length=1)


class Debt(Model):
    """Something left undone on purpose, as a person stated it. `until` as ISO date, "" where none was given."""

    what: str
    touches: str
    stands: Literal["strategic", "unacceptable"]
    why: str
    plan: str
    until: str = ""
    by: str
    digest: str
