"""Before evidence is kept: every fact it states must be found in the body where it says it is."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from agent.store.locker import Sealed, seal
from collectors.errors import Malformed
from collectors.evidence import Answer, Evidence, FactBase, Gap, Origin, Request, resolve


def sealed(answer: Answer, ask: Request) -> Sealed:
    """The answer ready to be kept; a gap in its place where it cannot be kept, answers something else, is incomplete
    or points nowhere.
    """
    kept, wrong = _looked_through(answer, ask)
    return kept or seal(_in_its_place(answer, ask, wrong))


def unsound(answer: Answer, ask: Request) -> Gap | None:
    """That gap, or None for an answer that is kept as it is."""
    kept, wrong = _looked_through(answer, ask)
    return None if kept else _in_its_place(answer, ask, wrong)


def _looked_through(answer: Answer, ask: Request) -> tuple[Sealed | None, str]:
    """How it is kept, or why it is not."""
    try:
        kept = seal(answer)
    except ValueError:
        return None, UNWRITABLE
    wrong = _misleading(answer, ask)
    return (None, wrong) if wrong else (kept, "")


UNWRITABLE = "the answer holds something that cannot be written as JSON"  # half a surrogate pair, NaN


def _in_its_place(answer: Answer, ask: Request, wrong: str) -> Gap:
    at = answer.collected_at if isinstance(answer, Evidence) else answer.at
    return Gap(
        request_type=ask.type, params=ask.params(), source=answer.source, at=at, reason=Malformed.reason,
        what=f"{ask.type}: {wrong}", next_step=Malformed.advice,
    )  # fmt: skip


def _misleading(answer: Answer, ask: Request) -> str | None:
    return _not_asked(answer, ask) or (_wrong(answer) if isinstance(answer, Evidence) else None)


def _not_asked(answer: Answer, ask: Request) -> str | None:
    if (answer.request_type, answer.params) != (ask.type, ask.params()):
        return "the answer is to another question"
    return None


def _wrong(evidence: Evidence) -> str | None:
    if not evidence.completeness.complete:
        return "only a part of the list was read"
    for fact in facts_in(evidence.facts):
        if fact.origin is not Origin.EVIDENCE:
            continue
        if not fact.pointer:
            return "a fact does not say where in the answer it stands"
        try:
            resolve(evidence.body, fact.pointer)
        except KeyError:
            return f"a fact points to {fact.pointer!r}, where the answer holds nothing"
    return None


def facts_in(value: object) -> Iterator[FactBase]:
    """Every fact in a tree of models and tuples."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, FactBase):
            yield one
        elif isinstance(one, BaseModel):
            left += [getattr(one, name) for name in reversed(type(one).model_fields)]
        elif isinstance(one, (tuple, list)):
            left += reversed(one)
