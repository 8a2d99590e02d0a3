"""Through a pipe there is no colour, no progress and no question; what goes wrong inside goes to the log."""

from __future__ import annotations

import json
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

from tests.processes import ended_with_the_test, next_line, started
from tests.surfaces.cli import Desk

ASSESS = ("assess", "finance-invoice-recon", "--gate", "pilot-to-prod")


def test_an_assessment_without_any_credential_is_blocked_by_what_was_not_seen(desk: Desk):
    """Code 30, never 0: nothing was seen, so nothing is cleared; and every gap says what to set."""
    done = desk.run(*ASSESS)

    assert done.returncode == 30
    assert "Proposal: blocked" in done.stdout
    assert "❔ undetermined" in done.stdout
    assert "PAGERDUTY_API_KEY is not set" in done.stdout
    assert "It permits nothing" in done.stdout


def test_through_a_pipe_there_is_neither_colour_nor_progress(desk: Desk):
    """Not even where the caller asks for colour: a pipe is read by programs."""
    done = desk.run(*ASSESS, FORCE_COLOR="1", CLICOLOR_FORCE="1")

    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_json_is_one_document_with_the_same_result_and_code(desk: Desk):
    done = desk.run(*ASSESS, "--json")

    told = json.loads(done.stdout)
    assert done.returncode == 30
    assert told["proposal"] == "blocked"
    assert [item["number"] for item in told["items"]] == list(range(1, 11))
    assert done.stdout.isascii()


def test_help_of_assess_says_that_its_code_permits_nothing(nowhere: Desk):
    done = nowhere.run("assess", "--help")

    assert done.returncode == 0
    assert "permits nothing" in done.stdout


def test_reviews_show_and_report_give_50_while_signatures_are_missing_and_name_them(desk: Desk):
    review = json.loads(desk.run(*ASSESS, "--json").stdout)["review"]

    shown, report = desk.run("reviews", "show", review), desk.run("report", review)

    assert (shown.returncode, report.returncode) == (50, 50)
    assert f"clearance sign {review} --role builder --decision blocked --digest" in shown.stdout
    assert "still to sign: Agent Builder" in report.stderr
    assert report.stdout == ""


def test_reviews_that_wait_for_me_are_those_that_my_key_may_sign(desk: Desk):
    """Mike may sign as builder; Sam, the weekend engineer, has nothing to sign."""
    review = json.loads(desk.run(*ASSESS, "--json").stdout)["review"]

    mine = desk.run("reviews", "list", "--waiting-for", "me", "--json")
    sams = desk.run("reviews", "list", "--waiting-for", "sam.okafor", "--json")

    assert [row["review"] for row in json.loads(mine.stdout)] == [review]
    assert json.loads(sams.stdout) == []


def test_a_statement_given_on_the_command_line_is_signed_and_read_by_the_next_assessment(desk: Desk):
    """The drill, in the words of the person whose key is set; `on` and `off` would be words, times keep their zone."""
    fields = {
        "flag_off_at": "2026-06-16T14:00:00-04:00", "flag_on_at": "2026-06-16T15:00:00-04:00", "in_flight_at_flip": "3",
        "in_flight_outcome": "stopped and queued again", "time_to_stop_s": "38", "performed_by": "mike.chen",
    }  # fmt: skip
    options = [part for name, value in fields.items() for part in ("--field", f"{name}={value}")]

    stated = desk.run("attest", "finance-invoice-recon", "9", *options, "--json")

    assert stated.returncode == 0, stated.stderr
    assert json.loads(stated.stdout)["author"] == "mike.chen"
    assert json.loads(stated.stdout)["kind"] == "drill"


def test_a_statement_with_a_field_of_the_wrong_kind_is_refused_with_the_fields_name(desk: Desk):
    done = desk.run("attest", "finance-invoice-recon", "9", "--field", "in_flight_at_flip=some")

    assert done.returncode == 2
    assert "statement drill: " in done.stderr


