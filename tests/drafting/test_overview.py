"""The summary that code writes: what is decided, what blocks, what changed, what could not be seen."""

from __future__ import annotations

from datetime import date

import pytest

from agent.domain import Decision, ReviewDocument, SummaryLine, Verdict
from agent.drafting.overview import Outlook, overview
from agent.drafting.parts import SlotError
from agent.drafting.slots import assert_summary_sound, check_summary, offered
from tests.builders import ZONE
from tests.drafting import builders

WRITTEN, RIGHT = builders.as_written_items(), builders.put_right_items()


def told(outlook: Outlook, about: str = "") -> list[str]:
    lines = overview(outlook).lines(outlook.items, ZONE)
    return [line.text for line in lines if about in ("", line.about)]


def test_a_blocked_review_says_what_blocks_who_can_settle_it_and_that_all_was_seen():
    """What is proposed and why, how long is left, who has to act, and the check beside the items."""
    assert told(builders.outlook(WRITTEN, [builders.launch_check()])) == [
        "The proposal is blocked: items 7, 8, 9 and 10 are not met and 1 check does not hold.",
        "The launch is planned for Saturday, 13 June 2026, 1 day after this review.",
        "Morteza Moradi and Mike Chen can settle items 7, 8, 9 and 10.",
        "Beside the items: The launch falls on Saturday, 13 June 2026, a day of the weekend and not a business day.",
        "Everything that was asked for could be seen.",
    ]


def test_what_could_not_be_seen_is_counted_against_the_launch():
    """A gap is named, and an item without an owner as well."""
    dark = builders.item(3, builders.unseen())
    nobody = dark.model_copy(update={"owner": "", "remedy": dark.remedy.model_copy(update={"who": ""})})
    outlook = builders.outlook([nobody], [], [builders.GAP_ROW], launch=None)

    assert told(outlook) == [
        "The proposal is blocked: item 3 could not be established.",
        "Nobody is named for item 3.",
        "1 question has no answer (pagerduty.on_call: denied), and what is not known counts against the launch.",
    ]


def test_a_cleared_review_is_short():
    """Nothing stands against it, and nothing was hidden."""
    assert told(builders.outlook(RIGHT, proposal=Decision.CLEARED, launch=None)) == [
        "The proposal is cleared: nothing stands against it.",
        "Item 10 waits for the signatures.",
        "Everything that was asked for could be seen.",
    ]


@pytest.mark.parametrize(
    ("launch", "when"),
    [
        (date(2026, 6, 22), "Monday, 22 June 2026, 10 days after this review."),
        (date(2026, 6, 12), "Friday, 12 June 2026, the day of this review."),
        (date(2026, 6, 11), "Thursday, 11 June 2026, 1 day before this review."),
    ],
)
def test_days_to_the_launch_are_counted_in_the_cards_zone(launch: date, when: str):
    """Whole calendar days, in words a person would use."""
    assert f"The launch is planned for {when}" in told(builders.outlook(RIGHT, launch=launch))


# --- what changed -----------------------------------------------------------------------------------------------------


def earlier() -> ReviewDocument:
    return builders.document(WRITTEN, [builders.launch_check()])


def test_the_first_review_says_nothing_of_changes():
    """There is nothing to compare with."""
    assert told(builders.outlook(WRITTEN), "changed") == []


def test_what_moved_since_the_last_review_is_told():
    """The proposal, verdicts that moved alike together, and how many reasons are gone and new."""
    late = builders.as_written_items()[7]
    now = [*RIGHT[:7], late, *RIGHT[8:]]

    assert told(builders.outlook(now, before=earlier()), "changed") == [
        "Since the review of 12 June 2026, 16:00 EDT, items 7 and 9 moved from not met to met, "
        "item 10 moved from not met to pending and 6 reasons are gone."
    ]


def test_a_mended_review_says_that_the_proposal_moved():
    """The first thing a signer wants to know."""
    outlook = builders.outlook(RIGHT, before=earlier(), proposal=Decision.CLEARED)

    assert "the proposal moved from blocked to cleared" in told(outlook, "changed")[0]


def test_a_new_reason_is_counted_even_where_no_verdict_moved():
    """The same verdict for another reason is a change."""
    outlook = builders.outlook(WRITTEN, [builders.launch_check()], before=builders.document(WRITTEN))

    assert told(outlook, "changed") == ["Since the review of 12 June 2026, 16:00 EDT, 1 reason is new."]


