"""A sweep asks for all subjects together, reviews what changed, and says one line of what did not."""

from __future__ import annotations

from agent.service.sweeps import SweepOrder
from tests.acceptance.conftest import GATE, SUBJECT
from tests.sweeps.conftest import ALL, OTHERS, Fleet

EVERYBODY = sorted([SUBJECT, *OTHERS])


def test_every_subject_is_reviewed_and_waits_for_people(fleet: Fleet):
    """As `assess` would have left it: the proposal permits nothing."""
    digest = fleet.sweep().digest

    rows = fleet.deps().reviews.all()
    assert sorted(row.subject for row in rows) == EVERYBODY
    assert {row.state for row in rows} == {"signing"}
    assert (digest.subjects, digest.reviewed, digest.quiet) == (3, 3, 0)


def test_a_swept_review_says_what_an_assessment_says(fleet: Fleet):
    """The same evidence, judged by the same rules in the same graph."""
    digest = fleet.sweep().digest
    swept = fleet.document(next(one.review for one in digest.changed if one.subject == SUBJECT))
    fleet.clock.go(minutes=10)
    assessed = fleet.desk.assess(new=True)

    assert [item.verdict for item in swept.items] == [item.verdict for item in assessed.items]
    assert swept.reasons == assessed.reasons
    assert swept.proposal is assessed.proposal


def test_three_subjects_cost_the_calls_of_one(fleet: Fleet):
    """They ask the same things of the same sources, once."""
    before = fleet.asked()
    fleet.sweep(SweepOrder(gates=(GATE,), subjects=(SUBJECT,)))
    one = fleet.asked()
    fleet.clock.go(days=2)
    digest = fleet.sweep().digest
    three = fleet.asked()

    assert {v: three[v] - one[v] for v in one} == {v: one[v] - before[v] for v in one}
    assert sum(digest.cost.calls.values()) > 0


def test_what_says_the_same_gets_a_line_and_no_review(fleet: Fleet):
    """A day later everything is asked again and says what it said."""
    first = fleet.sweep().digest
    fleet.clock.go(days=2)
    second = fleet.sweep().digest

    assert (second.reviewed, second.quiet, second.changed) == (0, 3, ())
    assert [line.since for line in second.unchanged] == [first.as_of] * 3
    assert len(fleet.deps().reviews.all()) == 3
    assert second.since == first.sweep


def test_only_changed_leaves_the_lines_out(fleet: Fleet):
    fleet.sweep()
    digest = fleet.sweep(ALL.model_copy(update={"only_changed": True})).digest

    assert (digest.quiet, digest.unchanged) == (3, ())


def test_a_card_that_is_broken_is_a_line_and_not_the_end(fleet: Fleet):
    fleet.card("claims-triage", lambda card: card.pop("launch"))
    digest = fleet.sweep().digest

    (trouble,) = digest.troubles
    assert trouble.subject == "claims-triage"
    assert "launch" in trouble.why
    assert digest.reviewed == 2
