"""`clearance quiz`: who may answer and mark, that nobody is asked without a terminal, and what a terminal asks."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from agent import yaml_lines
from agent.store.packing import plain
from tests.surfaces.cli import Desk

SUBJECT = "finance-invoice-recon"
QUIZ = ("quiz", SUBJECT)
ANSWERS = {"kill": "The flag, off.", "failure_modes": "Three, each with its own step.", "logs": "Datadog Logs."}
PASSED = ("--set", "kill=passed", "--set", "failure_modes=passed", "--set", "logs=passed")


def as_(desk: Desk, person: str) -> dict[str, str]:
    return {"CLEARANCE_KEY": str(desk.cwd / "keys" / f"{person}.pem")}


def answered(desk: Desk, **changed: object) -> subprocess.CompletedProcess[str]:
    """Mike answers from a file."""
    file = desk.cwd / "answers.yaml"
    file.write_text(json.dumps({name: text for name, text in {**ANSWERS, **changed}.items() if text is not None}))
    return desk.run(*QUIZ, "--from", str(file), "--json")


def mark_mike(desk: Desk, *options: str, by: str = "lena.fischer") -> subprocess.CompletedProcess[str]:
    return desk.run(*QUIZ, "--mark", "mike.chen", *options, **as_(desk, by))


def at_terminal(desk: Desk, typed: str, *arguments: str, person: str = "mike.chen") -> tuple[int, str]:
    """Run the command with a terminal at both ends, everything typed ahead."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    command = [sys.executable, "-P", "-m", "agent", *QUIZ, *arguments]
    with subprocess.Popen(
        command, cwd=desk.cwd, env=desk.environment(TERM="dumb", **as_(desk, person)), stdin=theirs, stdout=theirs,
        stderr=theirs,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return process.returncode, shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the other end is closed
        return b""


def statements(desk: Desk) -> list[str]:
    """The kinds of statement that were kept in the home."""
    import base64
    import sqlite3

    with sqlite3.connect(desk.home / "clearance.db") as db:
        rows = db.execute("select digest, body from blobs where kind = 'statement' order by rowid").fetchall()
    found = [json.loads(plain(body, digest) or b"") for digest, body in rows]
    return [json.loads(base64.b64decode(one["payload"]))["kind"] for one in found]


def test_answers_from_a_file_say_about_which_text_they_are(desk: Desk):
    done = answered(desk)

    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert told["runbook"]["path"] == "runbook.md"
    assert told["runbook"]["digest"].startswith("sha256:")
    assert statements(desk) == ["quiz"]


def test_answers_about_another_text_than_the_one_that_is_there_are_refused(desk: Desk):
    done = answered(desk, runbook="sha256:" + "0" * 64)

    assert (done.returncode, done.stdout) == (2, "")
    assert "runbook: is sha256:0000" in done.stderr


def test_without_a_terminal_nobody_is_asked(desk: Desk):
    asked = desk.run(*QUIZ)

    assert (asked.returncode, asked.stdout) == (2, "")
    assert "--from FILE.yaml" in asked.stderr


def test_without_a_terminal_the_answers_are_shown_to_the_marker_with_the_command_that_marks_just_these(desk: Desk):
    """Code 50: it waits for a person."""
    digest = json.loads(answered(desk).stdout)["statement"]

    shown = mark_mike(desk)

    assert shown.returncode == 50
    assert "The flag, off." in shown.stdout
    assert f"--digest {digest.removeprefix('sha256:')[:12]}" in shown.stderr
    assert statements(desk) == ["quiz"]


def test_the_owner_marks_once_and_then_only_new_answers(desk: Desk):
    answered(desk)

    first, second = mark_mike(desk, *PASSED), mark_mike(desk, *PASSED)
    answered(desk)
    third = mark_mike(desk, *PASSED)

    assert (first.returncode, second.returncode, third.returncode) == (0, 20, 0), first.stderr + third.stderr
    assert "lena.fischer marked these answers of Mike Chen already" in second.stderr
    assert statements(desk) == ["quiz", "quiz_mark", "quiz", "quiz_mark"]


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("mike.chen", "nobody marks their own answers"),
        ("morteza.moradi", "does not own the runbook of finance-invoice-recon; lena.fischer may mark"),
    ],
)
def test_neither_the_answerer_nor_who_owns_no_runbook_may_mark(desk: Desk, by: str, told: str):
    answered(desk)

    done = mark_mike(desk, *PASSED, by=by)

    assert (done.returncode, done.stdout) == (20, "")
    assert told in done.stderr


