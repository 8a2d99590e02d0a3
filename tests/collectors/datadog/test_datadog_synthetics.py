"""datadog.synthetics: whether a test runs, and what every run within the window came to."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from collectors.datadog.facts import SyntheticsAsk
from collectors.evidence import GapReason
from collectors.sandbox.faults import Fault
from tests.collectors.failures import long_enough

TEST = "/api/v1/synthetics/tests/inv-rec-api"
RESULTS = f"{TEST}/results"


def ask(lab) -> SyntheticsAsk:
    return SyntheticsAsk(test="inv-rec-api", window=lab.recent)


def answered(lab, path: str, body: object) -> None:
    lab.break_with(Fault(kind="status", status=200, path=path, body=json.dumps(body)))


def test_both_worlds_have_a_live_test_that_passes_from_two_locations(either, pointers):
    evidence = either.evidence(ask(either))

    facts = evidence.facts
    assert (facts.test.value, facts.status.value) == ("Invoice reconciliation answers", "live")
    assert (facts.every.value, facts.assertions.value) == (900, 2)
    assert Counter(run.location.value for run in facts.runs).keys() == {"aws:us-east-1", "aws:eu-central-1"}
    assert {run.outcome.value for run in facts.runs} == {"passed"}
    assert all(either.recent.holds(run.checked.value) for run in facts.runs)
    assert facts.runs[0].checked.value > facts.runs[-1].checked.value
    assert pointers(evidence)
    assert [a.path for a in either.proxy.seen] == [TEST, RESULTS]


def test_a_run_that_failed_is_told(changed):
    lab = changed(lambda data: data["synthetics"][0].update(failed=["2026-06-12T12:00:00-04:00"]))

    runs = lab.evidence(ask(lab)).facts.runs

    assert Counter(run.outcome.value for run in runs)["failed"] == 8


def test_what_the_test_sends_and_whom_it_tells_is_not_kept(lab):
    kept = lab.evidence(ask(lab)).to_bytes()

    assert b"acme.example" not in kept
    assert b"pagerduty" not in kept


def test_more_runs_than_one_answer_holds_are_asked_for_by_halves(changed):
    """Each minute from two locations for six hours; no run is counted twice or left out."""
    lab = changed(lambda data: data["synthetics"][0]["object"].update(options={"tick_every": 60}))

    runs = lab.evidence(ask(lab)).facts.runs

    assert len(runs) == len({(run.location.value, run.checked.value) for run in runs}) == 720
    assert len(lab.proxy.seen) == 1 + 15


def test_an_answer_that_is_always_full_is_truncated(lab):
    answered(lab, RESULTS, {"results": [{"result_id": str(i)} for i in range(150)]})

    assert lab.gap(ask(lab)).reason == GapReason.TRUNCATED


def test_the_assertions_of_several_steps_count(changed):
    steps = [{"assertions": [{"type": "statusCode"}]}, {"assertions": [{"type": "body"}, {}]}, {}]
    lab = changed(lambda data: data["synthetics"][0]["object"].update(subtype="multi", config={"steps": steps}))

    assert lab.evidence(ask(lab)).facts.assertions.value == 3


def test_a_paused_test_is_told_as_such(changed):
    lab = changed(lambda data: data["synthetics"][0]["object"].update(status="paused", name=None))

    facts = lab.evidence(ask(lab)).facts

    assert (facts.status.value, facts.test.value) == ("paused", "inv-rec-api")


def test_a_test_that_nobody_has_is_gone(lab):
    assert lab.gap(SyntheticsAsk(test="no-such-one", window=lab.recent)).reason == GapReason.GONE


@pytest.mark.parametrize("path", [TEST, RESULTS])
def test_either_call_that_is_refused_names_the_permission(lab, path):
    lab.break_with(Fault(kind="status", status=403, path=path))

    gap = lab.gap(ask(lab))

    assert (gap.reason, gap.scope) == (GapReason.DENIED, "synthetics_read")


@pytest.mark.parametrize("kind", ["hang", "cut", "status"])
def test_a_test_without_its_results_is_no_answer(lab, kind):
    fault = Fault(kind=kind, path=RESULTS)
    lab.break_with(fault)

    assert lab.gap(ask(lab), timeout=long_enough(fault)).reason == GapReason.UNREACHABLE


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "browser"}, {"type": None}, {"status": None}, {"status": "LIVE"}, {"options": {}},
        {"options": {"tick_every": 0}}, {"options": {"tick_every": True}}, {"config": None}, {"config": []},
        {"config": {"assertions": {}, "steps": 7}}, {"config": {"assertions": [7]}}, {"public_id": "an-oth-erx"},
    ],
)  # fmt: skip
def test_a_test_that_does_not_say_is_malformed(lab, changes):
    whole = {
        "public_id": "inv-rec-api", "type": "api", "status": "live", "config": {"assertions": [{}]},
        "options": {"tick_every": 60},
    }  # fmt: skip
    answered(lab, TEST, whole | changes)

    assert lab.gap(ask(lab)).reason == GapReason.MALFORMED


@pytest.mark.parametrize(
    "changes",
    [
        {"check_time": None}, {"check_time": "2026-06-12"}, {"probe_dc": None}, {"probe_dc": ""}, {"result": None},
        {"result": {}}, {"result": {"passed": "true"}}, {"result": {"passed": 1}}, {"result_id": None},
    ],
)  # fmt: skip
def test_a_result_that_does_not_say_is_malformed(lab, changes):
    answered(lab, RESULTS, {"results": [result(lab) | changes]})

    assert lab.gap(ask(lab)).reason == GapReason.MALFORMED


def result(lab, seconds: float = -3600) -> dict:
    checked = (lab.world.clock.timestamp() + seconds) * 1000
    return {"result_id": "1", "check_time": checked, "probe_dc": "aws:us-east-1", "result": {"passed": True}}


@pytest.mark.parametrize("seconds", [61, 86400, -6 * 3600 - 61])
def test_a_result_of_the_future_or_from_before_the_window_is_malformed(lab, seconds):
    answered(lab, RESULTS, {"results": [result(lab, seconds)]})

    assert "which was not asked for" in lab.gap(ask(lab)).what


@pytest.mark.parametrize(("seconds", "runs"), [(-6 * 3600 - 1, 0), (-6 * 3600, 1), (-1, 1), (0, 0)])
def test_what_lies_at_the_window_s_edges_is_counted_once(lab, seconds, runs):
    answered(lab, RESULTS, {"results": [result(lab, seconds)]})

    assert len(lab.evidence(ask(lab)).facts.runs) == runs
