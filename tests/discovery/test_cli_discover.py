"""`clearance cards discover`: a draft on stdout or in a new file, that becomes a card only by a person's hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agent.configuration import load_card
from collectors.sandbox.start import Sandbox
from tests.discovery.conftest import WORLD
from tests.surfaces.cli import Desk

SUBJECT = "finance-invoice-recon"


@pytest.fixture
def desk(sandbox: Sandbox, tmp_path: Path) -> Desk:
    """All sources, and an overlay with documents and people but no card."""
    overlay = tmp_path / "overlay"
    for name in ("documents/runbook.md", "people.yaml"):
        (overlay / name).parent.mkdir(parents=True, exist_ok=True)
        (overlay / name).write_text((WORLD / "overlay" / name).read_text(encoding="utf-8"), encoding="utf-8")
    return Desk(tmp_path, {**sandbox.settings(), "CLEARANCE_CONFIG": str(overlay)})


def overlay_of(desk: Desk) -> Path:
    return Path(desk.env["CLEARANCE_CONFIG"])


def test_a_draft_that_is_gone_through_is_the_card(desk: Desk):
    """Refused as it comes; with its marks and `draft` away and the rest filled in, it names what the world has."""
    out = overlay_of(desk) / "cards" / SUBJECT / "card.yaml"
    done = desk.run("cards", "discover", SUBJECT, "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    assert "It is a draft: nothing passes on it" in done.stdout
    refused = desk.run("assess", SUBJECT, "--gate", "pilot-to-prod")
    assert refused.returncode == 2
    assert "draft: this is a draft" in refused.stderr
    confirmed = re.sub(r" # \?.*", "", out.read_text(encoding="utf-8")).replace("draft: true\n", "")
    world = (WORLD / "overlay" / "cards" / SUBJECT / "card.yaml").read_text(encoding="utf-8")
    filled = [
        re.search(rf"^{key}:.*\n(?:[ -].*\n)*", world, re.M)
        for key in ("version", "tier", "people", "pilot", "launch", "targets", "guardrails", "comms")
    ]
    out.write_text(confirmed + "".join(found[0] for found in filled if found), encoding="utf-8")
    card, told = load_card(out).card, load_card(WORLD / "overlay" / "cards" / SUBJECT / "card.yaml").card
    assert (card.on_call, card.kill_switch, card.activity) == (told.on_call, told.kill_switch, told.activity)
    assert [one.id for one in card.dashboards] == [one.id for one in told.dashboards]
    assert card.identity.name == told.identity.name
    assert {one.secret for one in card.identity.credentials} == {one.secret for one in told.identity.credentials}
    assert (card.retention[0].bucket, card.retention[0].prefix) == (told.retention[0].bucket, told.retention[0].prefix)


def test_a_file_that_is_there_is_never_overwritten(desk: Desk):
    kept = desk.cwd / "kept.yaml"
    kept.write_text("mine", encoding="utf-8")
    done = desk.run("cards", "discover", SUBJECT, "--out", str(kept))
    assert done.returncode == 2
    assert "is there already and is not overwritten" in done.stderr
    assert kept.read_text(encoding="utf-8") == "mine"


def test_without_a_source_the_draft_says_for_each_why_and_guesses_nothing(desk: Desk):
    nothing = {name: "" for name in desk.env if name not in ("CLEARANCE_CONFIG", "CLEARANCE_CLOCK", "AWS_REGION")}
    bare = Desk(desk.cwd, {**desk.env, **nothing, "CLEARANCE_CLOCK": ""})
    done = bare.run("cards", "discover", SUBJECT, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {row["source"] for row in told["unseen"] if row["reason"] == "not_configured"} >= {
        "pagerduty", "launchdarkly", "datadog", "langsmith", "github", "slack", "okta",
    }  # fmt: skip
    assert [one["key"] for one in told["guesses"]] == ["runbook.path"]
    assert told["draft"].count("NOT SEEN: ") == len(told["unseen"])


def test_a_draft_leaves_the_other_subjects_alone(desk: Desk):
    """`cards list` and `doctor` go on; the draft is told as what it is."""
    theirs = overlay_of(desk) / "cards" / "other" / "card.yaml"
    theirs.parent.mkdir(parents=True)
    text = (WORLD / "overlay" / "cards" / SUBJECT / "card.yaml").read_text(encoding="utf-8")
    theirs.write_text(text.replace(f"subject: {SUBJECT}", "subject: other"), encoding="utf-8")
    desk.run("cards", "discover", SUBJECT, "--out", str(overlay_of(desk) / "cards" / SUBJECT / "card.yaml"))
    listed = desk.run("cards", "list", "--json")
    assert [row["subject"] for row in json.loads(listed.stdout)] == ["other"]
    assert (listed.returncode, "draft: this is a draft" in listed.stderr) == (2, True)
    doctor = json.loads(desk.run("doctor", "--json").stdout)
    assert any(SUBJECT in told and "draft" in told for told in doctor["unplanned"])


def test_a_name_without_a_letter_is_no_subject(desk: Desk):
    done = desk.run("cards", "discover", "!!!")
    assert (done.returncode, "is no name for a subject" in done.stderr) == (2, True)
