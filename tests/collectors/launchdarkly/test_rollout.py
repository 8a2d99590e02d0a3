"""launchdarkly.rollout: which share of everybody gets each value of a flag."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.evidence import Evidence, Gap, GapReason, resolve
from collectors.launchdarkly.facts import RolloutAsk, RolloutFacts
from collectors.launchdarkly.rollout import rollout
from collectors.sandbox.faults import Fault
from tests.collectors.failures import EMPTY, FAILURES, long_enough

FLAG = "/api/v2/flags/.*"
ASK = RolloutAsk(project="agents", environment="production", flag="finance-invoice-recon-model")


def facts_of(answer: object) -> RolloutFacts:
    assert isinstance(answer, Evidence), answer
    assert isinstance(answer.facts, RolloutFacts)
    return answer.facts


def shares(answer: object) -> list[tuple[str, float]]:
    return [(one.value.value, one.share.value) for one in facts_of(answer).served]


def reason(answer: object) -> GapReason:
    assert isinstance(answer, Gap), answer
    return answer.reason


def changed(**values: Any):
    def edit(body: Any) -> Any:
        held = body["environments"]["production"]
        for name, value in values.items():
            held.pop(name, None)
            if value is not ...:
                held[name] = value
        return body

    return {FLAG: edit}


def steps(*rows: Any) -> dict[str, Any]:
    return {"rollout": {"variations": [*rows]}}


@pytest.mark.parametrize("world", ["as-written", "put-right"])
def test_both_worlds_give_the_new_model_to_a_tenth(place, world):
    answer = rollout(place(world).conn, [ASK])[0]
    assert shares(answer) == [("true", 10), ("false", 90)]
    found = facts_of(answer)
    assert (found.on.value, found.rules.value, found.lifecycle.value) == ("on", 0, "live")
    assert isinstance(answer, Evidence)
    assert [resolve(answer.body, one.share.pointer) for one in found.served] == [10_000, 90_000]


def test_a_flag_without_a_rollout_gives_one_value_to_everybody(place):
    asked = ASK.model_copy(update={"flag": "finance-invoice-recon-enabled"})
    assert shares(rollout(place().conn, [asked])[0]) == [("true", 100)]


def test_rules_are_counted(place):
    assert facts_of(rollout(place(edits=changed(rules=[{}, {}])).conn, [ASK])[0]).rules.value == 2


A, B = {"variation": 0, "weight": 40_000}, {"variation": 1, "weight": 60_000}


@pytest.mark.parametrize(
    "fallthrough",
    [
        ..., {}, {"variation": 7}, {"variation": None}, {"rollout": {}}, {"rollout": 3}, steps(), steps(A), steps(7),
        steps(A, B, B), steps(A, {"variation": 1}), steps(A, {"variation": 1, "weight": "60000"}),
        steps(A, {"variation": 9, "weight": 60_000}),
        steps({"variation": 0, "weight": -1}, {"variation": 1, "weight": 100_001}),
    ],
)  # fmt: skip
def test_shares_that_are_not_everybody_are_malformed(place, fallthrough):
    here = place(edits=changed(fallthrough=fallthrough))
    assert reason(rollout(here.conn, [ASK])[0]) is GapReason.MALFORMED


def test_targets_and_prerequisites_are_counted(place):
    one = {"values": ["jane"], "variation": 0}
    edits = changed(targets=[one], contextTargets=[one | {"contextKind": "team"}], prerequisites=[{"key": "other"}])
    found = facts_of(rollout(place(edits=edits).conn, [ASK])[0])
    assert (found.targets.value, found.prerequisites.value, found.rules.value) == (2, 1, 0)


@pytest.mark.parametrize("name", ["rules", "targets", "contextTargets", "prerequisites"])
@pytest.mark.parametrize("listed", [..., None, {}])
def test_what_stands_before_the_default_rule_must_be_told(place, name, listed):
    assert reason(rollout(place(edits=changed(**{name: listed})).conn, [ASK])[0]) is GapReason.MALFORMED


@pytest.mark.parametrize(("fault", "expected"), [*FAILURES, EMPTY])
def test_each_failure_has_its_name(place, fault, expected):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault)
    assert reason(rollout(here.conn, [ASK])[0]) is expected


def test_a_refusal_names_the_role(place):
    here = place()
    here.faults.set(Fault(kind="status", status=403))
    (gap,) = rollout(here.conn, [ASK])
    assert isinstance(gap, Gap)
    assert "the Reader role on the project" in gap.scope


@pytest.mark.parametrize("changes", [{"flag": "none"}, {"environment": "none"}, {"project": "none"}, {"flag": "*"}])
def test_what_is_not_there_is_gone(place, changes):
    assert reason(rollout(place().conn, [ASK.model_copy(update=changes)])[0]) is GapReason.GONE


def test_many_are_picked_from_the_list_of_all(place):
    here = place()
    found = rollout(here.conn, [ASK, *(ASK.model_copy(update={"flag": f"none-{i}"}) for i in range(5))])
    assert shares(found[0]) == [("true", 10), ("false", 90)]
    assert {reason(one) for one in found[1:]} == {GapReason.GONE}
    assert here.faults.seen[0].path == "/api/v2/flags/agents"
