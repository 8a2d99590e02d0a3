"""Node: rules over facts give findings, verdicts and checks. No network, no model. A boundary."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import uuid4

from pydantic import JsonValue

from agent.deps import Deps
from agent.domain import CheckResult, Finding, ItemResult
from agent.probes.all import PROBES
from agent.probes.findings import resource, unknown
from agent.workflow import frozen
from agent.workflow.acceptances import accepted
from agent.workflow.judging import Case, judge_check, judge_item
from agent.workflow.parts import rolled_up
from agent.workflow.state import ReviewState
from collectors.evidence import Model, Origin, sha256

if TYPE_CHECKING:
    from langgraph.runtime import Runtime


class Judged(Model):
    """Every declared item and check, judged."""

    collected: str
    items: tuple[ItemResult, ...]
    checks: tuple[CheckResult, ...]


def judge(state: ReviewState, runtime: Runtime[Deps]) -> ReviewState:
    """Give every item a verdict from the answers at hand."""
    deps = runtime.context
    case, collected = case_of(deps, state)
    held = frozen.written(collected)
    judged = judged_over(case, sha256(held))
    deps.progress("judge", f"{sum(len(i.findings) for i in judged.items) + len(judged.checks)} findings")
    both = [(collected, held, "collected"), (judged, frozen.written(judged), "judged")]
    return {"judged": frozen.keep_all(deps, both)[1]}


def judged_over(case: Case, collected: str) -> Judged:
    """Every item and check of a case, with what people took on. No store, no network, no model."""
    items = tuple(judge_item(case, item) for item in case.gate.items)
    checks = tuple(judge_check(case, check) for check in case.gate.checks)
    judged = Judged(collected=collected, items=rolled_up(accepted(case, items)), checks=checks)
    assert_complete(case, judged)
    return judged


def case_of(deps: Deps, state: ReviewState) -> tuple[Case, frozen.Collected]:
    """The answers of a review as nodes go by them, put together once a run."""
    seen = (state["plan"], state.get("followed"), *frozen.answered(deps, state).items())
    return deps.recall.once(("case", seen), lambda: _case_of(deps, state))


def _case_of(deps: Deps, state: ReviewState) -> tuple[Case, frozen.Collected]:
    collected = frozen.collected(deps, state)
    known = frozen.answers(deps, set(collected.answers.values()))
    answers = {key: known[digest] for key, digest in collected.answers.items()}
    case = Case(
        gate=frozen.gate(deps, state), scope=frozen.scope(deps, state), rows=collected.rows, answers=answers,
        digests=collected.answers, people=frozen.people(deps, state), now=frozen.row(deps, state).started_at,
        run=run_probe,
    )  # fmt: skip
    return case, collected


def assert_complete(case: Case, judged: Judged) -> None:
    """Every declared probe has reported; a run in which one is absent is no run."""
    for spec, result in zip(case.gate.items, judged.items, strict=True):
        silent = {rule.probe for rule in spec.rules if not rule.when} - {found.probe for found in result.findings}
        if silent or not result.findings:
            raise RuntimeError(f"item {spec.number}: {', '.join(sorted(silent)) or 'no rule'} did not report")


def run_probe(name: str, facts: Mapping[str, object], params: Mapping[str, JsonValue]) -> Finding:
    """One rule; a crash in it is a finding that says so, and never a pass."""
    try:
        return PROBES[name](facts, params)
    except Exception as error:
        incident = uuid4().hex[:8]
        logging.getLogger("clearance").error("incident %s: rule %s crashed", incident, name, exc_info=error)
        crashed = unknown(
            "the rule crashed; look for incident {incident} in the log", incident=resource(incident, origin=Origin.CODE)
        )
        return crashed.model_copy(update={"probe": name})
