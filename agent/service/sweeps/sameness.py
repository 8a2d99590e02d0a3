"""Does every source say what it said when the last review was made?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from agent.domain import ReviewDocument
from agent.service.sweeps.shared import Common
from agent.workflow import frozen
from agent.workflow.collect import is_local
from agent.workflow.judging import Case
from agent.workflow.planning import Bound
from collectors.evidence import Evidence, Gap, Window

SPANS = ("window", "recent")  # parameters that hold a span of time


def is_same_evidence(common: Common, case: Case, before: ReviewDocument) -> bool:
    """The same answer in each place, apart from when it was given: questions move with the day.

    What was seen in a span that slides along with the day is never the same; what is judged of it was compared before.
    """
    then = frozen.Collected.model_validate_json(common.deps.locker.get(before.collected))
    had = {(row.item, row.name, row.index): row for row in then.rows}
    has = {(row.item, row.name, row.index): row for row in case.rows}
    if had.keys() != has.keys():
        return False
    pairs = [(row, had[place]) for place, row in has.items()]
    return all(
        _is_same_question(row, was) and _says_the_same(common, case, row, then.answers[was.key]) for row, was in pairs
    )


def _is_same_question(row: Bound, was: Bound) -> bool:
    """But for the span that it asks about."""
    return (row.type, row.state, _without_window(row)) == (was.type, was.state, _without_window(was))


def _without_window(row: Bound) -> JsonValue:
    return {name: value for name, value in row.params.items() if name not in SPANS}


def _starts(params: Mapping[str, JsonValue]) -> list[datetime]:
    """Where the spans of a question begin."""
    spans = [Window.model_validate(params[name]) for name in SPANS if isinstance(params.get(name), dict)]
    return [span.start for span in spans]


def _says_the_same(common: Common, case: Case, row: Bound, before: str) -> bool:
    if case.digests[row.key] == before:
        return True
    now, then = case.answers[row.key], common.deps.locker.answer(before)
    if _asked_at(now) != _asked_at(then):
        return False
    if _starts(now.params) != _starts(then.params) and isinstance(now, Evidence) and isinstance(then, Evidence):
        return True
    return _said(now) == _said(then)


def _said(answer: Evidence | Gap) -> JsonValue:
    """What an answer says, without the instant at which it was asked, and what that moves."""
    if isinstance(answer, Gap):
        return {"gap": answer.reason.value, "what": answer.what}
    said = {"facts": without_places(answer.facts.model_dump(mode="json"))}
    return {**said, "body": answer.body} if is_local(answer.request_type) else said


def _asked_at(answer: Evidence | Gap) -> JsonValue:
    """Our own files say the same wherever they lie; of a vendor the account counts, and not the key."""
    return {} if is_local(answer.request_type) else answer.source.model_dump(mode="json", exclude={"credential"})


def without_places(facts: JsonValue) -> JsonValue:
    if isinstance(facts, dict):
        return {key: without_places(one) for key, one in facts.items() if key not in ("evidence", "pointer")}
    return [without_places(one) for one in facts] if isinstance(facts, list) else facts
