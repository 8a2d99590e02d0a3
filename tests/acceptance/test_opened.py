"""Nobody signs items 4, 7 and 9 unseen: what was put before whom, and when, is in the log and in the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.domain import SignOffDecision
from agent.errors import Refused
from agent.service import signing
from agent.service.finishing import shown
from agent.service.opened import not_opened, opened
from agent.signing import signoffs
from agent.store import log
from tests.acceptance.conftest import NOTES, SIGNERS, Desk

CLEARED = SignOffDecision.CLEARED


def desk_of(desk: Desk, person: str):
    deps = desk.deps(CLEARANCE_KEY=str(desk.keys / f"{person}.pem"))
    return deps, signing.caller(deps)


def openings(desk: Desk, review: str) -> list[dict[str, object]]:
    entries = log.entries(desk.deps().engine, review)
    return [json.loads(entry.body) for entry in entries if entry.event == "opened"]


def test_a_signature_without_the_evidence_opened_is_refused_and_says_how_to_open_it(put_right: Desk):
    review = put_right.assess().review
    deps, who = desk_of(put_right, "mike.chen")

    with pytest.raises(Refused, match=rf"items 4, 7, 9 of {review}.*clearance reviews show {review} 4"):
        signing.sign(deps, who, review, "builder", CLEARED, notes=NOTES)

    opened(deps, review, 4, who.person, "cli")
    with pytest.raises(Refused, match=r"items 7, 9 of"):
        signing.sign(deps, who, review, "builder", CLEARED, notes=NOTES)


def test_it_is_logged_once_a_person_item_and_digest(put_right: Desk):
    document = put_right.assess()
    deps, who = desk_of(put_right, "mike.chen")

    assert opened(deps, document.review, 4, who.person, "cli")
    assert not opened(deps, document.review, 4, who.person, "page")

    (entry,) = openings(put_right, document.review)
    assert {key: entry[key] for key in ("item", "person", "digest", "channel")} == {
        "item": 4, "person": "mike.chen", "digest": document.digest, "channel": "cli",
    }  # fmt: skip


def test_what_one_person_opened_is_opened_for_nobody_else(put_right: Desk):
    review = put_right.assess().review
    deps, who = desk_of(put_right, "mike.chen")

    opened(deps, review, 4, who.person, "cli")

    assert not_opened(deps, review, "mike.chen") == (7, 9)
    assert not_opened(deps, review, "dana.ortiz") == (4, 7, 9)


def test_what_was_opened_of_a_superseded_review_is_not_opened_of_the_next(put_right: Desk):
    """A new review shows something else, and has to be looked at again; the old one notes nothing any more."""
    old = put_right.assess().review
    deps, who = desk_of(put_right, "mike.chen")
    opened(deps, old, 4, who.person, "cli")
    new = put_right.assess(new=True).review

    assert not_opened(deps, new, who.person) == (4, 7, 9)
    assert not opened(deps, old, 7, who.person, "cli")


def test_blocking_and_sending_back_need_nothing_opened(put_right: Desk):
    review = put_right.assess().review
    deps, who = desk_of(put_right, "morteza.moradi")

    signing.sign(deps, who, review, "lead", SignOffDecision.BLOCKED, reason="The vendor's outage is not over")

    assert deps.reviews.signoffs(review)[0].opened == {}


def test_the_command_notes_it_under_the_key_that_runs_it_and_under_no_other(put_right: Desk):
    review = put_right.assess().review
    key = {"CLEARANCE_KEY": str(put_right.keys / "dana.ortiz.pem")}

    put_right.cli("reviews", "show", review, "4")
    assert openings(put_right, review) == []
    told = put_right.cli("reviews", "show", review, "4", **key)

    assert "Dana Ortiz opened the evidence of item 4" in told.stderr
    assert [entry["person"] for entry in openings(put_right, review)] == ["dana.ortiz"]


def test_the_report_says_opened_and_not_read_with_who_and_when(put_right: Desk):
    bundle = Path(put_right.sign_all(put_right.assess().review).bundle)

    text = (bundle / "report.md").read_text(encoding="utf-8")
    for person in ("Mike Chen", "Morteza Moradi", "Dana Ortiz"):
        assert f"{person} opened the evidence of items 4 (" in text
    assert text.count("Opened is not read.") == len(SIGNERS)
    signoffs = json.loads((bundle / "review.json").read_text())["signoffs"]
    assert all(set(one["opened"]) == {"4", "7", "9"} for one in signoffs)


@pytest.mark.parametrize(
    ("seen", "said"), [((4, 7), NOTES), ((4, 7, 9), {"4": NOTES["4"], "7": NOTES["7"], "9": "ok"})]
)
def test_a_row_that_was_written_past_the_command_counts_only_with_what_its_signer_opened_and_said(
    put_right: Desk, seen: tuple[int, ...], said: dict[str, str]
):
    """Signed with the right key in the right role, but over evidence that was never shown, or without a sentence of the
    signer's own on it: it counts for nobody."""
    review = put_right.assess().review
    deps = put_right.deps(CLEARANCE_KEY=str(put_right.keys / "mike.chen.pem"))
    who = signing.caller(deps)
    row = signoffs.sign(
        who.key, review=review, role="builder", person=who.person, name=who.name,
        digest=deps.reviews.get(review).digest,
        decision=SignOffDecision.CLEARED, reason="", notes=said, at=deps.clock(), channel="cli",
        opened={str(item): deps.clock() for item in seen},
    )  # fmt: skip

    deps.reviews.sign(row, deps.clock(), lambda others: None)

    assert "builder" in [needed.role for needed in shown(deps, review).missing]
