"""Item 9: the switch, and its drill as the flag and its people tell it."""

from __future__ import annotations

import pytest

from agent.probes.rollback import (
    drill_was_run_before_launch,
    rest_and_sdk_agree,
    statement_matches_the_flag,
    switch_is_on_and_off_really_stops,
)
from collectors.launchdarkly.facts import FlagEvaluationFacts, FlagFacts, FlagHistoryFacts
from tests.builders import DRILLED, ZONE, at, day, drill, flag, history, served, told


def switch(facts: FlagFacts, off_value: str | None = None) -> str:
    return told(switch_is_on_and_off_really_stops(facts, off_value=off_value)).replace(
        "finance-invoice-recon-enabled", "F"
    )


def test_a_live_switch_that_stops_passes():
    """On now, false when off; or the value that the card names, however its JSON is spaced."""
    assert switch(flag()) == "pass: The flag F is on and serves false when off."
    assert switch(flag(off_value='{"run":false}'), '{ "run": false }').startswith("pass")


def test_a_switch_that_is_off_or_dead_fails():
    """Off now, archived, deprecated."""
    assert switch(flag("off")) == "fail: The flag F is off now."
    assert switch(flag(lifecycle="archived")) == "fail: The flag F is archived and no switch to rely on."


def test_a_switch_whose_off_does_not_stop_fails():
    """The wrong value, none, or the same as when on; 0 is not false."""
    assert switch(flag(off_value="true")) == "fail: The flag F serves true when off, and false is what stops."
    assert switch(flag(off_value="0")).startswith("fail")
    assert switch(flag(off_value="stop")).startswith("fail")
    assert switch(flag(off_value=None)) == (
        "fail: The flag F serves no value of its own when off, so false may never reach the code."
    )
    assert switch(flag(on_value="false")) == "fail: The flag F serves false whether on or off."


@pytest.mark.parametrize("facts", [flag("perhaps"), flag(lifecycle="new")])
def test_a_switch_in_an_unknown_state_is_unknown(facts: FlagFacts):
    """A word outside the contract."""
    assert switch(facts).startswith("unknown: Whether the flag F is in use is not known")


def test_a_switch_that_is_on_by_rules_passes():
    """It serves several values when on, and none of them is asked about here."""
    assert switch(flag(on_value=None)).startswith("pass")


def agree(facts: FlagFacts, got: FlagEvaluationFacts) -> str:
    return told(rest_and_sdk_agree(facts, got)).replace("finance-invoice-recon-enabled", "F")


def test_settings_and_clients_that_agree_pass():
    """On by default or by a rule, or off."""
    assert agree(flag(), served()) == "pass: The flag F is on and its clients are served true."
    assert agree(flag(), served("other", "RULE_MATCH")).startswith("pass")
    assert agree(flag(on_value=None), served("x")).startswith("pass")
    assert agree(flag("off"), served("false", "OFF", "off")).startswith("pass")


def test_settings_and_clients_that_differ_are_unknown():
    """The client still sees it off."""
    assert agree(flag(), served("false", "OFF", "off")) == (
        "unknown: The flag F is on by its settings, and clients see it off and get false for OFF."
    )


@pytest.mark.parametrize(
    ("facts", "got"),
    [
        (flag(), served("false", "FALLTHROUGH")),
        (flag(), served("other", "FALLTHROUGH")),
        (flag(), served("true", "ERROR")),
        (flag(), served("true", "OFF")),
        (flag(), served("false", "RULE_MATCH")),
        (flag(), served("false", "PREREQUISITE_FAILED")),
        (flag(on_value=None), served("false", "FALLTHROUGH")),
        (flag("off"), served("true", "OFF", "off")),
        (flag("off"), served("false", "ERROR", "off")),
        (flag("off", off_value=None), served("false", "OFF", "off")),
        (flag("odd"), served("true", "FALLTHROUGH", "odd")),
        (flag(off_value=None), served("true")),
    ],
)
def test_a_served_value_that_does_not_fit_is_unknown(facts: FlagFacts, got: FlagEvaluationFacts):
    """The value or its reason is not what the settings give."""
    assert agree(facts, got).startswith("unknown")


