"""The stream is held, every flip is in the store at once, and silence is told for what it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent import outward, settings
from agent.deps import Deps
from agent.errors import ConfigError
from agent.service import own_switch
from agent.service.assembly import assemble
from agent.store import own_switch as store
from agent.surfaces.switch_stream import listening
from collectors.sandbox.server import Running
from tests.acceptance.prepared import Hands
from tests.switch.conftest import until
from tests.switch.flag_server import KEY, FlagServer, flag

OWN = "CLEARANCE_SWITCH_SDK_KEY"


def deps_at(home: Path, stream: Running, key: str = KEY) -> Deps:
    return assemble(settings.read({"CLEARANCE_HOME": str(home), OWN: key, "CLEARANCE_SWITCH_SDK_URL": stream.url}))


@contextmanager
def held(deps: Deps) -> Iterator[None]:
    with listening(deps, every=0.2):
        yield


def says(deps: Deps, on: bool, told: str) -> None:
    until(lambda: (now := own_switch.of(deps)).on is on and told in now.told)


def test_the_flag_is_heard_and_so_is_every_flip(tmp_path: Path, stream: Running, flags: FlagServer):
    deps = deps_at(tmp_path, stream)
    assert not own_switch.of(deps).on, "never heard"

    with held(deps):
        says(deps, True, "it serves true: FALLTHROUGH")
        flags.flip(False)
        says(deps, False, "it serves false: OFF")
        flags.flip(True)
        says(deps, True, "it serves true: FALLTHROUGH")


def test_it_only_listens(tmp_path: Path, stream: Running, flags: FlagServer):
    """One connection, a GET, with its own key; no event and no diagnosis is sent anywhere."""
    deps = deps_at(tmp_path, stream)
    with held(deps):
        says(deps, True, "it serves true")
        flags.flip(False)
        says(deps, False, "it serves false")

    assert [(one.method, one.path) for one in flags.seen] == [("GET", "/all")]


def test_unreachable_leaves_the_last_value_and_says_so(tmp_path: Path, stream: Running, flags: FlagServer):
    deps = deps_at(tmp_path, stream)
    with held(deps):
        says(deps, True, "it serves true")
        flags.leave()
        says(deps, True, "its last known value")
        assert own_switch.of(deps).aloud
        flags.come_back()
        until(lambda: own_switch.of(deps).sure, 60)


def test_a_flip_while_nobody_listens_is_heard_by_the_next_who_does(tmp_path: Path, stream: Running, flags: FlagServer):
    deps = deps_at(tmp_path, stream)
    with held(deps):
        says(deps, True, "it serves true")
    flags.flip(False)

    assert own_switch.of(deps).on, "the last known value"
    with held(deps):
        says(deps, False, "it serves false: OFF")


def test_a_key_that_is_refused_is_never_heard(tmp_path: Path, stream: Running):
    deps = deps_at(tmp_path, stream, key="sdk-some-other")

    with held(deps):
        says(deps, False, "LaunchDarkly refuses CLEARANCE_SWITCH_SDK_KEY (status 401)")


def test_a_flag_that_is_deleted_is_off(tmp_path: Path, stream: Running, flags: FlagServer):
    """LaunchDarkly answers, and says that there is no such flag: nothing is known to be on."""
    deps = deps_at(tmp_path, stream)
    with held(deps):
        says(deps, True, "it serves true")
        flags.delete()
        says(deps, False, "there is no such flag in that environment")


@pytest.mark.parametrize(
    "changed",
    [{"variations": ["on", "off"]}, {"on": False, "offVariation": None}, {"variations": [1, 0]}],
    ids=["text", "nothing", "number"],
)
def test_a_flag_that_serves_neither_true_nor_false_is_off(
    tmp_path: Path, stream: Running, flags: FlagServer, changed: dict[str, object]
):
    deps = deps_at(tmp_path, stream)
    with held(deps):
        says(deps, True, "it serves true")
        flags.put({**flag(True, 2), **changed})
        says(deps, False, "it serves no true and no false")


def test_without_a_key_nobody_listens(tmp_path: Path, stream: Running, flags: FlagServer):
    deps = assemble(settings.read({"CLEARANCE_HOME": str(tmp_path)}))

    with held(deps):
        assert own_switch.of(deps).on

    assert flags.seen == []


def test_its_age_is_told_by_the_clock(tmp_path: Path, stream: Running):
    deps = deps_at(tmp_path, stream)
    clock = Hands(deps.clock())
    with held(replace(deps, clock=clock)):
        says(deps, True, "it serves true")
    clock.go(days=2)

    assert "its last known value, of 2 days ago" in own_switch.of(replace(deps, clock=clock)).told
    assert own_switch.age(timedelta(seconds=61)) == "1 minute"


@pytest.mark.parametrize("name", ["LAUNCHDARKLY_SDK_KEY", "LAUNCHDARKLY_ACCESS_TOKEN"])
def test_a_key_that_reads_evidence_is_refused(tmp_path: Path, name: str):
    own = settings.read({"CLEARANCE_HOME": str(tmp_path), OWN: "sdk-1", name: "sdk-1"})

    with pytest.raises(ConfigError, match="is a key that reads evidence"):
        outward.switch(own)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"CLEARANCE_SWITCH_SDK_URL": "http://127.0.0.1:1"}, "needs CLEARANCE_SWITCH_SDK_KEY beside it"),
        ({OWN: "sdk-1", "CLEARANCE_SWITCH_SDK_URL": "http://relay.acme"}, "must be https://"),
        ({OWN: "schlüssel"}, "characters that no SDK key has"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(tmp_path: Path, more: dict[str, str], told: str):
    with pytest.raises(ConfigError, match=told):
        outward.switch(settings.read({"CLEARANCE_HOME": str(tmp_path), **more}))


def test_the_clock_of_a_sandbox_is_not_set_beside_the_real_flag(tmp_path: Path):
    own = settings.read({"CLEARANCE_HOME": str(tmp_path), OWN: "sdk-1", "CLEARANCE_CLOCK": "2026-06-12T16:00:00Z"})

    with pytest.raises(ConfigError, match=r"stream\.launchdarkly\.com is a real source"):
        own.clock()


def test_who_serves_or_works_is_told_when_it_changes(tmp_path: Path):
    """By the flag or by hand, on this machine or another; that it is on at the beginning is no news."""
    deps, told = assemble(settings.read({"CLEARANCE_HOME": str(tmp_path)})), list[str]()
    with listening(deps, tell=told.append):
        store.set_by_person(deps.engine, "off", "Mike Chen", "it asks too much", deps.clock())
        until(lambda: len(told) == 1)
        store.set_by_person(deps.engine, "on", "Mike Chen", "it is mended now", deps.clock())
        until(lambda: len(told) == 2)

    assert told[0].startswith("new work is queued from here on: Clearance is switched off by Mike Chen")
    assert told[1].startswith("new work begins: Clearance is switched on by Mike Chen")