def test_an_unchanged_review_says_so():
    """Silence would leave a reader searching."""
    outlook = builders.outlook(WRITTEN, [builders.launch_check()], before=earlier())

    assert told(outlook, "changed") == ["Nothing has changed since the review of 12 June 2026, 16:00 EDT."]


def test_another_value_under_the_same_verdict_is_no_silence():
    """Somebody else is on call, or a metric is another: the verdict stood still, what it rests on did not."""
    was = builders.document(RIGHT)
    rota = RIGHT[2].findings[0]
    other = rota.facts[0].fact.model_copy(update={"value": "Lena Fischer"})
    facts = (rota.facts[0].model_copy(update={"fact": other}), *rota.facts[1:])
    now = RIGHT[2].model_copy(update={"findings": (rota.model_copy(update={"facts": facts}), *RIGHT[2].findings[1:])})

    assert told(builders.outlook([*RIGHT[:2], now, *RIGHT[3:]], before=was), "changed") == [
        "Since the review of 12 June 2026, 16:00 EDT, item 3 rests on other values than before."
    ]


def test_a_card_that_was_edited_is_a_change_though_no_verdict_moved():
    """Who edited it reads it in the first lines."""
    was = builders.document(RIGHT)
    outlook = builders.outlook(RIGHT, before=was, frozen={"card": "other", "gate": was.gate_digest})

    assert told(outlook, "changed") == ["Since the review of 12 June 2026, 16:00 EDT, the card was edited."]


def test_the_first_review_of_a_version_is_compared_with_the_version_before():
    """A new version is the very time at which a signer asks what is new."""
    outlook = builders.outlook(RIGHT, before=earlier(), version="1.1", proposal=Decision.CLEARED)

    assert told(outlook, "changed")[0].startswith(
        "Since the review of 12 June 2026, 16:00 EDT of version 1.0, the proposal moved from blocked to cleared"
    )


def test_who_can_settle_what_stands_beside_the_items_is_named():
    """The checks of the gate are of the card, and somebody keeps it."""
    outlook = builders.outlook(WRITTEN, [builders.launch_check()], keeper="Morteza Moradi")

    assert "Morteza Moradi can settle this on the card." in told(outlook, "blocks")


def test_a_review_before_that_cannot_be_read_is_not_taken_for_none():
    """Not knowing what was is said, and is no "nothing changed"."""
    told_ = told(builders.outlook(WRITTEN, earlier=True), "changed")

    assert told_ == ["The review before this one cannot be read any more, so nothing is compared with it."]


# --- for the writer ---------------------------------------------------------------------------------------------------


def test_the_writer_may_use_days_and_owners_and_neither_proposal_nor_standings():
    """Beside another subject "cleared" would be a claim that no rule made."""
    made = overview(builders.outlook(RIGHT[:9], before=earlier(), launch=date(2026, 6, 22)))
    roles = {used.role for used in offered(made.facts)}
    items = {item.number: item for item in RIGHT}

    assert roles == {"launch_day", "days_to_launch"}
    assert check_summary("Until {F3 as days_to_launch} are gone, ask again.", items, ZONE, offered(made.facts)) == []
    assert check_summary("{I9} is {F1 as proposal}.", items, ZONE, offered(made.facts))


def test_a_summary_is_checked_once_more_before_it_is_shown():
    """A sentence that is not its template filled, or a model's that uses what it was not told, is not frozen."""
    made = overview(builders.outlook(WRITTEN))
    lines = made.lines(WRITTEN, ZONE)
    assert_summary_sound(lines, WRITTEN, made.facts, ZONE)
    forged = {
        "not its template": lines[0].model_copy(update={"text": "The proposal is cleared."}),
        "slot contract": SummaryLine(
            about="drafted", template="{I9} is {F1 as proposal}.", text="Item 9 is blocked.", by="model"
        ),
    }
    for reason, line in forged.items():
        with pytest.raises(SlotError, match=reason):
            assert_summary_sound([line], WRITTEN, made.facts, ZONE)


def test_an_owners_name_that_looks_like_a_slot_stays_text():
    """Names come from people.yaml and the gate; nothing in them is filled again."""
    odd = WRITTEN[8].model_copy(update={"owner": "{F1 as proposal} and {is}"})

    assert "{F1 as proposal} and {is} can settle item 9." in told(builders.outlook([odd]))
    assert odd.verdict is Verdict.NOT_MET
