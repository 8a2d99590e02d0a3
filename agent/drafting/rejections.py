"""Why a draft was thrown away."""

from __future__ import annotations

from enum import StrEnum

from collectors.evidence import Model


class Rule(StrEnum):
    """Which part of the contract a draft broke."""

    UNREADABLE = "unreadable"
    LENGTH = "length"
    ALPHABET = "alphabet"
    SHAPE = "shape"
    BRACES = "braces"
    NO_SLOT = "no slot"
    FOREIGN_SLOT = "foreign slot"
    TOUCHING = "touching"
    WORD = "word"
    DENIED_WORD = "denied word"
    UNIT = "unit"
    NEGATION = "negation"
    ORDER = "order of events"
    PERMISSION = "permission"
    OMITTED = "omitted"
    ARRANGEMENT = "arrangement"
    NO_SUCH = "no such finding"
    CLAIM = "claim"
    TURNED = "turned round"
    WISH = "wish"
    READING = "reading"


class Rejection(Model):
    """A draft that was thrown away. `offence` is for the writer's second try alone and is never kept."""

    item: int = 0
    finding: int | None = None
    rule: Rule
    reason: str
    offence: str = ""
