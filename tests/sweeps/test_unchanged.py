"""Who says the same gets a line; whoever might be judged otherwise by now, by time or by people, gets a review."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import update

from agent.domain import SignOffDecision
from agent.errors import OtherVersion, StoreError
from agent.service import signing
from agent.service.assess import assess
from agent.service.sweeps import SweepOrder, Swept, digest_of
from agent.store.database import writing
from agent.store.schema import blobs, reviews, sweeps
from agent.workflow import frozen
from collectors.evidence import canonical, sha256
from tests.acceptance.conftest import NOTES, SIGNERS, SUBJECT, open_all
from tests.acceptance.prepared import as_person
from tests.sweeps.conftest import OTHERS, OWN, Fleet

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


def test_a_review_that_is_dated_ahead_stands_for_nothing(swept: Done):
    """Made while the clock was wrong by a year: nobody may sign it, and until then every sweep would let it stand."""
    fleet, _ = swept
    fleet.clock.go(days=365)
    ahead = assess(fleet.deps(), SUBJECT, "our-own").document.review
    fleet.clock.go(days=-365, minutes=1)
    fleet.sweep(OWN)

    last = fleet.deps().reviews.of(SUBJECT, None, "our-own")[-1]
    assert (last.supersedes, last.as_of) == (ahead, fleet.clock.now)


def test_a_document_of_another_version_costs_its_subject_a_new_review_and_nothing_else(swept: Done):
    """It cannot be compared with, and the new review says so; `assess` as well."""
    fleet, _ = swept
    deps = fleet.deps()
    for subject in (SUBJECT, OTHERS[0]):
        (row,) = deps.reviews.of(subject, None, "our-own")
        body = {**json.loads(deps.locker.get(row.document)), "of_another_version": 1}
        other = deps.locker.put(canonical(body), "document", deps.clock())
        with writing(deps.engine) as connection:
            connection.execute(update(reviews).where(reviews.c.id == row.id).values(document=other))

    said = assess(deps, SUBJECT, "our-own", only=(3,)).said
    digest = fleet.sweep(OWN).digest

    assert any("cannot be compared with" in one and "another version of Clearance" in one for one in said)
    assert (digest.troubles, {one.subject for one in digest.changed}) == ((), {SUBJECT, OTHERS[0]})


def revoked(people: Any) -> None:
    """As of the day before it signed: somebody else had it."""
    people["people"]["dana.ortiz"]["keys"][0]["revoked"] = "2026-06-16T00:00:00Z"


def signed(fleet: Fleet, review: str, *signers: tuple[str, str]) -> None:
    for person, role in signers:
        deps, who = as_person(fleet.desk, person, fleet.clock)
        open_all(deps, who, review)
        signing.sign(deps, who, review, role, SignOffDecision.CLEARED, notes=NOTES)


def test_a_review_that_a_stolen_key_signed_is_made_again(swept: Done):
    """A role takes one signature, so nobody could sign it to its end."""
    fleet, _ = swept
    fleet.clock.go(hours=-3, minutes=-30)
    (review,) = [row.id for row in fleet.deps().reviews.of(SUBJECT, None, "our-own")]
    signed(fleet, review, SIGNERS[2])
    fleet.people(revoked)
    fleet.sweep(OWN)

    assert fleet.deps().reviews.get(review).state == "superseded"


def test_a_decision_that_a_stolen_key_signed_is_told_though_everything_says_the_same(swept: Done):
    """`may-deploy` refuses it; a silent digest would let everybody think that it stands."""
    fleet, _ = swept
    fleet.clock.go(hours=-3, minutes=-30)
    (review,) = [row.id for row in fleet.deps().reviews.of(SUBJECT, None, "our-own")]
    signed(fleet, review, *SIGNERS)
    fleet.people(revoked)
    digest = fleet.sweep(OWN).digest

    (trouble,) = digest.troubles
    assert trouble.subject == SUBJECT
    assert f"the signature of Dana Ortiz under {review} counts no more" in trouble.why


def test_a_gate_that_the_locker_holds_damaged_is_not_passed_over_in_silence(swept: Done):
    """Nobody can sign over it, and `may-deploy` cannot read it: "unchanged" would be untrue."""
    fleet, _ = swept
    deps = fleet.deps()
    digest = frozen.keep(deps, deps.configuration.gate("our-own"), "gate")
    with writing(deps.engine) as connection:
        connection.execute(update(blobs).where(blobs.c.digest == digest).values(body=b"{}"))
    with pytest.raises(StoreError, match="was changed; restore the database"):
        fleet.sweep(OWN)

    of_all = fleet.sweep(SweepOrder(gates=("all",), due_within=0))
    assert of_all.unread == ("our-own",)
    assert "our-own" not in of_all.digest.gates


def test_people_that_the_locker_holds_damaged_end_the_sweep_with_the_stores_sentence(swept: Done):
    """They are frozen with each review, so nobody can sign one over them."""
    fleet, _ = swept
    deps = fleet.deps()
    digest = sha256(canonical(deps.configuration.people().model_dump(mode="json")))
    with writing(deps.engine) as connection:
        connection.execute(update(blobs).where(blobs.c.digest == digest).values(body=b"{}"))

    with pytest.raises(StoreError, match="was changed; restore the database"):
        fleet.sweep(OWN)


def test_a_digest_of_another_version_is_told_as_one(swept: Done):
    fleet, done = swept
    deps = fleet.deps()
    strange = deps.locker.put(b"{}", "sweep", deps.clock())
    with writing(deps.engine) as connection:
        connection.execute(update(sweeps).where(sweeps.c.id == done.sweep).values(digest=strange))

    with pytest.raises(OtherVersion, match=f"the digest of {done.sweep} was written by another version"):
        digest_of(deps)


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
    fleet, done = swept
    fleet.clock.go(hours=-3, minutes=-30)
    review = next(one.review for one in done.digest.changed if one.subject == SUBJECT)
    signed(fleet, review, SIGNERS[0])

    fleet.sweep(OWN)

    row = fleet.deps().reviews.get(review)
    assert row.state == "signing"
    assert len(fleet.deps().reviews.signoffs(review, row.digest)) == 1
