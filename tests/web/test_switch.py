"""The kill-switch card: all that somebody in a hurry needs, also when the card on file has a mistake."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from agent.service.assess import assess
from agent.service.switch_card import switch_card
from tests.acceptance.conftest import GATE, SUBJECT
from tests.acceptance.prepared import Prepared
from tests.web.visiting import guest

PAGE = f"/switch/{SUBJECT}"


@pytest.mark.parametrize(
    "told",
    [
        "Flag finance-invoice-recon-enabled in project agents, environment production (launchdarkly)",
        "Who may flip it whoever launchdarkly lets change flags in project agents, environment production",
        "Has been flipped by",
        "Must stop within 60 s",
        "Last drill off at 16 June 2026, 14:00 EDT, on again at 16 June 2026, 15:00 EDT",
        "Last run counted while it was off 30 seconds after the flip",
        "Last drill, as stated off at 16 June 2026",
        "Time to stop, as stated",
        "Escalation level 1 finance-ai-primary (Mike Chen and Sam Okafor from launch on), next after 15 minutes",
        "Escalation level 2 finance-ai-backup",
        "Logs: audit acme-agent-audit/finance-invoice-recon/",
        "Runbook runbook.md",
    ],
)
def test_the_card_says_what_to_do_and_what_the_latest_review_saw(prepared: Prepared, told: str):
    assert told in guest(prepared.desk, "lena.fischer").get(PAGE)


def test_the_terminal_tells_all_that_the_page_tells(prepared: Prepared):
    """In rows that a script reads too."""
    deps = prepared.desk.deps()
    rows = switch_card(deps, SUBJECT).rows
    done = prepared.desk.cli("killswitch", SUBJECT, "--json")

    assert [(row["name"], row["value"]) for row in json.loads(done.stdout)["rows"]] == list(rows)
    text = prepared.desk.cli("killswitch", SUBJECT, COLUMNS="200").stdout
    assert [name for name, _ in rows if name not in text] == []


def test_what_stand_ins_said_is_marked_on_the_page_and_in_the_terminal(prepared: Prepared):
    done = json.loads(prepared.desk.cli("killswitch", SUBJECT, "--json").stdout)

    assert "SANDBOX. What the latest review saw comes from stand-ins" in guest(prepared.desk, "lena.fischer").get(PAGE)
    assert "SANDBOX: what the latest review saw" in prepared.desk.cli("killswitch", SUBJECT, COLUMNS="200").stdout
    assert (done["review"], done["sandbox"]) == (prepared.review, True)


def test_a_rehearsal_is_not_how_things_stand(prepared: Prepared, tmp_path: Path):
    """It was made as of another instant."""
    desk = prepared.copy(tmp_path)
    deps = desk.deps()
    rehearsed = assess(deps, SUBJECT, GATE, as_of=deps.clock() - timedelta(days=1)).document
    found = switch_card(deps, SUBJECT).document

    assert rehearsed.rehearsal
    assert found
    assert found.review == prepared.review


def test_a_review_that_cannot_be_read_does_not_hide_the_switch(prepared: Prepared, tmp_path: Path):
    """Whoever has to stop it gets the flag, and is told why nothing more is shown."""
    desk = prepared.copy(tmp_path)
    lena = guest(desk, "lena.fischer")
    with lena.deps.engine.begin() as connection:
        connection.exec_driver_sql("update blobs set body = x'78' where kind = 'document'")
    page = lena.get(PAGE)

    assert lena.status(PAGE) == 200
    assert "what the latest review saw is not shown" in page
    assert "Flag finance-invoice-recon-enabled in project agents" in page


def test_a_card_that_does_not_load_shows_its_flag_all_the_same(prepared: Prepared, tmp_path: Path):
    """With a warning, and with what the latest review saw."""
    desk = prepared.copy(tmp_path)
    lena = guest(desk, "lena.fischer")
    card = desk.overlay / f"cards/{SUBJECT}/card.yaml"
    card.write_text(card.read_text().replace("tier: high", "tier: enormous"))
    page = lena.get(PAGE)

    assert lena.status(PAGE) == 200
    assert "Look twice. the card does not load" in page
    assert "Flag finance-invoice-recon-enabled in project agents, environment production" in page
    assert "Escalation level 1 finance-ai-primary" in page
