"""The words of a message: one line first, a next step, and nothing in them that ends the line or signs anything."""

from __future__ import annotations

import pytest

from agent.outputs.notices import headline, text

ABOUT = {
    "subject": "invoice-recon", "version": "1.0", "gate": "pilot-to-prod", "proposal": "cleared",
    "title": "AI CoE Lead", "until": "2026-06-18T14:00:00+00:00", "zone": "America/New_York", "sandbox": "",
    "by": "Dana Ortiz", "reason": "first\nSubject: second", "decision": "cleared", "bundle": "/reports/x",
    "ends": "2026-07-06T04:00:00+00:00", "item": "8",
}  # fmt: skip
TOLD = {
    "waiting": ("waits for your signature as AI CoE Lead", "It takes signatures until 18 June 2026, 10:00 EDT."),
    "reminder": ("still waits for your signature", "After 18 June 2026, 10:00 EDT it takes no signature any more."),
    "superseded": ("was superseded by Dana Ortiz", "clearance diff rv-1 Dana Ortiz"),
    "returned": ("was sent back for more evidence by Dana Ortiz", "They said: first Subject: second"),
    "published": ("is signed: cleared", "/reports/x"),
    "lapsing": ("holds until 6 July 2026, 00:00 EDT only", "clearance assess invoice-recon --gate pilot-to-prod"),
    "revoked": ("may not be deployed any more", "They said: first Subject: second"),
    "waiver_ends:8:14": (
        "a waiver of item 8 that holds until 6 July 2026, 00:00 EDT only",
        "waived again on new evidence",
    ),
    "waiver_over:8:0": ("lapsed on 6 July 2026, 00:00 EDT; it may not be deployed any more", "clearance assess"),
    "open_ends:8:1": ("has an open item, item 8, that is due on 6 July 2026", "clearance reviews show rv-1"),
    "open_over:8:0": ("item 8, that was due on 6 July 2026", "clearance assess invoice-recon --gate pilot-to-prod"),
    "launched": ("is in Production from today", "Its decision, rv-1, stands."),
}


@pytest.mark.parametrize("kind", TOLD)
def test_each_kind_says_what_happened_and_what_comes_next(kind: str):
    first, after = TOLD[kind]

    assert first in headline(kind, "rv-1", ABOUT)
    assert after in text(kind, "rv-1", ABOUT)
    assert text(kind, "rv-1", ABOUT).endswith("A message permits nothing and cannot be answered with a signature.")


def test_a_sandbox_says_so_in_the_first_word():
    assert headline("published", "rv-1", {**ABOUT, "sandbox": "yes"}).startswith("[SANDBOX] ")


def test_what_somebody_wrote_stays_one_short_line():
    """No line of theirs can look like one of ours."""
    long = {**ABOUT, "reason": "x\n" * 5000}

    lines = text("revoked", "rv-1", long).splitlines()

    assert len(lines) == 3
    assert max(map(len, lines)) < 400
