"""The examples of docs/sweeps.md: each parses as what it is, and orders a sweep that the command takes."""

from __future__ import annotations

import configparser
import re
import shlex
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import typer
from croniter import croniter

from agent.surfaces.cli import app
from tests import plain_yaml
from tests.builders import ROOT

PAGE = (ROOT / "docs/sweeps.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


def block(kind: str) -> str:
    (found,) = [text for name, text in BLOCKS if name == kind]
    return found


def taken(words: list[str]) -> dict[str, object]:
    """What the command line makes of it; typer's own error where it takes it not."""
    at = next(place for place, word in enumerate(words) if word.endswith("clearance"))
    assert words[at + 1] == "sweep"
    sweep = typer.main.get_command(app).commands["sweep"]  # type: ignore[attr-defined]
    given: dict[str, object] = sweep.make_context("sweep", words[at + 2 :]).params
    return given


def commands() -> list[list[str]]:
    shown = block("").splitlines()
    timed = [line for line in block("cron").splitlines() if "sweep" in line]
    started = [line.partition("=")[2] for line in block("ini").splitlines() if line.startswith("ExecStart")]
    texts = [*shown, *(line.split(maxsplit=6)[6] for line in timed), *started]
    container = job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    return [*(shlex.split(text.partition(">")[0], comments=True) for text in texts), container["command"]]


def job() -> dict:  # type: ignore[type-arg]
    found: dict = plain_yaml.load(block("yaml"))  # type: ignore[type-arg]
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_is_one_that_is_taken(words: list[str]):
    assert taken(words)["gate"]


def test_cron_fires_on_working_days_in_its_zone():
    settings, line = block("cron").splitlines()[:-1], block("cron").splitlines()[-1]
    zone = ZoneInfo(dict(one.split("=") for one in settings)["CRON_TZ"])
    friday = datetime(2026, 6, 12, 7, 0, tzinfo=zone)

    assert croniter(" ".join(line.split()[:5]), friday).get_next(datetime) == datetime(2026, 6, 15, 6, 30, tzinfo=zone)


def test_the_units_name_each_other():
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(block("ini"))

    assert unit["Service"]["Type"] == "oneshot"
    assert re.fullmatch(r"Mon\.\.Fri \d\d:\d\d [A-Za-z_/]+", unit["Timer"]["OnCalendar"])
    assert ZoneInfo(unit["Timer"]["OnCalendar"].split()[-1])
    assert unit["Install"]["WantedBy"] == "timers.target"


def test_the_cronjob_runs_one_at_a_time():
    spec = job()["spec"]

    assert (job()["kind"], spec["concurrencyPolicy"]) == ("CronJob", "Forbid")
    assert croniter.is_valid(spec["schedule"])
    assert ZoneInfo(spec["timeZone"])


def test_the_pod_knows_its_overlay_and_keeps_its_home():
    """What a sweep seals on its way is lost with a home of the pod's own, and with it the key."""
    pod = job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (sweep,) = pod["containers"]
    env = {one["name"]: one["value"] for one in sweep["env"]}
    kept = {one["name"] for one in pod["volumes"] if "persistentVolumeClaim" in one}

    assert env["CLEARANCE_CONFIG"]
    assert [one["mountPath"] for one in sweep["volumeMounts"] if one["name"] in kept] == [env["CLEARANCE_HOME"]]
