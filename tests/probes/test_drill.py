"""Item 9: work in flight, and the time to stop, from statement and telemetry."""

from __future__ import annotations

import math

import pytest

from agent.probes.drill import time_to_stop_is_recorded, work_was_in_flight
from collectors.datadog.facts import MetricFacts
from collectors.launchdarkly.facts import FlagHistoryFacts
from tests.builders import DRILLED, at, drill, history, metric, runs, told

SILENT = metric(None, "runs", counted=0)
FLIP = "at the flip on 8 June 2026, 14:00 EDT"
AFTER = "after the flip on 8 June 2026, 14:00 EDT"


def in_flight(telemetry: MetricFacts = SILENT, facts: FlagHistoryFacts = DRILLED, **stated: object) -> str:
    return told(work_was_in_flight(drill(**stated), telemetry, facts))  # type: ignore[arg-type]


def test_one_run_was_and_several_were():
    """People read it."""
    assert in_flight(runs(10), in_flight=1).startswith(f"pass: 1 run was in flight {FLIP}")


def test_stated_work_that_was_seen_to_end_passes():
    """Three in flight, and runs ended after the flip."""
    assert in_flight(runs(-300, 10, 20, 30)) == (
        f"pass: 3 runs were in flight {FLIP}, as Morteza Moradi states, and a run ended 10 seconds after it."
    )


def test_nothing_in_flight_fails():
    """As in the worked example: the drill shows nothing of running work."""
    assert in_flight(in_flight=0) == f"fail: Nothing was in flight {FLIP}, as Morteza Moradi states."


def test_a_statement_that_telemetry_contradicts_fails():
    """Nothing in flight, and yet runs ended."""
    assert in_flight(runs(10, 20), in_flight=0) == (
        f"fail: Morteza Moradi states that nothing was in flight {FLIP}, and a run ended 10 seconds after it."
    )


def test_telemetry_decides_where_the_statement_is_silent():
    """A completion after the flip proves work in flight; none leaves it unrecorded."""
    assert in_flight(runs(20, 30), in_flight=None) == (
        f"pass: Work was in flight {FLIP}: a run ended 20 seconds after it."
    )
    assert in_flight(in_flight=None) == (
        f"fail: Morteza Moradi does not record what was in flight {FLIP}, and no run was seen after it."
    )


def test_runs_outside_the_drill_prove_nothing():
    """Before the flip, across it, across the turn-on, or a point without a run."""
    outside = runs(-300, -5, 3595, 3700)
    assert in_flight(outside, in_flight=None).startswith("fail")
    zero = metric(0, "runs", points=tuple(p.model_copy(update={"value": 0.0}) for p in runs(10).points), interval=10)
    assert in_flight(zero, in_flight=None).startswith("fail")


def test_stated_work_without_telemetry_is_noted():
    """Runs that were stopped leave no completion, so silence does not contradict."""
    found = work_was_in_flight(drill(), SILENT, DRILLED)
    assert told(found) == (
        f"pass: 3 runs were in flight {FLIP}, as Morteza Moradi states, though no run was seen to end after it."
    )
    assert found.note


@pytest.mark.parametrize("outcome", [None, " "])
def test_work_whose_fate_is_not_recorded_fails(outcome: str | None):
    """What became of it has to be known."""
    assert in_flight(runs(10), outcome=outcome) == f"fail: What became of the runs in flight {FLIP} is not recorded."


@pytest.mark.parametrize("count", [-1, math.nan, math.inf])
def test_a_count_that_cannot_be_is_unknown(count: float):
    """Not a number of runs."""
    assert in_flight(in_flight=count).startswith(f"unknown: How many runs were in flight {FLIP}")


def test_an_unproven_statement_about_work_is_unknown():
    """Even where telemetry agrees."""
    assert in_flight(runs(10), proven=False) == (
        f"unknown: What was in flight {FLIP} is only as reported by Morteza Moradi, and no key proves that."
    )


def time_to_stop(telemetry: MetricFacts = SILENT, facts: FlagHistoryFacts = DRILLED, **stated: object) -> str:
    return told(time_to_stop_is_recorded(drill(**stated), telemetry, facts, stop_within="60 s"))  # type: ignore[arg-type]


@pytest.mark.parametrize("telemetry", [SILENT, runs(10, 20, 30), runs(0, interval=60)])
def test_a_stated_time_within_the_limit_passes(telemetry: MetricFacts):
    """Telemetry is silent, agrees to within a point, or is too coarse to disagree."""
    assert time_to_stop(telemetry) == (
        f"pass: All stopped 38 seconds {AFTER}, within the 1 minute on the card, as Morteza Moradi states."
    )


