"""Before evidence is kept: every fact it states must be found in the body where it says it is."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from collectors.errors import Malformed
from collectors.evidence import Answer, Evidence, FactBase, Gap, Origin, resolve


def unsound(answer: Answer) -> Gap | None:
    """A gap in place of evidence that is incomplete or whose facts point nowhere; None when it is sound."""
    if isinstance(answer, Gap):
        return None
    wrong = _wrong(answer)
    if wrong is None:
        return None
    return Gap(
        request_type=answer.request_type, params=answer.params, source=answer.source, at=answer.collected_at,
        reason=Malformed.reason, what=f"{answer.request_type}: {wrong}", next_step=Malformed.advice, calls=answer.calls,
    )  # fmt: skip


def _wrong(evidence: Evidence) -> str | None:
    if not evidence.completeness.complete:
        return "only a part of the list was read"
    for fact in facts_in(evidence.facts):
        if fact.origin is not Origin.EVIDENCE:
            continue
        try:
            resolve(evidence.body, fact.pointer)
        except KeyError:
            return f"a fact points to {fact.pointer!r}, where the answer holds nothing"
    return None


def facts_in(value: object) -> Iterator[FactBase]:
    """Every fact in a tree of models and tuples."""
    if isinstance(value, FactBase):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from facts_in(getattr(value, name))
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from facts_in(inner)
