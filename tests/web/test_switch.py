"""The kill-switch card: all that somebody in a hurry needs, also when the card on file has a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import SUBJECT
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
        "Last drill, as stated off at 16 June 2026",
        "Time to stop, as stated",
        "Escalation level 1 finance-ai-primary",
        "Escalation level 2 finance-ai-backup",
        "Logs: audit acme-agent-audit/finance-invoice-recon/",
        "Runbook runbook.md",
    ],
)
def test_the_card_says_what_to_do_and_what_the_latest_review_saw(prepared: Prepared, told: str):
    assert told in guest(prepared.desk, "lena.fischer").get(PAGE)


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
