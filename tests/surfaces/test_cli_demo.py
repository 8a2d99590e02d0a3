"""`clearance demo` in an empty folder: the whole way through, and what it leaves can be looked at."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.surfaces.cli import Desk

DEMO = Path(".clearance/demo")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, subprocess.CompletedProcess[str]]:
    """One run for all tests here, with somebody's real credentials set, which it must not use."""
    desk = Desk(tmp_path_factory.mktemp("demo"), {"PAGERDUTY_API_KEY": "real", "ANTHROPIC_API_KEY": "real"})
    return desk, desk.run("demo", "--picture", "picture.svg")


def test_it_ends_well_and_says_what_happened(played: tuple[Desk, subprocess.CompletedProcess[str]]):
    """Blocked with eight reasons, mended, signed by three people, and only then allowed."""
    _, done = played

    assert (done.returncode, done.stderr) == (0, "")
    assert "exit code of the proposal: 20" in done.stdout
    assert done.stdout.count("✅ gone (") == 8
    assert "(exit code 50)" in done.stdout.split("6. Signing")[0]
    assert "(exit code 0)" in done.stdout.split("6. Signing")[1]
    assert "# Pilot-to-Prod Checklist" in done.stdout


def test_without_a_terminal_it_says_that_it_signs_for_its_people(played: tuple[Desk, subprocess.CompletedProcess[str]]):
    """Their notes are honest about it."""
    desk, done = played
    review = json.loads(_look(desk, "reviews", "list", "--json").stdout)[0]["review"]
    shown = json.loads(_look(desk, "reviews", "show", review, "--json").stdout)

    assert "so the demo signs for its people" in done.stdout
    assert {signed["channel"] for signed in shown["signed"]} == {"demo"}
    assert all(note.startswith("Demo signature: nobody ") for s in shown["signed"] for note in s["notes"].values())


def test_it_used_no_setting_of_this_shell(played: tuple[Desk, subprocess.CompletedProcess[str]]):
    """A real key in the environment was neither sent nor kept, and no model was asked."""
    _, done = played

    assert "no model is configured" in done.stdout


def test_what_it_leaves_can_be_looked_at_with_the_home_alone(played: tuple[Desk, subprocess.CompletedProcess[str]]):
    """`reviews`, `report`, `diff`, `killswitch` and `may-deploy` need no source."""
    desk, _ = played
    after, before = (row["review"] for row in json.loads(_look(desk, "reviews", "list", "--json").stdout))

    assert _look(desk, "report", after, "--text").returncode == 0
    assert _look(desk, "report", before).returncode == 50
    assert "blocked → cleared" in _look(desk, "diff", before, after).stdout
    assert len(json.loads(_look(desk, "diff", before, after, "--json").stdout)["gone"]) == 8
    assert "stopped 38 seconds after the flip" in _look(desk, "killswitch", "finance-invoice-recon").stdout
    may = ("may-deploy", "finance-invoice-recon@1.0", "--gate", "pilot-to-prod")
    assert (_look(desk, *may, "--sandbox").returncode, _look(desk, *may).returncode) == (0, 20)
    assert _look(desk, "may-deploy", "finance-invoice-recon@1.1", "--gate", "pilot-to-prod").returncode == 50


def test_an_item_is_shown_down_to_the_raw_value_that_it_rests_on(played: tuple[Desk, subprocess.CompletedProcess[str]]):
    desk, _ = played
    review = json.loads(_look(desk, "reviews", "list", "--json").stdout)[0]["review"]

    told = json.loads(_look(desk, "reviews", "show", review, "9", "--json").stdout)

    facts = {fact["role"]: fact for finding in told["findings"] for fact in finding["facts"]}
    assert facts["now"]["raw"] == "true"
    assert facts["now"]["pointer"] == "/flag/environments/production/on"
    assert "launchdarkly.flag from http://127.0.0.1" in facts["now"]["source"]


def test_the_picture_is_drawn_from_the_same_run(played: tuple[Desk, subprocess.CompletedProcess[str]]):
    desk, _ = played

    picture = (desk.cwd / "picture.svg").read_text(encoding="utf-8")
    assert picture.startswith("<svg")
    assert "url(http" not in picture


def test_it_never_deletes_a_folder_that_it_did_not_make(nowhere: Desk):
    other = nowhere.cwd / DEMO
    other.mkdir(parents=True)
    (other / "mine.txt").write_text("keep", encoding="utf-8")

    done = nowhere.run("demo")

    assert done.returncode == 2
    assert "was not made by the demo" in done.stderr
    assert (other / "mine.txt").read_text(encoding="utf-8") == "keep"


def _look(desk: Desk, *arguments: str) -> subprocess.CompletedProcess[str]:
    return desk.run(*arguments, CLEARANCE_HOME=str(DEMO), PAGERDUTY_API_KEY="", ANTHROPIC_API_KEY="")
