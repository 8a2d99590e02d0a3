"""What a reader of documents may come back with, and what code made of it. Part of what people sign."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from collectors.evidence import Model


class ConcernKind(StrEnum):
    """What a reader may doubt; nothing else."""

    CONTRADICTION = "contradiction"
    AGAINST_EVIDENCE = "against_evidence"
    NO_ANSWER = "no_answer"
    NO_NAME_OR_DATE = "no_name_or_date"


class ReadQuote(Model):
    """A passage that a reader named and code found, letter for letter, at its place, with its neighbours.

    `source` is the id of what was read; `place` the field of a statement or event; `line` counts from 1 in it.
    """

    source: str
    passage: int
    line: int
    place: str = ""
    text: str
    before: str = ""
    after: str = ""
    label: str = ""


class Concern(Model):
    """A reader's doubt. `question` and `against` are code's own sentences; a signer answers in their own words."""

    id: str
    item: int
    kind: ConcernKind
    question: str
    quotes: tuple[ReadQuote, ...]
    against: str = Field("", description="the finding's sentence that the quote is set against")


class ReadSource(Model):
    """A document, statement or log excerpt as it was put before the reader. `left_out` passages did not fit."""

    id: str
    title: str
    request_type: str
    evidence: str
    items: tuple[int, ...]
    passages: int
    left_out: int = 0


class InstructionsFound(Model):
    """Evidence that holds text which looks like instructions to a machine: where first, how often, of which kinds."""

    evidence: str
    request_type: str
    items: tuple[int, ...]
    pointer: str
    places: int
    looks_like: tuple[str, ...]


class Reading(Model):
    """Whether a model read the documents and statements, what it quoted, and what of its answer was thrown away."""

    model: str = ""
    why_none: str = Field("", description="why no model has read, or why its answer was not used; empty = it has read")
    prompts: dict[str, str] = {}
    sources: tuple[ReadSource, ...] = ()
    quotes: tuple[ReadQuote, ...] = ()
    rejected: dict[str, int] = Field({}, description="what was thrown away of the answer, counted by the rule it broke")
    instructions: tuple[InstructionsFound, ...] = ()
    exchanges: tuple[str, ...] = Field((), description="digests of what the reader was asked and answered")
    reused_from: str = Field("", description="the review whose answer was used again: it would have read the same")