UNTIL = "2026-06-19T00:00"


@pytest.mark.parametrize(
    ("telemetry", "stated"),
    [(runs(10), {}), (SILENT, {}), (runs(10), {"in_flight": None})],
    ids=["stated and seen", "stated only", "seen only, and what became of it stated"],
)
def test_work_in_flight_counts_until_the_statement_ends(telemetry: MetricFacts, stated: dict[str, float | None]):
    """Every way to pass takes what became of the work from the statement."""
    found = work_was_in_flight(drill(until=UNTIL, **stated), telemetry, DRILLED)  # type: ignore[arg-type]

    assert (found.outcome, found.valid_until) == ("pass", at(UNTIL))


def test_a_stated_time_to_stop_counts_until_the_statement_ends():
    found = time_to_stop_is_recorded(drill(until=UNTIL), SILENT, DRILLED, stop_within="60 s")

    assert (found.outcome, found.valid_until) == ("pass", at(UNTIL))


def test_a_time_to_stop_by_telemetry_alone_outlives_the_statement():
    """It rests on none."""
    found = time_to_stop_is_recorded(drill(until=UNTIL, stopped=None), runs(10, 30), DRILLED, stop_within="60 s")

    assert (found.outcome, found.valid_until) == ("pass", None)


def test_telemetry_alone_passes_when_it_is_fine_enough():
    """The last point lies within the limit as a whole."""
    assert time_to_stop(runs(10, 30), stopped=None) == (
        f"pass: The last run ended at most 40 seconds {AFTER}, within the 1 minute on the card."
    )


@pytest.mark.parametrize("telemetry", [SILENT, runs(55), runs(0, interval=300)])
def test_a_time_that_nobody_recorded_fails(telemetry: MetricFacts):
    """No statement, and telemetry that is silent or cannot tell 60 seconds."""
    assert time_to_stop(telemetry, stopped=None) == f"fail: The time to stop {AFTER} is not recorded."


def test_a_time_over_the_limit_fails():
    """Stated, or measured however coarsely."""
    assert time_to_stop(stopped=61) == (
        f"fail: It took 1 minute 1 second to stop {AFTER}, longer than the 1 minute on the card."
    )
    assert time_to_stop(runs(0, 300, interval=300)) == (
        f"fail: A run ended 5 minutes {AFTER}, later than the 1 minute on the card."
    )


@pytest.mark.parametrize("stated", [5, 55])
def test_a_stated_time_that_telemetry_contradicts_fails(stated: float):
    """By more than one point either way."""
    assert time_to_stop(runs(10, 30), stopped=stated) == (
        f"fail: Morteza Moradi states that all stopped {stated} seconds {AFTER}, but a run ended 30 seconds after it."
    )


def test_runs_that_go_on_through_the_drill_fail():
    """Off for a minute, and runs to the end of it: nothing stopped."""
    minute = history(("off", "2026-06-08T14:00"), ("on", "2026-06-08T14:01"))
    assert time_to_stop(runs(0, 10, 20, 30, 40, 50), minute, stopped=50) == (
        "fail: Runs went on through the drill that began on 8 June 2026, 14:00 EDT: the last ended 50 seconds after it."
    )


@pytest.mark.parametrize("stated", [-1, math.nan, math.inf])
def test_a_time_that_cannot_be_is_unknown(stated: float):
    """Not a time to stop."""
    assert time_to_stop(stopped=stated) == f"unknown: The time to stop {AFTER} that Morteza Moradi gives cannot be."


def test_an_unproven_time_is_unknown_unless_telemetry_gives_it():
    """Telemetry needs no witness."""
    assert time_to_stop(proven=False) == (
        f"unknown: The time to stop {AFTER} is only as reported by Morteza Moradi, and no key proves that."
    )
    assert time_to_stop(runs(10, 30), proven=False).startswith("pass")


@pytest.mark.parametrize("interval", [0, -1, math.nan])
def test_points_without_a_step_are_unknown(interval: float):
    """Nobody can say which time they stand for."""
    expected = "unknown: There is no drill of finance-invoice-recon-enabled whose runs could be looked at."
    assert in_flight(runs(10, interval=interval)) == expected
    assert time_to_stop(runs(10, interval=interval)) == expected


def test_without_a_drill_both_are_unknown():
    """That there was none is the other rule's finding."""
    expected = "unknown: There is no drill of finance-invoice-recon-enabled whose runs could be looked at."
    assert in_flight(facts=history()) == expected
    assert time_to_stop(facts=history()) == expected
