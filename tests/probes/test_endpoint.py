"""The endpoint answers, as a synthetic test sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent.domain import Outcome
from agent.probes.endpoint import endpoint_answers
from collectors.datadog.facts import SyntheticsFacts, SyntheticsRun
from collectors.evidence import Duration, Window
from tests.builders import AS_OF, number, resource, state, time, told

SIX_HOURS = Window(start=AS_OF - timedelta(hours=6), end=AS_OF)


def run(minutes_ago: float = 5, location: str = "a", outcome: str = "passed") -> SyntheticsRun:
    checked = time((AS_OF - timedelta(minutes=minutes_ago)).isoformat())
    return SyntheticsRun(location=resource(location), checked=checked, outcome=state(outcome))


def finding(*runs: SyntheticsRun, status: str = "live", assertions: int = 1, locations: int = 1, every: float = 900):
    facts = SyntheticsFacts(
        test=resource("health"), status=state(status), every=Duration(value=every),
        assertions=number(assertions, "assertions"), runs=runs,
    )  # fmt: skip
    return endpoint_answers(facts, locations=locations, window=SIX_HOURS)


def says(*runs: SyntheticsRun, **more: object) -> str:
    return told(finding(*runs, **more))  # type: ignore[arg-type]


def test_a_live_test_that_passed_each_time_from_enough_locations_passes():
    assert says(run(5), run(20, "b"), locations=2).startswith(
        "pass: All 2 runs of health within the last 6 hours passed, from 2 locations, last at"
    )


def test_it_holds_until_too_few_locations_are_left_within_the_span():
    assert finding(run(5), run(20, "b"), run(90, "b"), locations=2).valid_until == AS_OF + timedelta(minutes=340)
    assert finding(run(5), run(20, "b"), locations=1).valid_until == AS_OF + timedelta(minutes=355)


def test_one_run_that_failed_fails_whatever_came_after():
    assert says(run(5), run(200, "b", "failed")).startswith("fail: The test health failed from b at")


def test_a_paused_test_fails():
    assert says(run(), status="paused") == "fail: The test health is paused, so nothing asks the endpoint."


def test_fewer_locations_than_the_card_asks_for_fail():
    assert says(run(5), run(20), locations=2) == (
        "fail: The test health ran from 1 location within the last 6 hours, and the card asks for 2 locations."
    )


def test_without_a_run_it_is_unknown():
    assert says().startswith("unknown: The test health is live, and no run of it is told within the last 6 hours")


def test_a_test_that_asserts_nothing_shows_nothing():
    assert says(run(), assertions=0) == "unknown: The test health has 0 assertions, so that it passed says nothing."


@pytest.mark.parametrize(("minutes", "outcome"), [(45, Outcome.PASS), (45.1, Outcome.UNKNOWN)])
def test_a_test_that_stopped_running_is_unknown(minutes: float, outcome: Outcome):
    """Twice its interval and a quarter of an hour may pass."""
    assert finding(run(minutes)).outcome is outcome
