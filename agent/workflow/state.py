"""What the graph carries between nodes: ids and digests, never evidence."""

from __future__ import annotations

import operator
from typing import Annotated, Literal, TypedDict

from collectors.evidence import Model


class ReviewState(TypedDict, total=False):
    """Digests name blobs of the locker. `answers` maps question keys to the digests of evidence or gaps, and
    `known` names a list of the same, which the review began with: said once, however often the state is kept.

    `asked_as`: by vendor, who was asked for them and as whom.
    """

    review: str
    graph_version: str
    subject: str
    as_of: str
    gate: str
    card: str
    people: str
    only: list[int]
    asked_as: dict[str, str]
    plan: str
    followed: str
    known: str
    answers: Annotated[list[dict[str, str]], operator.add]
    judged: str
    read: str
    draft: str
    document: str
    digest: str
    complete: dict[str, str]
    bundle: str


class CollectInput(TypedDict):
    """One branch: all questions of one type."""

    review: str
    plan: str
    type: str
    keys: list[str]
    only: list[int]


class SignaturesComplete(Model):
    """The only answer that the waiting node takes: the set of sign-offs over this digest is complete."""

    digest: str
    decision: Literal["cleared", "conditional", "blocked"]
