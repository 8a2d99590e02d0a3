"""Item 1: a target measured by a service level objective."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from agent.cards import Target, TargetsApproved
from agent.probes.success_criteria import target_is_reached
from collectors.datadog.facts import SloFacts, SloMonitor
from tests.builders import PILOT, ZONE, number, resource, slo, state, time, told


def target(value: float = 95, op: str = ">=", unit: str = "percent", **more: object) -> Target:
    source = {"request": "datadog.slo", "id": "5a1e"}
    given = {"id": "on-time", "title": "On time", "op": op, "value": value, "unit": unit, "source": source, **more}
    return Target.model_validate(given)


APPROVED = TargetsApproved.model_validate({"on": "2026-05-10", "by": "dana.ortiz", "digest": "sha256:0"})


def measured(facts: SloFacts, wanted: Target | None = None, approved: TargetsApproved | None = None) -> str:
    found = target_is_reached(
        facts, target=wanted or target(), window=PILOT, zone=ZONE, as_of=PILOT.end, approved=approved
    )
    return told(found)


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
    found = target_is_reached(slo(), target=target(), window=PILOT, zone=ZONE, as_of=early)
    assert told(found).startswith("unknown: On time is not decided yet")


def test_a_card_names_the_objective_and_nothing_else():
    """A mistyped key would be passed over."""
    with pytest.raises(ValueError, match=r"'slo_id' is no key of datadog\.slo here; allowed: id"):
        target(source={"request": "datadog.slo", "slo_id": "5a1e"})


# --- the card names an SLO by its id; what it asks stands at the vendor ---------------------------------------------


def changed(when: str | None, value: float = 97.5, kind: str = "metric") -> str:
    facts = slo(value, kind=kind).model_copy(update={"modified": time(when) if when else None})
    return measured(facts, approved=APPROVED)


def test_an_objective_left_alone_since_the_day_before_its_approval_is_the_approved_one():
    """Up to the last minute of that day in the card's zone, which is another day in UTC."""
    assert changed("2026-05-09T23:59").startswith("pass")


@pytest.mark.parametrize("when", ["2026-05-10T00:00", "2026-05-10T23:59", "2026-06-01T10:00"])
def test_an_objective_changed_after_its_approval_or_on_that_day_is_unknown(when: str):
    """An approval bears a day and no hour, so on that day itself either may have come first."""
    assert changed(when).startswith(
        "unknown: The goalposts of On time, approved on Sunday, 10 May 2026, may have moved"
    )


def test_the_sentence_says_when_and_what_to_do():
    assert changed("2026-06-01T10:00").endswith(
        ": invoice-recon: on time was changed at 1 June 2026, 10:00 EDT, so the targets must be approved again on a "
        "later day."
    )


def test_an_objective_that_does_not_say_when_it_changed_is_unknown():
    """What is not told cannot do better than what is."""
    assert "when invoice-recon: on time was last changed is not told" in changed(None)


def on_monitors(*edited: tuple[str, str | None], value: float = 97.5, moved: str = "2026-05-01T10:00") -> str:
    """An SLO on monitors, each (kind, when it was last edited)."""
    monitors = tuple(
        SloMonitor(monitor=resource(f"m{i}"), kind=state(kind), modified=time(when) if when else None)
        for i, (kind, when) in enumerate(edited)
    )
    facts = slo(value, kind="monitor").model_copy(update={"modified": time(moved), "monitors": monitors})
    return measured(facts, approved=APPROVED)


BEFORE, SINCE = "2026-05-09T23:59", "2026-05-10T00:00"


@pytest.mark.parametrize("kind", ["metric alert", "query alert", "service check"])
def test_an_objective_whose_monitors_were_left_alone_since_before_the_approval_is_the_approved_one(kind: str):
    """What counts as bad stands in the monitors, and a monitor of these kinds holds its whole rule."""
    assert on_monitors((kind, BEFORE), (kind, BEFORE)).startswith("pass")


def test_a_monitor_edited_since_the_approval_leaves_it_open():
    """A monitor is loosened without a change to the SLO."""
    assert on_monitors(("query alert", BEFORE), ("query alert", SINCE)).endswith(
        "may have moved: m1, on which invoice-recon: on time rests, was changed at 10 May 2026, 00:00 EDT, so the "
        "targets must be approved again on a later day."
    )


def test_a_monitor_that_does_not_say_when_it_was_edited_leaves_it_open():
    assert "when m0, on which invoice-recon: on time rests, was last changed is not told" in on_monitors(
        ("metric alert", None)
    )


@pytest.mark.parametrize("kind", ["composite", "synthetics alert", "slo alert", "a new kind", "not told"])
def test_a_monitor_whose_rule_stands_elsewhere_leaves_it_open_and_says_what_would_do(kind: str):
    """A test or another monitor behind it changes without it."""
    told = on_monitors((kind, BEFORE))
    assert told.startswith("unknown")
    assert f"a monitor of the kind {kind} whose rule stands elsewhere; measure this target by a metric" in told


def test_an_objective_that_does_not_say_its_monitors_is_unknown():
    assert "on which monitors invoice-recon: on time rests is not told" in on_monitors()


def test_an_objective_on_monitors_that_was_changed_itself_is_unknown():
    """Another monitor may have been put beneath it."""
    assert "invoice-recon: on time was changed at" in on_monitors(("query alert", BEFORE), moved=SINCE)


def test_a_missed_level_fails_whatever_became_of_its_monitors():
    assert on_monitors(("composite", None), value=94).startswith("fail")


@pytest.mark.parametrize("when", [None, "2026-05-01T10:00", "2026-06-01T10:00"])
def test_a_missed_level_fails_however_it_was_changed(when: str | None):
    assert changed(when, value=94).startswith("fail")


def test_without_an_approval_there_is_nothing_to_have_moved_from():
    """That nobody approved is another rule's to say."""
    assert measured(slo().model_copy(update={"modified": time("2026-06-01T10:00")})).startswith("pass")
