"""What two reviews of a subject say otherwise, worst first and by owner. What they say alike is silent."""

from __future__ import annotations

from agent.domain import ReviewDocument, Verdict
from agent.service.sweeps import news
from tests.drafting import builders

WRITTEN = builders.as_written()
RIGHT = builders.document(builders.put_right_items())


def with_verdict(document: ReviewDocument, number: int, verdict: Verdict) -> ReviewDocument:
    items = [i.model_copy(update={"verdict": verdict}) if i.number == number else i for i in document.items]
    return document.model_copy(update={"items": tuple(items)})


def test_the_same_is_silent():
    assert news.changed(WRITTEN, WRITTEN) is None


def test_a_subject_that_is_seen_for_the_first_time_shows_what_is_open():
    """What is met is no news."""
    change = news.changed(None, WRITTEN)

    assert change
    assert change.before is None
    assert {item.where for item in change.items if item.where.isdigit()} == {
        str(item.number) for item in WRITTEN.items if item.verdict in (Verdict.NOT_MET, Verdict.UNDETERMINED)
    }


def test_an_item_that_fell_and_one_that_was_mended():
    """The one for the worse first, with who mends it and how."""
    before = with_verdict(with_verdict(RIGHT, 1, Verdict.NOT_MET), 3, Verdict.MET)
    change = news.changed(before, with_verdict(with_verdict(RIGHT, 1, Verdict.MET), 3, Verdict.UNDETERMINED))

    assert change
    assert [(item.where, item.before, item.after, item.worse) for item in change.items] == [
        ("3", "met", "undetermined", True), ("1", "not met", "met", False)
    ]  # fmt: skip
    assert change.items[0].how
    assert not change.items[1].how


def test_a_new_reason_for_an_item_that_was_not_met_already_is_news():
    before = WRITTEN.model_copy(update={"reasons": WRITTEN.reasons[1:]})
    change = news.changed(before, WRITTEN)

    assert change
    assert [item.sentences for item in change.items if item.sentences] == [(WRITTEN.reasons[0].text,)]


def test_what_fell_stands_before_what_rose_and_the_nearer_launch_first():
    fell, rose = news.changed(RIGHT, WRITTEN), news.changed(WRITTEN, RIGHT)
    assert fell
    assert rose
    soon = fell.model_copy(update={"subject": "soon", "launch": "2026-01-01"})

    assert news.worst_first([rose, fell, soon]) == (soon, fell, rose)


def test_every_owner_finds_their_own():
    fell = news.changed(RIGHT, WRITTEN)
    assert fell
    owned = news.by_owner([fell])

    assert sum(len(one.changes) for one in owned) == len(fell.items)
    assert all(change.item.owner == one.owner for one in owned for change in one.changes)


def test_who_owns_what_could_not_be_seen_is_sent_to_the_source_and_not_to_do_the_item_over():
    """A refused token is no reason to drill a kill switch."""
    unseen = builders.item(3, builders.unseen())
    change = news.changed(None, builders.document([unseen], gaps=[builders.GAP_ROW]))

    assert change
    assert [item.how for item in change.items] == [builders.GAP_ROW.next_step]
    assert builders.GAP_ROW.next_step != unseen.remedy.how
