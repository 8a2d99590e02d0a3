"""Item 1: a target measured by a service level objective."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from agent.cards import Target
from agent.probes.success_criteria import target_is_reached
from collectors.datadog.facts import SloFacts
from tests.builders import PILOT, number, slo, told


def target(value: float = 95, op: str = ">=", unit: str = "percent", **more: object) -> Target:
    source = {"request": "datadog.slo", "id": "5a1e"}
    given = {"id": "on-time", "title": "On time", "op": op, "value": value, "unit": unit, "source": source, **more}
    return Target.model_validate(given)


def measured(facts: SloFacts, wanted: Target | None = None) -> str:
    return told(target_is_reached(facts, target=wanted or target(), window=PILOT, as_of=PILOT.end))


def test_a_reached_level_passes():
    """The share as it happened, and enough samples."""
    assert measured(slo(97.5, corrected=98), target(min_samples=2000)) == (
        "pass: On time came to 97.5 % in the pilot, and the card asks for at least 95 %."
    )


def test_a_missed_level_fails_whatever_was_taken_out_of_it():
    """Nobody corrects a missed target into a reached one."""
    assert measured(slo(94.9, corrected=99, corrections=1)) == (
        "fail: On time came to 94.9 % in the pilot, but the card asks for at least 95 %."
    )


def test_a_correction_that_spoils_a_reached_level_leaves_it_open():
    """By the vendor's own number the target is missed."""
    assert measured(slo(97.5, corrected=93, corrections=1)) == (
        "unknown: On time came to 97.5 % in the pilot, and to 93 % with 1 correction taken into account."
    )


@pytest.mark.parametrize("state", ["no data", "replaying", "silence not told", "ZERO_VALUED_DENOMINATOR"])
def test_a_level_that_is_not_established_is_unknown(state: str):
    """Neither 0 nor 100, even where a number stands beside it."""
    for value in (None, 99.0):
        assert measured(slo(value, state_=state)) == (
            f"unknown: On time could not be measured: for the pilot, the state of invoice-recon: on time is {state}."
        )


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_no_number_is_unknown(value: float | None):
    """Whatever the state says."""
    assert measured(slo(value)).startswith("unknown: On time could not be measured")


def test_too_few_samples_are_unknown():
    """At least one, or what the card asks for."""
    few = "unknown: On time rests on 199 samples and needs at least 200 samples."
    assert measured(slo(samples=199), target(min_samples=200)) == few
    assert measured(slo(samples=0)).startswith("unknown")
    assert measured(slo(samples=math.nan)).startswith("unknown")


def test_a_level_that_does_not_say_its_samples_is_unknown():
    """A ratio of events always rests on some; a share of time is asked for samples only by a card that wants them."""
    assert measured(slo(samples=None)) == (
        "unknown: On time needs at least 1 sample, and invoice-recon: on time does not say on how many it rests."
    )
    assert measured(slo(samples=None, kind="monitor"), target(min_samples=5)).startswith("unknown")
    assert measured(slo(samples=None, kind="monitor")).startswith("pass")


def test_another_unit_is_unknown():
    """A share of 0.975 is not 97.5 percent."""
    assert "which is not the same unit" in measured(slo(), target(value=0.95, unit=""))


DAY = timedelta(days=1).total_seconds()


def silent(value: float, days: float) -> SloFacts:
    return slo(value, kind="time_slice", samples=None, silent=days * DAY)


def test_silence_that_could_turn_it_round_leaves_it_open():
    """Three days of thirty without data: had they been bad, the target would be missed."""
    assert measured(silent(99, 3)).startswith(
        "unknown: On time came to 99 % of the time that is known, and 3 days of the pilot without data decide"
    )


def test_silence_that_decides_nothing_is_passed_over():
    """Even were all of it bad, or all of it good, and even longer than the pilot."""
    assert measured(silent(99, 0.3)).startswith("pass")
    assert measured(silent(80, 3)).startswith("fail")
    assert measured(silent(99, 0)).startswith("pass")
    assert measured(silent(99, 99)).startswith("unknown")


def test_an_exact_level_needs_all_of_the_pilot():
    """Exactly half of what is known says nothing of the rest."""
    assert measured(silent(50, 3), target(value=50, op="==")).startswith("unknown")
    assert measured(slo(50), target(value=50, op="==")).startswith("pass")


def test_the_values_unit_is_the_sources():
    """The card may spell it otherwise."""
    facts = slo().model_copy(update={"value": number(97.5, "%")})
    assert measured(facts).startswith("pass")


def test_a_level_of_half_a_pilot_decides_nothing():
    """As for every target."""
    early = PILOT.end - timedelta(seconds=1)
    found = target_is_reached(slo(), target=target(), window=PILOT, as_of=early)
    assert told(found).startswith("unknown: On time is not decided yet")


def test_a_card_names_the_objective_and_nothing_else():
    """A mistyped key would be passed over."""
    with pytest.raises(ValueError, match=r"'slo_id' is no key of datadog\.slo here; allowed: id"):
        target(source={"request": "datadog.slo", "slo_id": "5a1e"})
