"""Evidence is the same where the same source says the same; where its span slides, what is judged of it counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from agent.domain import ReviewDocument
from agent.service.sweeps import Swept
from agent.service.sweeps.sameness import is_same_evidence
from agent.service.sweeps.shared import Common, common
from agent.store.sweeps import Sweeps
from agent.workflow import frozen
from agent.workflow.judge import run_probe
from agent.workflow.judging import Case
from collectors.evidence import Answer, Evidence
from tests.acceptance.conftest import SUBJECT
from tests.sweeps.conftest import OWN, Fleet

Done = tuple[Fleet, Swept]
ELSEWHERE = {"base_url": "http://127.0.0.1:1/", "account": "another"}


def seen_again(fleet: Fleet, done: Swept) -> tuple[Common, Case, ReviewDocument]:
    """All that the first sweep found for one subject, found once more."""
    deps = fleet.deps()
    gates = {"our-own": deps.configuration.gate("our-own")}
    shared = common(deps, OWN, Sweeps(deps.engine).get(done.sweep), gates, {})
    before = fleet.document(next(one.review for one in done.digest.changed if one.subject == SUBJECT))
    then = frozen.Collected.model_validate_json(deps.locker.get(before.collected))
    held = deps.locker.all_answers(then.answers.values())
    case = Case(
        gate=gates["our-own"], scope=shared.scope("our-own", before.card), rows=then.rows,
        answers={key: held[digest] for key, digest in then.answers.items()}, digests=then.answers,
        people=deps.configuration.people(), now=deps.clock(), run=run_probe,
    )  # fmt: skip
    return shared, case, before


def slid(answer: Answer, source: Mapping[str, str]) -> Answer:
    """The same of a window that begins a day earlier, from that source."""
    window: Any = answer.params["window"]
    moved = {**window, "start": "2026-01-01T00:00:00Z"}
    params = {**answer.params, "window": moved}
    return answer.model_copy(update={"params": params, "source": answer.source.model_copy(update=source)})


@pytest.mark.parametrize(("source", "same"), [({}, True), ({"credential": "fresh"}, True), (ELSEWHERE, False)])
def test_a_span_that_slides_excuses_no_other_source(swept: Done, source: Mapping[str, str], same: bool):
    """What another account says of today is not what the review showed of yesterday."""
    shared, case, before = seen_again(*swept)
    key = next(
        row.key for row in case.rows
        if "window" in row.params and isinstance(case.answers[row.key], Evidence) and row.type.startswith("datadog")
    )  # fmt: skip
    answers = {**case.answers, key: slid(case.answers[key], source)}
    again = Case(**{**case.__dict__, "answers": answers, "digests": {**case.digests, key: "0" * 64}})

    assert is_same_evidence(shared, again, before) is same
