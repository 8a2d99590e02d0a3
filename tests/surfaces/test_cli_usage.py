"""What is written wrongly on the command line or in a file is answered with code 2 and a sentence that helps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gates.seeds import WRITTEN_OUT
from tests.surfaces.cli import Desk


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["asses"], "Did you mean 'assess'"),
        (["assess", "finance-invoice-recon"], "Missing option '--gate'"),
        (["assess", "finance-invoice-recon", "--gate", "pilot-to-prd"], "Did you mean pilot-to-prod?"),
        (["assess", "finance-invoice-rekon", "--gate", "pilot-to-prod"], "Did you mean finance-invoice-recon?"),
        (["assess", "finance-invoice-recon", "--gate", "pilot-to-prod", "--only", "4,x"], "--only"),
        (["assess", "finance-invoice-recon", "--gate", "pilot-to-prod", "--only", "11"], "has no item 11"),
        (["assess", "finance-invoice-recon", "--gate", "pilot-to-prod", "--as-of", "yesterday"], "--as-of"),
        (
            ["assess", "finance-invoice-recon", "--gate", "pilot-to-prod", "--as-of", "2026-06-01T10:00:00"],
            "has no zone",
        ),
        (["gates", "show", "pilot-to-prd"], "Did you mean pilot-to-prod?"),
        (["cards", "show", "finance-invoice-rekon"], "Did you mean finance-invoice-recon?"),
        (["reviews", "show", "rv-00000000"], "there is no review 'rv-00000000'"),
        (["reviews", "list", "--waiting-for", "mike.chan"], "Did you mean mike.chen"),
        (["report", "rv-00000000"], "there is no review"),
        (["diff", "rv-00000000", "rv-00000001"], "there is no review"),
        (["sign", "rv-00000000", "--role", "lead", "--decision", "clear"], "Did you mean cleared"),
        (["sign", "rv-00000000", "--role", "lead", "--decision", "cleared", "--note", "well done"], "--note"),
        (["sign", "rv-00000000", "--role", "lead", "--decision", "cleared"], "there is no review"),
        (["may-deploy", "finance-invoice-recon", "--gate", "pilot-to-prod"], "SUBJECT@VERSION"),
        (["may-deploy", "finance-invoice-recon@1.0", "--gate", "pilot"], "there is no gate 'pilot'"),
        (["attest", "finance-invoice-recon", "7"], "--kind"),
        (["attest", "finance-invoice-recon", "9", "--kind", "quiz"], "item 9 of pilot-to-prod takes drill"),
        (["attest", "finance-invoice-recon", "9", "--field", "observed_by"], "NAME=VALUE"),
        (["attest", "finance-invoice-recon", "9", "--from", "nowhere.yaml"], "could not be read"),
        (["sandbox", "--world", "put-rihgt"], "Did you mean put-right?"),
    ],
)
def test_a_wrong_name_or_value_is_told_with_what_would_be_right(desk: Desk, arguments: list[str], told: str):
    done = desk.run(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert told in done.stderr


def test_without_an_overlay_the_message_names_the_setting(nowhere: Desk):
    done = nowhere.run("assess", "finance-invoice-recon", "--gate", "pilot-to-prod")

    assert done.returncode == 2
    assert "CLEARANCE_CONFIG is not set" in done.stderr


def test_a_card_with_an_unknown_key_is_told_with_file_line_and_what_is_allowed(desk: Desk):
    """The same sentence from `cards check`, with every other mistake of the file."""
    card = Path(desk.env["CLEARANCE_CONFIG"], "cards/finance-invoice-recon/card.yaml")
    text = card.read_text(encoding="utf-8").replace("tier: high", "tear: high")
    card.write_text(text, encoding="utf-8")

    done = desk.run("cards", "check")

    line = 1 + text.splitlines().index("tear: high")
    assert done.returncode == 2
    assert f"{card}:{line}: tear: is not a key that is known here; allowed: " in done.stderr
    assert f"{card}:1: tier: is missing" in done.stderr
    assert "people.yaml: 23 people, 23 of them with a key" in done.stdout


def test_a_gate_with_an_unknown_probe_is_told_with_file_line_and_the_nearest(nowhere: Desk):
    own = WRITTEN_OUT.read_text(encoding="utf-8")
    gate = nowhere.cwd / "pilot-to-prod.yaml"
    gate.write_text(own.replace("probe: guardrail_fired", "probe: guardrail_fires"), encoding="utf-8")

    done = nowhere.run("gates", "check", str(gate))

    assert done.returncode == 2
    assert f"{gate}:" in done.stderr
    assert "there is no probe 'guardrail_fires'. Did you mean guardrail_fired" in done.stderr


def test_the_crosswalk_shows_items_by_control_with_methods_and_requests(nowhere: Desk):
    """One line for each item of each gate that points to a control, side by side."""
    rows = json.loads(nowhere.run("gates", "crosswalk", "--json").stdout)
    drilled = [row for row in rows if row["control"] == "rollback-drilled"]

    assert {row["gate"] for row in drilled} == {
        "deployment-readiness", "pilot-to-prod", "production-canvas", "production-readiness", "readiness-scorecard"
    }  # fmt: skip
    assert all("launchdarkly.flag_history" in row["requests"] for row in drilled)
    assert all(row["methods"] == ["test", "interview"] for row in drilled)


def test_gates_list_as_json_is_a_list_of_objects(nowhere: Desk):
    done = nowhere.run("gates", "list", "--json")

    told = json.loads(done.stdout)
    assert {"id": "pilot-to-prod", "version": "3", "title": "Pilot-to-Prod Checklist", "items": 10} in told
    assert {row["id"]: row["items"] for row in told} == {
        "pilot-to-prod": 10,
        "production-readiness": 100,
        "production-canvas": 54,
        "readiness-scorecard": 40,
        "deployment-readiness": 55,
    }


def test_a_gate_that_cannot_be_read_is_told_beside_the_others(nowhere: Desk):
    """Code 2, and a line for it; nothing is said of it in the list, nor left out of `doctor`."""
    (nowhere.cwd / "overlay" / "gates").mkdir(parents=True)
    (nowhere.cwd / "overlay" / "gates" / "broken.yaml").write_text("id: broken\n", encoding="utf-8")
    overlay = {"CLEARANCE_CONFIG": str(nowhere.cwd / "overlay")}

    listed = nowhere.run("gates", "list", "--json", **overlay)
    doctor = json.loads(nowhere.run("doctor", "--json", **overlay).stdout)

    assert listed.returncode == 2
    assert "pilot-to-prod" in {row["id"] for row in json.loads(listed.stdout)}
    assert "gate broken cannot be read" in listed.stderr
    assert "pilot-to-prod" in doctor["gates"]
    assert (doctor["well"], "gate broken cannot be read" in doctor["unplanned"][0]) == (False, True)


def test_a_setting_that_no_one_knows_in_the_homes_file_is_told(nowhere: Desk):
    nowhere.home.mkdir()
    (nowhere.home / "clearance.toml").write_text("PAGERDUTY_KEY = 'x'\n", encoding="utf-8")

    done = nowhere.run("reviews", "list")

    assert done.returncode == 2
    assert "PAGERDUTY_KEY is not a setting" in done.stderr


def test_a_real_source_over_plain_http_is_refused_before_anything_is_sent(nowhere: Desk):
    done = nowhere.run("doctor", PAGERDUTY_API_KEY="k", CLEARANCE_PAGERDUTY_URL="http://pagerduty.example")

    assert done.returncode == 2
    assert "must be https://" in done.stderr
