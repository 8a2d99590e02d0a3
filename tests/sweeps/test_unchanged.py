"""Who says the same gets a line; whoever might be judged otherwise by now, by time or by people, gets a review."""

from __future__ import annotations

import re
from typing import Any

import pytest

from agent.service.sweeps import Swept
from tests.acceptance.conftest import SUBJECT, open_all
from tests.acceptance.prepared import as_person
from tests.sweeps.conftest import OWN, Fleet

Done = tuple[Fleet, Swept]


def test_what_says_the_same_gets_a_line_and_no_review(swept: Done):
    """Everything is asked again, and says what it said: no graph, no model, no new row."""
    fleet, first = swept
    before = fleet.asked()
    second = fleet.sweep(OWN).digest

    assert all(fleet.asked()[vendor] > before[vendor] for vendor in before)
    assert (second.reviewed, second.quiet, second.changed) == (0, 3, ())
    assert [line.since for line in second.unchanged] == [first.digest.as_of] * 3
    assert len(fleet.deps().reviews.all()) == 3
    assert (second.since, second.since_at) == (first.sweep, first.digest.as_of)


def test_only_changed_leaves_the_lines_out(swept: Done):
    fleet, _ = swept
    digest = fleet.sweep(OWN.model_copy(update={"only_changed": True})).digest

    assert (digest.quiet, digest.unchanged) == (3, ())


def test_a_line_says_when_the_review_is_too_old_to_be_signed(swept: Done):
    """It still says what would be said, and its evidence no longer counts for a signature."""
    fleet, _ = swept

    assert "too old to be signed over" in fleet.sweep(OWN).digest.unchanged[0].note


CHANGES = {
    "the tier": lambda card: card.update(tier="low"),
    "who leads": lambda card: card["people"].update(lead="mike.chen"),
    "an hour in a comment's stead: a name": lambda card: card.update(name="Reconciliation"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_card_that_changed_is_reviewed(swept: Done, what: str):
    fleet, _ = swept
    fleet.card(SUBJECT, CHANGES[what])
    digest = fleet.sweep(OWN).digest

    assert (digest.reviewed, digest.quiet) == (1, 2)


def test_a_gate_that_changed_reviews_everybody(swept: Done):
    """In a new version of it, as gates do."""
    fleet, _ = swept
    path = fleet.desk.overlay / "gates" / "our-own.yaml"
    text = re.sub(r"^version: .*$", 'version: "99"', path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    path.write_text(text.replace("title: Pilot", "title: Our Pilot", 1), encoding="utf-8")

    assert fleet.sweep(OWN).digest.reviewed == 3


def test_a_day_that_has_passed_is_judged_again(swept: Done):
    """Evidence, card and gate are the same; the launch is not ahead any more."""
    fleet, _ = swept
    fleet.clock.go(days=6)
    digest = fleet.sweep(OWN).digest

    assert (digest.reviewed, digest.quiet) == (3, 0)
    assert all("launch_after_review" in {item.where for item in one.items} for one in digest.changed)
    assert {one.after for one in digest.changed} == {"blocked"}


def renamed(people: Any) -> None:
    people["people"]["dana.ortiz"]["name"] = "Dana Ortiz-Weber"


def joined(people: Any) -> None:
    people["people"]["new.colleague"] = {"name": "New Colleague"}


def another_account(people: Any) -> None:
    """Nobody we know is on call any more."""
    people["people"]["mike.chen"]["accounts"]["pagerduty"] = "PNOBODY"


@pytest.mark.parametrize(("change", "reviewed"), [(renamed, 3), (another_account, 3), (joined, 0)])
def test_people_count_where_they_enter_a_review(swept: Done, change: Any, reviewed: int):
    """A signer's name and an account on the rota; not somebody whom no review names."""
    fleet, _ = swept
    fleet.people(change)

    assert fleet.sweep(OWN).digest.reviewed == reviewed


def test_a_statement_that_is_gone_is_news(swept: Done):
    """Nobody watches the dashboards any more, as far as anybody says."""
    fleet, _ = swept
    (fleet.desk.overlay / f"cards/{SUBJECT}/attestations/watch.dsse.json").unlink()
    (change,) = fleet.sweep(OWN).digest.changed

    assert (change.subject, change.items[0].where, change.items[0].worse) == (SUBJECT, "2", True)


def test_a_review_that_came_to_nothing_is_made_again(swept: Done):
    """What superseded it was never finished: without a new one, there would be nothing to sign."""
    fleet, done = swept
    deps, review = fleet.deps(), next(one.review for one in done.digest.changed if one.subject == SUBJECT)
    assert deps.reviews.move(review, "superseded", "superseded", {}, deps.clock(), when=("signing",))
    digest = fleet.sweep(OWN).digest

    assert (digest.reviewed, digest.quiet) == (1, 2)


def test_signatures_outlive_a_sweep_that_finds_nothing_new(swept: Done):
    """A review that somebody signed, and others still may, is left to them."""
    from agent.domain import SignOffDecision
    from agent.service import signing
    from tests.acceptance.conftest import NOTES

    fleet, done = swept
    fleet.clock.go(hours=-3, minutes=-30)
    review = next(one.review for one in done.digest.changed if one.subject == SUBJECT)
    deps, who = as_person(fleet.desk, "mike.chen", fleet.clock)
    open_all(deps, who, review)
    signing.sign(deps, who, review, "builder", SignOffDecision.CLEARED, notes=NOTES)

    fleet.sweep(OWN)

    row = fleet.deps().reviews.get(review)
    assert row.state == "signing"
    assert len(fleet.deps().reviews.signoffs(review, row.digest)) == 1