def test_a_second_key_and_a_second_id_of_the_answerer_mark_nothing(desk: Desk):
    """One more key under Mike's own name; another id that bears his name is refused before anything is marked."""
    overlay = Path(desk.env["CLEARANCE_CONFIG"])
    told = [json.loads(desk.run("keys", "new", "--out", f"keys/{name}.pem", "--json").stdout) for name in ("2", "mc")]
    people, card = overlay / "people.yaml", overlay / "cards" / SUBJECT / "card.yaml"
    data = yaml_lines.read(people)[0]
    data["people"]["mike.chen"]["keys"].append({"public": told[0]["public"]})
    people.write_text(json.dumps(data, default=str), encoding="utf-8")
    owners = card.read_text(encoding="utf-8").replace("owners: [lena.fischer]", "owners: [lena.fischer, mike.chen]")
    card.write_text(owners, encoding="utf-8")
    assert answered(desk).returncode == 0

    done = mark_mike(desk, *PASSED, by="2")
    assert (done.returncode, "nobody marks their own answers" in done.stderr) == (20, True), done.stderr

    data["people"]["mc"] = {"name": "Mike  chen", "roles": ["platform"], "keys": [{"public": told[1]["public"]}]}
    people.write_text(json.dumps(data, default=str), encoding="utf-8")
    done = mark_mike(desk, *PASSED, by="mc")
    assert (done.returncode, "is the name of mike.chen already" in done.stderr) == (2, True), done.stderr
    assert statements(desk) == ["quiz"]


def test_without_owners_on_the_card_the_builders_mark_but_never_their_own(desk: Desk):
    card = Path(desk.env["CLEARANCE_CONFIG"], "cards", SUBJECT, "card.yaml")
    card.write_text(card.read_text(encoding="utf-8").replace(", owners: [lena.fischer]", ""), encoding="utf-8")
    answered(desk)

    assert mark_mike(desk, *PASSED, by="mike.chen").returncode == 20
    assert mark_mike(desk, *PASSED, by="lena.fischer").returncode == 20
    assert mark_mike(desk, *PASSED, by="morteza.moradi").returncode == 0


def test_marks_given_for_other_answers_than_the_latest_are_refused(desk: Desk):
    """The marker read the first answers; meanwhile there are others."""
    read = json.loads(answered(desk).stdout)["statement"]
    answered(desk, logs="Somewhere else.")

    done = mark_mike(desk, *PASSED, "--digest", read)

    assert done.returncode == 20
    assert "has answered again since" in done.stderr


def test_answers_about_a_text_that_has_changed_are_not_marked(desk: Desk):
    answered(desk)
    with Path(desk.env["CLEARANCE_CONFIG"], "documents", "runbook.md").open("a", encoding="utf-8") as runbook:
        runbook.write("\nOne more step.\n")

    done = mark_mike(desk, *PASSED)

    assert done.returncode == 20
    assert "let them read it and answer again" in done.stderr


def test_who_has_not_answered_and_who_is_unknown_cannot_be_marked(desk: Desk):
    nobody = desk.run(*QUIZ, "--mark", "mike.chan", **as_(desk, "lena.fischer"))
    silent = desk.run(*QUIZ, "--mark", "sarah.lind", **as_(desk, "lena.fischer"))

    assert (nobody.returncode, silent.returncode) == (2, 20)
    assert "Did you mean mike.chen" in nobody.stderr
    assert "Sarah Lind has not answered" in silent.stderr


def test_options_that_do_not_go_together_are_told(desk: Desk):
    both = desk.run(*QUIZ, "--mark", "mike.chen", "--from", "answers.yaml")
    alone = desk.run(*QUIZ, "--set", "kill=passed")

    assert (both.returncode, alone.returncode) == (2, 2)


def test_a_runbook_that_is_not_there_cannot_be_answered_about(desk: Desk):
    Path(desk.env["CLEARANCE_CONFIG"], "documents", "runbook.md").unlink()

    done = answered(desk)

    assert done.returncode == 20
    assert "there is no document 'runbook.md'" in done.stderr


def test_a_terminal_asks_the_three_questions_shows_the_answers_and_signs_after_a_yes(desk: Desk):
    """An answer of two lines, then one each; an empty line ends each of them."""
    code, shown = at_terminal(desk, "The flag.\nThen watch.\n\nThree of them.\n\nDatadog.\n\ny\n")

    assert code == 0, shown
    assert "runbook.md" in shown
    for question in ("within 60 seconds?", "what do you do for each?", "Where are the logs?"):
        assert question in shown
    assert "Sign these answers as Mike Chen" in shown
    assert statements(desk) == ["quiz"]


@pytest.mark.parametrize("end", ["n\n", "\x04"])
def test_whatever_is_not_a_yes_signs_nothing(desk: Desk, end: str):
    code, shown = at_terminal(desk, "The flag.\n\nThree of them.\n\nDatadog.\n\n" + end)

    assert code == 50, shown
    assert statements(desk) == []


def test_a_terminal_shows_the_answers_and_asks_for_a_mark_of_each(desk: Desk):
    """What is neither passed nor failed is asked again."""
    answered(desk)

    code, shown = at_terminal(desk, "p\nmaybe\nf\np\ny\n", "--mark", "mike.chen", person="lena.fischer")

    assert code == 0, shown
    assert "The flag, off." in shown
    assert "kill passed, failure_modes failed, logs passed" in " ".join(shown.split())
    assert statements(desk) == ["quiz", "quiz_mark"]
