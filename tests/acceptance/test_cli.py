"""Both worlds by the command line: exit codes, one JSON document on stdout, and nothing permitted but by signatures."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from tests.acceptance.conftest import GATE, NOTES, ROOT, SIGNERS, SUBJECT, Desk

ASSESS = ("assess", SUBJECT, "--gate", GATE)


def signing(review: str, role: str, decision: str = "cleared") -> list[str]:
    notes = [f"--note={number}={text}" for number, text in NOTES.items()]
    return ["sign", review, "--role", role, "--decision", decision, *notes]


def key(desk: Desk, person: str) -> dict[str, str]:
    return {"CLEARANCE_KEY": str(desk.keys / f"{person}.pem")}


def test_as_written_is_blocked_by_facts(as_written: Desk):
    """Exit code 20, and a JSON document that validates against the published schema."""
    done = as_written.cli(*ASSESS, "--json")

    assert done.returncode == 20, done.stderr
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads((ROOT / "config/schema/review.schema.json").read_text()))
    assert len(document["reasons"]) == 8, document["reasons"]
    assert {r["where"] for r in document["reasons"]} == {"7", "8", "9", "10", "launch_is_business_day"}
    assert done.stderr == ""


def test_put_right_is_signed_by_its_people_and_may_then_be_deployed(put_right: Desk):
    """From the first command to the last: 0 permits nothing until three people have signed."""
    done = put_right.cli(*ASSESS, "--json")
    assert done.returncode == 0, done.stderr
    review = json.loads(done.stdout)["review"]
    may_deploy = ("may-deploy", f"{SUBJECT}@1.0", "--gate", GATE)
    assert put_right.cli(*may_deploy).returncode == 50
    assert put_right.cli("report", review).returncode == 50

    for person, role in SIGNERS:
        for item in NOTES:
            assert put_right.cli("reviews", "show", review, item, **key(put_right, person)).returncode == 50
        signed = put_right.cli(*signing(review, role), **key(put_right, person))
        assert signed.returncode == 0, signed.stdout + signed.stderr

    assert put_right.cli(*may_deploy, "--sandbox").returncode == 0
    assert put_right.cli(*may_deploy).returncode == 20
    report = put_right.cli("report", review, "--json")
    assert report.returncode == 0
    assert Path(json.loads(report.stdout)["bundle"], "report.md").is_file()


def test_without_a_credential_the_code_says_that_something_could_not_be_seen(put_right: Desk):
    """30 is not 20: nothing speaks against the launch, but nobody looked."""
    assert put_right.cli(*ASSESS, without=("PAGERDUTY_API_KEY",)).returncode == 30


def test_a_fact_beside_something_unseen_is_blocked_by_the_fact(as_written: Desk):
    assert as_written.cli(*ASSESS, without=("PAGERDUTY_API_KEY",)).returncode == 20


def test_one_item_is_checked_again_and_the_rest_stands(put_right: Desk):
    """--only asks for that item and takes the others from the review before."""
    assert put_right.cli(*ASSESS).returncode == 0
    before = len(put_right.world.seen("aws"))
    asked = len(put_right.world.seen("datadog"))

    assert put_right.cli(*ASSESS, "--only", "4").returncode == 0

    assert len(put_right.world.seen("aws")) == before
    assert len(put_right.world.seen("datadog")) > asked


def test_only_without_an_earlier_review_leaves_the_other_items_undetermined(put_right: Desk):
    done = put_right.cli(*ASSESS, "--only", "4", "--json")

    verdicts = {item["number"]: item["verdict"] for item in json.loads(done.stdout)["items"]}
    assert done.returncode == 30
    assert verdicts[4] == "met"
    assert verdicts[3] == "undetermined"


def test_a_wrong_subject_gate_or_role_is_a_usage_error_with_the_nearest_names(put_right: Desk):
    wrong_subject = put_right.cli("assess", "finance-invoice-recom", "--gate", GATE)
    wrong_gate = put_right.cli("assess", SUBJECT, "--gate", "pilot-to-prd")

    assert (wrong_subject.returncode, wrong_gate.returncode) == (2, 2)
    assert "Did you mean finance-invoice-recon" in wrong_subject.stderr
    assert "Did you mean pilot-to-prod" in wrong_gate.stderr
    assert wrong_subject.stdout == wrong_gate.stdout == ""


def test_a_statement_that_nobody_signed_is_only_reported(put_right: Desk):
    """An unsigned drill shows "as reported by" and does not satisfy item 9."""
    folder = put_right.overlay / "cards" / SUBJECT / "attestations"
    import base64

    envelope = json.loads((folder / "drill.dsse.json").read_text())
    document = json.loads(base64.b64decode(envelope["payload"]))
    for drill in folder.glob("drill*.dsse.json"):
        drill.unlink()
    (folder / "drill.yaml").write_text(json.dumps(document))

    done = put_right.cli(*ASSESS, "--json")

    item = json.loads(done.stdout)["items"][8]
    assert item["verdict"] == "undetermined"
    assert any("reported by" in finding["message"] for finding in item["findings"])


def test_a_person_states_by_command_what_no_source_can_say(as_written: Desk):
    """`attest` signs with the caller's own key; the next assessment reads it."""
    said = as_written.cli(
        "attest", SUBJECT, "8", "--kind", "comms", "--field", "id=all-hands-digest", "--field", "drafted=true",
        "--field", "scheduled_at=2026-06-13T08:00:00-04:00", "--field", "audience=all hands",
        **key(as_written, "mike.chen"),
    )  # fmt: skip
    assert said.returncode == 0, said.stderr

    document = json.loads(as_written.cli(*ASSESS, "--json").stdout)

    assert "all-hands-digest" not in {reason["about"] for reason in document["reasons"]}
    assert len(document["reasons"]) == 7