def drilled(facts: FlagHistoryFacts, launch: str = "2026-06-22", within_days: int = 30) -> str:
    found = drill_was_run_before_launch(facts, launch=day(launch), zone=ZONE, within_days=within_days)
    return told(found).replace("finance-invoice-recon-enabled", "F")


def test_a_gate_that_lets_an_older_drill_count_is_too_loose():
    """Less than thirty days may be asked, more may not, however recent the drill was."""
    assert drilled(DRILLED, within_days=20).startswith("pass")
    assert drilled(DRILLED, within_days=31) == (
        "fail: The gate lets a drill count for 31 days, which is too loose: it counts for 30 days."
    )


def test_a_drill_before_launch_passes_for_thirty_days():
    """Who did it is named, and when it stops counting."""
    found = drill_was_run_before_launch(DRILLED, launch=day("2026-06-22"), zone=ZONE, within_days=30)
    assert found.valid_until == at("2026-07-08T14:00")
    assert drilled(DRILLED) == (
        "pass: The flag F was last switched off on 8 June 2026, 14:00 EDT and on again on 8 June 2026, "
        "15:00 EDT, before the "
        "launch on Monday, 22 June 2026, by Morteza Moradi."
    )


def test_a_drill_by_a_machine_names_nobody():
    """A schedule or trigger did it."""
    machine = history(("off", "2026-06-08T14:00"), ("on", "2026-06-08T15:00"), by=None)
    assert drilled(machine).endswith("before the launch on Monday, 22 June 2026.")


@pytest.mark.parametrize(("launch", "outcome"), [("2026-07-08", "pass"), ("2026-07-09", "fail")])
def test_a_drill_counts_for_thirty_days_before_launch(launch: str, outcome: str):
    """From midnight of the launch day backwards."""
    assert drilled(DRILLED, launch).startswith(outcome)


def test_a_drill_too_long_ago_or_after_launch_fails():
    """Each says which."""
    assert drilled(DRILLED, "2026-07-20").endswith("more than 30 days before the launch on Monday, 20 July 2026.")
    assert drilled(DRILLED, "2026-06-08").endswith("not before the launch on Monday, 8 June 2026.")


def test_a_flag_that_was_never_turned_off_and_on_fails():
    """Turning it off alone is no drill."""
    assert drilled(history(("off", "2026-06-08T14:00"))) == (
        "fail: The flag F was not turned off and on again, among 40 entries."
    )


def matches(facts: FlagHistoryFacts = DRILLED, **stated: object) -> str:
    return told(statement_matches_the_flag(drill(**stated), facts, within_minutes=10))  # type: ignore[arg-type]


def test_a_statement_within_ten_minutes_passes():
    """Exactly ten still is."""
    assert matches(on="2026-06-08T15:10") == (
        "pass: Morteza Moradi states that the drill ran from 8 June 2026, 14:00 EDT until 8 June 2026, "
        "15:10 EDT, at most "
        "10 minutes away from the flag's own times."
    )


def test_a_statement_to_the_second_says_so():
    """Nobody writes "0 seconds away"."""
    assert matches().endswith("15:00 EDT, which are the flag's own times.")


def test_a_statement_counts_until_its_author_says():
    """The drill itself counts for longer."""
    found = statement_matches_the_flag(drill(until="2026-06-19T00:00"), DRILLED, within_minutes=10)

    assert (found.outcome, found.valid_until) == ("pass", at("2026-06-19T00:00"))


@pytest.mark.parametrize("stated", [{"off": "2026-06-08T13:49"}, {"on": "2026-06-08T15:11"}])
def test_a_statement_further_away_fails(stated: dict[str, object]):
    """At either end."""
    assert matches(**stated).endswith("11 minutes away from the flag's own times where 10 minutes are allowed.")


def test_a_statement_about_a_drill_that_the_flag_does_not_show_fails():
    """The flag has no pair."""
    assert matches(history()).endswith("and finance-invoice-recon-enabled was not turned off and on again.")


def test_an_unproven_statement_is_unknown():
    """Even where its times are right."""
    assert matches(proven=False) == "unknown: The drill is only as reported by Morteza Moradi, and no key proves that."
