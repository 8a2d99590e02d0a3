"""`clearance sweep` at a pipe: the digest on stdout, nothing else, and exit code 0 whatever it found."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from agent.outputs.sweep import as_json
from agent.outputs.sweep.text import render
from agent.schedules import Schedule
from agent.service import jobs, scheduling
from agent.service.sweeps import Swept, Tick
from agent.surfaces.sweep_bar import shown
from agent.surfaces.terminal import Screen
from tests.sweeps.conftest import OWN, Fleet

Done = tuple[Fleet, Swept]


def test_the_digest_is_all_that_is_said(swept: Done):
    fleet, _ = swept
    fleet.card("claims-triage", lambda card: card.pop("launch"))
    done = fleet.desk.cli("sweep", "--gate", "our-own", "--all", "--json")
    printed = json.loads(done.stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert (printed["quiet"], len(printed["troubles"])) == (2, 1)


def test_a_gate_that_cannot_be_read_is_never_code_0(swept: Done):
    """Whoever only looks at the code would take a gate that nobody looked at for one at which nothing was found."""
    fleet, _ = swept
    (fleet.desk.overlay / "gates" / "broken.yaml").write_text("id: broken\n", encoding="utf-8")
    done = fleet.desk.cli("sweep", "--gate", "all", "--due-within", "0d", "--json")

    assert done.returncode == 2
    assert "no subject was asked at broken, for that gate cannot be read" in done.stderr
    assert "our-own" in json.loads(done.stdout)["gates"]


def test_the_digest_of_a_sweep_is_read_again_whoever_ran_it(swept: Done):
    """The foot of each message names the command; nothing is swept for it."""
    fleet, one = swept
    again = fleet.desk.cli("digest", one.sweep, "--json")
    none = fleet.desk.cli("digest", "sw-none")

    assert (again.returncode, again.stdout) == (0, as_json.render(one.digest))
    assert f"clearance digest {one.sweep} " in render(one.digest)
    assert (none.returncode, none.stdout) == (2, "")
    assert f"no sweep 'sw-none' has finished here; the newest is {one.sweep} (`clearance digest`)" in none.stderr


def test_a_schedule_that_wants_changes_alone_gets_no_other_line_of_what_a_worker_swept(swept: Done):
    """The store has all of it: whoever asks for the lines sees them."""
    fleet, _ = swept
    monday = Schedule(
        id="monday", cron="0 6 * * 1", zone="UTC", gates=("our-own",), everything=True, only_changed=True, batch=False
    )
    deps = fleet.desk.deps()
    jobs.put(deps, scheduling.order_of(monday, deps.clock()))
    worked = fleet.desk.cli("worker", "--until-idle")
    short, whole = fleet.desk.cli("digest", "--json"), fleet.desk.cli("digest", "--with-unchanged", "--json")
    page = fleet.desk.cli("digest")

    assert worked.returncode == 0, worked.stderr
    assert [(one["quiet"], len(one["unchanged"])) for one in map(json.loads, (short.stdout, whole.stdout))] == [
        (3, 0), (3, 3)
    ]  # fmt: skip
    assert "3 did not" in page.stdout
    assert "## Unchanged" not in page.stdout


def test_a_digest_is_cut_for_whoever_asks(swept: Done):
    fleet, _ = swept
    done = fleet.sweep(OWN)
    short = fleet.desk.cli("digest", done.sweep, "--only-changed", "--json")

    assert len(done.digest.unchanged) == 3
    assert json.loads(short.stdout)["unchanged"] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--gate", ""), "no gate is named"),
        (("--gate", "pilot-to-pord"), "pilot-to-prod"),
        (("--gate", "our-own", "--due-within", "soon"), "write for example 21d"),
        (("--gate", "our-own", "--due-within", "2 years"), "write for example 21d"),
        (("--gate", "our-own", "--due-within", "9999999999999d"), "write for example 21d"),
    ],
)
def test_what_cannot_be_swept_is_told_in_a_sentence(swept: Done, words: tuple[str, ...], told: str):
    done = swept[0].desk.cli("sweep", *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_the_bar_names_the_stage_the_count_and_what_vendors_still_take():
    """On a terminal; somebody else's name in a sentence moves nothing on it."""
    screen = Console(file=io.StringIO(), force_terminal=True, width=160, color_system=None)
    with shown(Screen(screen, screen, live=True)) as tell:
        tell(Tick(stage="wait", sentence="sw-1 is under way in [red]somewhere\x1b[2J"))
        tell(Tick(stage="prefetch", done=40, total=80, left={"datadog": 1234}))
        tell(Tick(stage="review", done=8, total=10))
    said = screen.file.getvalue()  # type: ignore[attr-defined]

    assert "[red]somewhere" in said
    assert "\x1b[2J" not in said
    for words in ("fetching", "40/80", "calls left: datadog 1,234", "reviewing", "8/10"):
        assert words in said


def test_the_bar_says_how_much_of_the_sweep_is_done_and_when_it_ends():
    """Whatever its stage: a wave of 20 took 30 seconds in all, so the 80 that are left take 120."""
    screen, clock = Console(file=io.StringIO(), force_terminal=True, width=160, color_system=None), [0.0]
    with shown(Screen(screen, screen, live=True), lambda: clock[0]) as tell:
        for seconds, tick in (
            (0, Tick(stage="plan")),
            (0, Tick(stage="prefetch", total=900, reviews=100)),
            (29, Tick(stage="compare", done=1, total=100, ended=1, reviews=100)),
            (30, Tick(stage="prefetch", done=1, total=900, ended=20, reviews=100)),
        ):
            clock[0] = seconds
            tell(tick)
    lines = [line for line in screen.file.getvalue().splitlines() if "the sweep" in line]  # type: ignore[attr-defined]

    assert any("0/100" in line and "-:--:--" in line for line in lines)
    assert any("20/100" in line and "0:02:00" in line for line in lines)


def test_nobody_watches_a_pipe():
    screen = Console(file=io.StringIO(), width=160)
    with shown(Screen(screen, screen, live=False)) as tell:
        tell(Tick(stage="prefetch", done=40, total=80))

    assert screen.file.getvalue() == ""  # type: ignore[attr-defined]
