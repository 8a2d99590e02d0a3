"""`clearance switch on|off|show`: off by anybody at once, on by a person with a key and a reason."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from tests.acceptance.conftest import Desk
from tests.acceptance.prepared import Prepared
from tests.surfaces.cli import Desk as Fresh


def key(desk: Desk, person: str) -> dict[str, str]:
    return {"CLEARANCE_KEY": str(desk.keys / f"{person}.pem")}


def test_a_fresh_home_is_on_and_anybody_switches_it_off(tmp_path: Path):
    """No overlay, no key, no source: it works where nothing else does."""
    desk = Fresh(tmp_path)
    assert desk.run("switch", "show").returncode == 0

    off = desk.run("switch", "off", "--reason", "smoke")

    assert off.returncode == 0, off.stderr
    assert "off: new work is queued. Clearance is switched off by somebody without a key at" in off.stdout
    assert off.stdout.rstrip().endswith("UTC: smoke.")
    shown = desk.run("switch", "show", "--json")
    assert shown.returncode == 50
    assert json.loads(shown.stdout)["on"] is False
    (hand,) = json.loads(shown.stdout)["hands"]
    assert "T" in hand["since"]
    assert datetime.fromisoformat(hand["since"]).tzinfo


def test_a_broken_overlay_does_not_keep_anybody_from_switching_off(tmp_path: Path):
    (tmp_path / "people.yaml").write_text("people: [", encoding="utf-8")

    done = Fresh(tmp_path, {"CLEARANCE_CONFIG": str(tmp_path)}).run("switch", "off")

    assert done.returncode == 0, done.stderr


def test_a_wrong_setting_stops_every_command_but_the_switch(tmp_path: Path):
    """A key that reads evidence is no key for the switch; whoever has to stop everything still can."""
    desk = Fresh(tmp_path, {"CLEARANCE_SWITCH_SDK_KEY": "sdk-1", "LAUNCHDARKLY_SDK_KEY": "sdk-1"})

    refused = desk.run("reviews", "list")

    assert refused.returncode == 2
    assert "CLEARANCE_SWITCH_SDK_KEY: is a key that reads evidence" in refused.stderr
    assert desk.run("switch", "off").returncode == 0


def test_on_takes_a_key_and_a_reason(tmp_path: Path):
    desk = Fresh(tmp_path)
    assert desk.run("switch", "off").returncode == 0

    nameless = desk.run("switch", "on", "--reason", "the cause is mended")
    assert nameless.returncode == 2
    assert "the key could not be read" in nameless.stderr
    wordless = desk.run("switch", "on")
    assert wordless.returncode == 20
    assert "say with --reason why it may work again" in wordless.stderr
    assert desk.run("switch", "show").returncode == 50


def test_who_and_why_are_told(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    desk.cli("switch", "off", "--reason", "it asks too much", **key(desk, "mike.chen"))

    on = desk.cli("switch", "on", "--reason", "the cause is mended", **key(desk, "morteza.moradi"))

    assert on.returncode == 0, on.stderr
    assert "switched on by Morteza Moradi at 2026-06-17" in on.stdout
    assert "the cause is mended" in on.stdout


def test_what_no_terminal_shows_is_not_kept_and_refuses_nothing(tmp_path: Path):
    done = Fresh(tmp_path).run("switch", "off", "--reason", "fire\x1b[31m!" + "x" * 5000)

    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert len(done.stdout) < 2300


def test_nobody_forgets_a_flag_that_is_configured(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    own = {"CLEARANCE_SWITCH_SDK_KEY": "sdk-own", "CLEARANCE_SWITCH_SDK_URL": "http://127.0.0.1:9"}
    more = {**key(desk, "mike.chen"), **own}

    done = desk.cli("switch", "on", "--without-flag", "--reason", "we do not use it", **more)

    assert done.returncode == 20
    assert "flag clearance-enabled decides" in done.stderr