def test_doctor_tells_where_settings_come_from_and_never_a_secret(desk: Desk):
    """Code 2: the card names sources that are not configured."""
    done = desk.run("doctor", ANTHROPIC_API_KEY="sk-very-secret")

    assert done.returncode == 2
    assert "ANTHROPIC_API_KEY" in done.stdout
    assert "sk-very-secret" not in done.stdout + done.stderr
    assert "not configured, and a card names it" in done.stdout


def test_doctor_is_content_where_nothing_is_asked_for(nowhere: Desk):
    assert nowhere.run("doctor", "--json").returncode == 0


def test_a_new_key_is_for_its_owner_only_and_is_never_overwritten(nowhere: Desk):
    made, again = nowhere.run("keys", "new", "--json"), nowhere.run("keys", "new")

    key = nowhere.home / "key.pem"
    assert made.returncode == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert again.returncode == 2
    assert "never overwritten" in again.stderr
    assert json.loads(nowhere.run("keys", "show", "--json").stdout)["person"] is None


def test_what_nobody_expected_is_one_sentence_and_the_rest_is_in_the_log(nowhere: Desk):
    """A store that lost a table: the sentence has an incident id, the log has the traceback under it."""
    assert nowhere.run("reviews", "list").returncode == 0
    with closing(sqlite3.connect(nowhere.home / "clearance.db")) as store:
        store.execute("drop table reviews")

    done = nowhere.run("reviews", "list")

    assert done.returncode == 1
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    incident = sentence.split("incident ")[1][:8]
    log = (nowhere.home / "clearance.log").read_text(encoding="utf-8")
    assert f"incident {incident}" in log
    assert "Traceback" in log


def test_a_database_that_is_no_database_is_told_with_its_backup(nowhere: Desk):
    nowhere.home.mkdir()
    (nowhere.home / "clearance.db").write_bytes(b"this is not a database, and it is long enough to be looked at" * 20)

    done = nowhere.run("reviews", "list")

    assert done.returncode == 1
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    assert "clearance.db" in sentence
    assert "restore it from its backup" in sentence


def test_a_sandbox_ends_in_order_when_it_is_terminated(nowhere: Desk):
    command = [sys.executable, "-P", "-m", "agent", "sandbox", "--world", "put-right"]
    with started(command, cwd=nowhere.cwd, env=nowhere.environment(), stdout=subprocess.PIPE, text=True) as process:
        first = next_line(process)
        process.send_signal(signal.SIGTERM)
        rest = list(iter(lambda: next_line(process), ""))

    assert process.returncode == 0
    assert all(line.startswith("export ") for line in [first, *rest])
    assert any(line.startswith("export CLEARANCE_SANDBOX_CONTROL=http://127.0.0.1:") for line in rest)


def test_interrupted_says_that_the_next_command_goes_on(desk: Desk):
    """Ctrl-C while a source hangs: code 130, and the review is finished by the next command."""
    with ended_with_the_test([sys.executable, "-c", HANGS], stdout=subprocess.PIPE, text=True) as listener:
        port = next_line(listener).strip()
        more = {
            "PAGERDUTY_API_KEY": "k",
            "CLEARANCE_PAGERDUTY_URL": f"http://127.0.0.1:{port}",
            "CLEARANCE_TIMEOUT": "3",
        }
        command = [sys.executable, "-c", HEEDING, sys.executable, "-P", "-m", "agent", *ASSESS]
        with started(
            command, cwd=desk.cwd, env=desk.environment(**more), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        ) as process:  # fmt: skip
            assert next_line(listener) == "asked\n"
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=120)

    again = desk.run(*ASSESS, "--json")
    assert process.returncode == 130, said
    assert "the next command goes on" in said
    assert len(json.loads(desk.run("reviews", "list", "--json").stdout)) == 1
    assert json.loads(again.stdout)["proposal"] == "blocked"


# Where the tests run in the background of a shell, they and what they start would be deaf to Ctrl-C.
HEEDING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
HANGS = """
import socket
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
kept = [server.accept()]
kept[0][0].recv(1)
print("asked", flush=True)
while True:
    kept.append(server.accept())
"""
