"""A new version reaches its users little by little."""

from __future__ import annotations

import math

import pytest

from agent.probes.rollout import rollout_begins_small
from collectors.launchdarkly.facts import RolloutFacts, Served
from tests.builders import number, resource, state, time, told


def says(*served: tuple[str, float], on: str = "on", lifecycle: str = "live", **beside: int) -> str:
    facts = RolloutFacts(
        flag=resource("model"), environment=resource("production"), on=state(on), lifecycle=state(lifecycle),
        last_modified=time("2026-06-11T10:00"), rules=number(beside.get("rules", 0), "rules"),
        targets=number(beside.get("targets", 0), "lists of targets"),
        prerequisites=number(beside.get("prerequisites", 0), "prerequisites"),
        served=tuple(Served(value=state(value), share=number(share, "percent")) for value, share in served),
    )  # fmt: skip
    return told(rollout_begins_small(facts, value="true", at_most=10))


def test_the_first_step_of_the_card_passes_and_more_fails():
    assert says(("true", 10), ("false", 90)) == ("pass: The flag model gives true to 10 % in production, at most 10 %.")
    assert says(("true", 10.001), ("false", 89.999)) == (
        "fail: The flag model gives true to 10.001 % in production, and the card says 10 %."
    )
    assert says(("true", 100)).startswith("fail")


def test_several_variations_of_the_same_value_count_together():
    assert says(("true", 6), ("true", 6), ("false", 88)).startswith("fail: The flag model gives true to 12 %")


@pytest.mark.parametrize("served", [(), (("false", 100),), (("true", 0), ("false", 100)), (("true", math.nan),)])
def test_what_nobody_gets_yet_shows_nothing(served: tuple[tuple[str, float], ...]):
    assert says(*served).startswith("unknown: The flag model gives true to nobody in production")


def test_a_flag_that_is_off_shows_nothing():
    assert says(("true", 5), ("false", 95), on="off").startswith("unknown: The flag model is off in production")


def test_rules_beside_the_default_one_leave_it_open():
    assert says(("true", 5), ("false", 95), rules=1).startswith("unknown: Beside its default rule model has 1 rule")


@pytest.mark.parametrize("beside", ["targets", "prerequisites"])
def test_targets_and_prerequisites_leave_it_open_too(beside: str):
    """A list of targets may hold everybody, and whoever fails a prerequisite gets the value of the flag that is off."""
    assert says(("true", 5), ("false", 95), **{beside: 1}).startswith("unknown: Beside its default rule model has 1")


def test_an_archived_flag_fails():
    assert says(("true", 5), lifecycle="archived") == "fail: The flag model is archived in production."
    assert says(("true", 5), ("false", 95), lifecycle="deprecated").startswith("pass")
