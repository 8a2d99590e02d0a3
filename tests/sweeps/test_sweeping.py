"""A sweep asks for all subjects together, and each is reviewed as `assess` would have."""

from __future__ import annotations

import pytest

from agent.errors import ConfigError
from agent.outputs.sweep import text
from agent.service.sweeps import SweepOrder, Swept, sweeping
from agent.service.sweeps.shared import Planned
from tests.acceptance.conftest import SUBJECT
from tests.sweeps.conftest import OTHERS, OWN, Fleet

EVERYBODY = sorted([SUBJECT, *OTHERS])
Done = tuple[Fleet, Swept]
PLANNED = Planned(SUBJECT, "1.0", "pilot-to-prod", "", b"")


def test_every_subject_is_reviewed_and_waits_for_people(swept: Done):
    """The proposal permits nothing."""
    fleet, done = swept

    rows = fleet.deps().reviews.all()
    assert sorted(row.subject for row in rows) == EVERYBODY
    assert {row.state for row in rows} == {"signing"}
    assert (done.digest.subjects, done.digest.reviewed, done.digest.quiet) == (3, 3, 0)


def test_a_swept_review_says_what_an_assessment_says(swept: Done):
    """The same evidence, judged by the same rules in the same graph."""
    from agent.service.assess import assess

    fleet, done = swept
    review = fleet.document(next(one.review for one in done.digest.changed if one.subject == SUBJECT))
    fleet.clock.go(hours=-3, minutes=-50)
    assessed = assess(fleet.deps(), SUBJECT, "our-own", new=True).document

    assert [(item.verdict, item.draft) for item in review.items] == [(i.verdict, i.draft) for i in assessed.items]
    assert (review.reasons, review.proposal) == (assessed.reasons, assessed.proposal)


def test_three_subjects_cost_the_calls_of_one(fleet: Fleet):
    """They ask the same things of the same sources, once."""
    before = fleet.asked()
    fleet.sweep(SweepOrder(gates=("our-own",), subjects=(SUBJECT,)))
    one = fleet.asked()
    fleet.clock.go(hours=4)
    cost = fleet.sweep(OWN).digest.cost
    three = fleet.asked()

    assert {v: three[v] - one[v] for v in one} == {v: one[v] - before[v] for v in one}
    assert cost.calls == {v: three[v] - one[v] for v in one}


def test_what_another_review_fetched_is_not_asked_again(swept: Done):
    """Within the hours that evidence counts; only what moves with the day is asked."""
    fleet, _ = swept
    fleet.clock.go(hours=-2, minutes=-30)
    before = fleet.asked()
    cost = fleet.sweep(OWN).digest.cost

    assert fleet.asked()["aws"] == before["aws"]
    assert fleet.asked()["pagerduty"] == before["pagerduty"]
    assert cost.reused > 10


def test_progress_is_told_stage_by_stage(fleet: Fleet):
    """With what vendors say that they still take."""
    fleet.sweep(OWN)

    assert list(dict.fromkeys(tick.stage for tick in fleet.ticks)) == [
        "plan", "prefetch", "compare", "review", "digest"
    ]  # fmt: skip
    assert (fleet.ticks[-1].done, fleet.ticks[-1].total) == (3, 3)
    assert {(tick.ended, tick.reviews) for tick in fleet.ticks if tick.stage == "prefetch"} == {(0, 3)}
    assert [tick.ended for tick in fleet.ticks if tick.stage in ("review", "digest")] == [1, 2, 3, 3]
    assert fleet.ticks[-1].left["datadog"] == 99


@pytest.mark.parametrize(
    ("count", "batch", "sizes"),
    [(3, False, [3]), (1000, False, [200] * 5), (2001, False, [201] * 9 + [192]), (30_000, False, [1000] * 30),
     (1000, True, [1000])],
)  # fmt: skip
def test_a_sweep_goes_in_waves_of_a_tenth_but_asks_for_drafts_in_few_batches(count: int, batch: bool, sizes: list[int]):
    assert [len(wave) for wave in sweeping.waves([PLANNED] * count, sweeping.wave_of(count, batch=batch))] == sizes


def test_a_card_that_is_broken_is_a_line_and_not_the_end(swept: Done):
    fleet, _ = swept
    fleet.card("claims-triage", lambda card: card.pop("launch"))
    digest = fleet.sweep(OWN).digest

    (trouble,) = digest.troubles
    assert trouble.subject == "claims-triage"
    assert "launch" in trouble.why
    assert digest.quiet == 2


def test_a_source_that_is_down_costs_its_items_alone(fleet: Fleet):
    """The rest is finished and reported; when it is back, the next sweep asks what is missing, and only that."""
    fleet.desk.world.faults("aws", {"kind": "status", "status": 503})
    digest = fleet.sweep(OWN).digest
    before = fleet.asked()

    assert digest.reviewed == 3
    assert {one.request_type.split(".")[0] for one in digest.blind} == {"aws", "s3"}
    assert {one.subjects for one in digest.blind} == {3}
    assert {item.where for one in digest.changed for item in one.items if item.after == "undetermined"} >= {"5", "6"}

    fleet.desk.world.faults("aws")
    fleet.clock.go(hours=1)
    again = fleet.sweep(OWN).digest

    assert again.blind == ()
    assert fleet.asked()["pagerduty"] == before["pagerduty"]
    assert {(i.where, i.before, i.after) for c in again.changed for i in c.items} >= {("5", "undetermined", "met")}
    assert not any(item.worse for one in again.changed for item in one.items)


def test_a_gate_that_cannot_be_read_is_told_and_the_others_are_swept(fleet: Fleet):
    """Asked for by its name it is refused; of all, the digest says that one was not asked, and is not silent."""
    path = fleet.desk.overlay / "gates" / "broken.yaml"
    path.write_text("id: broken\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"broken\.yaml"):
        fleet.sweep(SweepOrder(gates=("our-own", "broken"), everything=True))

    digest = fleet.sweep(SweepOrder(gates=("all",), subjects=(SUBJECT,))).digest

    (trouble,) = digest.troubles
    assert (trouble.gate, "cannot be read" in trouble.why, str(path) in trouble.why) == ("broken", True, True)
    assert "our-own" in digest.gates
    assert len(digest.gates) == digest.reviewed == 6
    assert not text.is_silent(digest.model_copy(update={"changed": (), "lapses": (), "due": (), "blind": ()}))
    assert "every subject at broken: was not asked" in text.render(digest)
