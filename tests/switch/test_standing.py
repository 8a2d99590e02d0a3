"""How the switch stands: two hands, off counts from either, what was never heard is off, what is old is said aloud."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from agent import settings
from agent.service.own_switch import Standing, standing
from agent.settings import Settings
from agent.store import log, own_switch, schema
from agent.store.own_switch import CHAIN, FLAG, OFF, ON, STALE

NOW = datetime(2026, 6, 12, 16, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
KEY = {"CLEARANCE_SWITCH_SDK_KEY": "sdk-clearance-own"}


def with_flag(tmp_path: Path) -> Settings:
    return settings.read({"CLEARANCE_HOME": str(tmp_path), **KEY})


def without(tmp_path: Path) -> Settings:
    return settings.read({"CLEARANCE_HOME": str(tmp_path)})


def look(engine: Engine, own: Settings, at: datetime = LATER) -> Standing:
    return standing(engine, own, at)


def test_a_fresh_home_without_launchdarkly_is_on_and_says_why(engine: Engine, tmp_path: Path):
    found = look(engine, without(tmp_path))

    assert found.on
    assert "nobody has switched it off" in found.told
    assert "CLEARANCE_SWITCH_SDK_KEY) is not configured" in found.told


def test_with_launchdarkly_what_was_never_heard_is_off(engine: Engine, tmp_path: Path):
    """Also where somebody has switched on by hand: a person is never laxer than the flag."""
    own_switch.set_by_person(engine, ON, "Mike Chen", "all is well", NOW)

    found = look(engine, with_flag(tmp_path))

    assert not found.on
    assert not found.sure
    assert "was never heard here" in found.told


def test_a_flag_that_never_answered_is_off_and_says_what_it_met(engine: Engine, tmp_path: Path):
    own_switch.not_heard(engine, "LaunchDarkly cannot be reached (status 503)", NOW)

    found = look(engine, with_flag(tmp_path))

    assert not found.on
    assert "never heard here (LaunchDarkly cannot be reached (status 503))" in found.told


def test_the_flag_decides_also_for_a_command_that_does_not_know_its_key(engine: Engine, tmp_path: Path):
    """A worker has the key and has heard off; a shell without the key is no way around it."""
    own_switch.heard(engine, OFF, "it serves false: OFF", NOW, fresh=True)

    assert not look(engine, without(tmp_path)).on


@pytest.mark.parametrize(
    ("person", "flag", "on"), [(ON, ON, True), (ON, OFF, False), (OFF, ON, False), (OFF, OFF, False)]
)
def test_off_counts_from_either_hand(engine: Engine, tmp_path: Path, person: str, flag: str, on: bool):
    own_switch.set_by_person(engine, person, "Mike Chen", "as it should be", NOW)
    own_switch.heard(engine, flag, "it serves something", NOW, fresh=True)

    assert look(engine, with_flag(tmp_path)).on is on


@pytest.mark.parametrize("position", [ON, OFF])
def test_unreachable_the_last_known_value_counts_and_is_said_aloud(engine: Engine, tmp_path: Path, position: str):
    own_switch.heard(engine, position, "it serves something", NOW, fresh=True)
    own_switch.not_heard(engine, "LaunchDarkly cannot be reached (network error)", NOW + timedelta(hours=3))

    found = look(engine, with_flag(tmp_path), NOW + timedelta(hours=5))

    assert found.on is (position == ON)
    assert found.aloud is (position == ON)
    assert "its last known value, of 5 hours ago: LaunchDarkly cannot be reached (network error)" in found.told


def test_nobody_listening_is_as_old_as_the_last_who_did(engine: Engine, tmp_path: Path):
    own_switch.heard(engine, ON, "it serves true: FALLTHROUGH", NOW, fresh=True)

    assert not look(engine, with_flag(tmp_path), NOW + STALE - timedelta(seconds=1)).aloud
    found = look(engine, with_flag(tmp_path), NOW + STALE)
    assert found.aloud
    assert "no worker or page listens to it now" in found.told


def test_what_a_clock_that_was_ahead_heard_is_not_taken_for_fresh(engine: Engine, tmp_path: Path):
    """Until that day nobody would hear that nobody listens."""
    own_switch.heard(engine, ON, "it serves true: FALLTHROUGH", NOW + timedelta(days=365), fresh=True)

    found = look(engine, with_flag(tmp_path), NOW)
    assert found.aloud
    assert "by a clock that was ahead" in found.told


def test_it_is_heard_again(engine: Engine, tmp_path: Path):
    own_switch.heard(engine, ON, "it serves true: FALLTHROUGH", NOW, fresh=True)
    own_switch.not_heard(engine, "LaunchDarkly cannot be reached (network error)", NOW)
    own_switch.heard(engine, ON, "it serves true: FALLTHROUGH", LATER, fresh=False)

    assert look(engine, with_flag(tmp_path)).sure


def test_who_only_confirms_never_switches_on_what_another_has_just_heard_off(engine: Engine, tmp_path: Path):
    """Two processes listen, and one of them lags behind."""
    own_switch.heard(engine, OFF, "it serves false: OFF", NOW, fresh=True)
    own_switch.heard(engine, ON, "it serves true: FALLTHROUGH", LATER, fresh=False)
    assert not look(engine, with_flag(tmp_path)).on

    own_switch.heard(engine, ON, "it serves true: FALLTHROUGH", LATER, fresh=True)
    assert look(engine, with_flag(tmp_path)).on


def test_who_only_confirms_may_always_switch_off(engine: Engine, tmp_path: Path):
    own_switch.heard(engine, ON, "it serves true: FALLTHROUGH", NOW, fresh=True)
    own_switch.heard(engine, OFF, "it serves false: OFF", LATER, fresh=False)

    assert not look(engine, with_flag(tmp_path)).on


def test_off_that_nobody_confirms_any_more_gives_way_to_one_who_hears_on(engine: Engine, tmp_path: Path):
    own_switch.heard(engine, OFF, "it serves false: OFF", NOW, fresh=True)
    own_switch.heard(engine, ON, "it serves true: FALLTHROUGH", NOW + STALE, fresh=False)

    assert look(engine, with_flag(tmp_path), NOW + STALE).on


def test_every_change_is_in_the_log_and_a_confirmation_is_not(engine: Engine):
    """Who, when, why, chained like everything else there."""
    own_switch.heard(engine, ON, "it serves true: FALLTHROUGH", NOW, fresh=True)
    for _ in range(3):
        own_switch.heard(engine, ON, "it serves true: FALLTHROUGH", LATER, fresh=False)
    own_switch.set_by_person(engine, OFF, "Mike Chen", "it asks too much", LATER)

    chain = log.lines(engine, CHAIN)

    assert log.broken(chain) is None
    assert [entry.event for entry in log.entries(engine, CHAIN)] == ["switched", "switched"]
    assert b'"by":"Mike Chen","hand":"person","reason":"it asks too much","to":"off"' in chain


def test_a_flag_that_is_not_used_any_more_can_be_forgotten(engine: Engine, tmp_path: Path):
    own_switch.heard(engine, OFF, "it serves false: OFF", NOW, fresh=True)

    own_switch.forget_flag(engine, "Mike Chen", "LaunchDarkly is not ours any more", LATER)

    assert look(engine, without(tmp_path)).on
    with engine.connect() as connection:
        assert connection.execute(select(schema.switch.c.hand).where(schema.switch.c.hand == FLAG)).first() is None
    assert [entry.event for entry in log.entries(engine, CHAIN)] == ["switched", "flag_forgotten"]
