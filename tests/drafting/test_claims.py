"""Drafts that say with harmless words what the evidence does not: each was written to get by, and is stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from agent.domain import SLOT, ItemResult, Outcome
from agent.drafting.overview import overview
from agent.drafting.phrases import NEGATIONS
from agent.drafting.slots import Rule, check_statement, check_summary, offered
from tests.builders import ZONE
from tests.drafting import builders

WRITTEN = {item.number: item for item in builders.as_written_items()}
RIGHT = {item.number: item for item in builders.put_right_items()}
UNSEEN = builders.item(3, builders.unseen())

# (item, finding, draft). The slots: 9.4 flip, author; 9.5 flip, limit; 8.1 message, day, left; 8.2 message, time, day.
OPPOSITE = (
    (9, 4, "Runs were in flight at the flip at {F17 as flip}, as {F18 as author} states."),
    (9, 4, "What was in flight at {F17 as flip} came to its end, as {F18 as author} states and should."),
    (9, 4, "It is not so that there were not runs in flight at {F17 as flip}."),
    (9, 4, "{F18 as author} should rest, and runs were in flight at {F17 as flip}."),
    (9, 5, "The time to stop after the flip at {F19 as flip} is recorded."),
    (8, 1, "{F3 as message} is drafted and scheduled, with {F5 as left} left to the launch on {F4 as launch_day}."),
    (8, 1, "{F3 as message} is scheduled for the launch on {F4 as launch_day}."),
    (8, 2, "{F6 as message} is not scheduled after the launch on {F8 as launch_day}."),
    (7, 1, "The quiz of {F3 as person_1} did ask {F4 as question_1_1}."),
    (7, 2, "Answers came from {F5 as missing_1} and {F6 as missing_2}, who are on call from launch."),
    (10, 0, "The lead {F1 as lead} is not a builder."),
    (10, 0, "The {T:second-approver} of {F1 as lead} is named on the card."),
)
ALL_IS_WELL = (
    (9, 4, "The drill went as planned at {F17 as flip}."),
    (9, 4, "The drill at {F17 as flip} did what the checklist asks for."),
    (9, 4, "The drill by {F18 as author} is done and settled."),
    (9, 4, "The rule on the drill of {F18 as author} holds."),
    (9, 4, "The drill at {F17 as flip} is in order."),
    (9, 4, "{F18 as author} ran the drill by the book and as the card wants it."),
    (9, 4, "There is not anything left for {F18 as author} to do."),
    (9, 4, "{F18 as author} ran it without a fault."),
    (9, 4, "Each item of the gate is as it should be, {F18 as author} says."),
    (9, 4, "{F18 as author} saw a series of runs come to their end."),
    (9, 4, "The drill should be run with runs, and it was."),
    (8, 1, "{F3 as message} is up to date and on track."),
    (8, 1, "{F3 as message} was sent on {F4 as launch_day}."),
    (8, 1, "Tell the sponsor that {F3 as message} went out."),
    (7, 1, "{F3 as person_1} knows {F4 as question_1_1}."),
    (9, 5, "The stop at {F19 as flip} stayed inside the limit on the card."),
    (9, 5, "The drill at {F19 as flip} reached the target."),
    (9, 5, "The stop came as soundless as the card asks at {F19 as flip}."),
)
WAVED_AWAY = (
    (9, 4, "{F18 as author} does not have to repeat the drill."),
    (9, 4, "{F18 as author} need not repeat it."),
    (9, 4, "The drill of {F18 as author} can wait until the launch."),
    (9, 4, "Please ignore what {F18 as author} states."),
    (9, 4, "The drill at {F17 as flip} is irrelevant to the launch."),
    (9, 4, "The statement of {F18 as author} is unclear, so the finding does not stand."),
    (9, 4, "The finding on {F18 as author} lacks substance."),
    (9, 4, "The rule errs, and {F18 as author} should say so."),
    (9, 4, "The rule {is} by mistake."),
    (9, 4, "The rule {is}, though {F18 as author} did what it asks."),
    (9, 4, "The evidence speaks for {F18 as author}, who should rest."),
    (7, 2, "The quiz is optional for {F5 as missing_1}."),
)
PERMITTED = (
    (9, 4, "{F18 as author} recommends the launch."),
    (9, 4, "{F18 as author} agrees with the launch and should say so."),
    (9, 4, "The gate is open as of {F17 as flip}."),
    (10, 0, "{F1 as lead} should decide alone."),
    (10, 0, "Let {F1 as lead} decide alone."),
    (10, 0, "{F1 as lead} gave consent to the launch."),
)
NOT_THEIR_PART = (
    (10, 0, "{F1 as lead} is the {T:second-approver}."),
    (10, 0, "{F1 as lead} acts as {T:second-approver} here and should do so."),
    (9, 4, "{F18 as author} is the sponsor of this launch and should repeat it."),
    (9, 4, "{F18 as author}, who is on leave, was on call, but {F18 as author} is responsible and has to repeat it."),
)
A_WISH_AS_A_VALUE = (
    (9, 5, "{F20 as limit} after the flip at {F19 as flip} the agent came to rest, which someone should write down."),
    (9, 5, "The agent took {F20 as limit} to stop, so someone should write that down."),
    (9, 5, "The card says that the agent took {F20 as limit}, which someone should write down."),
    (9, 5, "{F20 as limit} is what telemetry shows for the stop, and someone should write it down."),
    (8, 2, "The launch should be on {F7 as scheduled}."),
)
OTHER_SCRIPTS = (
    (9, 4, "XII runs should come from {F18 as author}."),
    (9, 4, "{F18 as author} should repeat it with xii runs."),
    (9, 4, "{F18 as author} should repeat it with \u0664 runs."),
    (9, 4, "{F18 as author} should repeat it with \u2163 runs."),
    (9, 4, "{F18 as author} should repeat it with \u00be of the runs."),
    (9, 4, "{F18 as author} should repeat it with \u5341 runs."),
    (9, 4, "Alle Punkte sind erledigt, sagt {F18 as author}."),
    (9, 4, "{F18 as author} sah drei runs und sollte es wiederholen."),
    (9, 4, "Patience should ask {F18 as author} to repeat it."),
    (9, 4, "{F18 as author} should repeat it for the nth run, or the second."),
    (9, 4, "{F18 as author} should repeat it in seconds."),
)
EVERY = {
    "the opposite": OPPOSITE, "all is well": ALL_IS_WELL, "waved away": WAVED_AWAY, "permitted": PERMITTED,
    "a part that is not theirs": NOT_THEIR_PART, "a wish as a value": A_WISH_AS_A_VALUE, "scripts": OTHER_SCRIPTS,
}  # fmt: skip
CASES = [(kind, *case) for kind, cases in EVERY.items() for case in cases]


@pytest.mark.parametrize(("kind", "number", "index", "draft"), CASES, ids=[f"{c[0]}: {c[3]}" for c in CASES])
def test_what_was_written_to_get_by_is_stopped(kind: str, number: int, index: int, draft: str):
    """Negations dropped and added, idioms, excuses, permissions, parts, and figures of the card told as measured."""
    assert check_statement(draft, WRITTEN[number], index, ZONE) != []


@pytest.mark.parametrize(
    "draft",
    [
        "{F1 as request} could be seen: {F2 as reason}.",
        "{F1 as request} showed that people are on call.",
        "{F1 as request} answered as expected.",
        "{F1 as request} has what the item needs.",
    ],
)
def test_what_was_not_seen_is_not_told_as_seen(draft: str):
    """The same under a finding that is unknown."""
    assert check_statement(draft, UNSEEN, 0, ZONE) != []


SUMMARIES = (
    "{I9} is done.", "{I9} and {I8} are settled.", "{I9} does not matter.", "Ignore {I9}.", "{I9} is as it should be.",
    "Each item but {I9} is in order.", "{I9} can wait until the launch.", "{I9} looks settled and {I8} too.",
    "Leave {I9} for a review that comes after the launch.", "{I1.F1 as criterion} came to {I1.F3 as target}.",
    "{I9.F20 as limit} was the time to stop.", "{I9.F18 as author} answered for {I7.F5 as missing_1}.",
    "{I10.F1 as lead} is the {T:second-approver}.", "The team should plan the launch on {I9.F17 as flip}.",
    "What is open in {I9} is open in name.",
)  # fmt: skip


@pytest.mark.parametrize("draft", SUMMARIES)
def test_a_summary_says_what_to_do_and_nothing_else(draft: str):
    """Code has told what is decided; a sentence of the model that tells it otherwise is none."""
    made = offered(overview(builders.outlook(list(WRITTEN.values()))).facts)

    assert check_summary(draft, WRITTEN, ZONE, made) != []


def turned(item: ItemResult) -> Iterator[tuple[int, str]]:
    """Every finding's own sentence with its negations taken out, and with one put in."""
    for index, finding in enumerate(item.findings):
        bare = re.sub(rf"(?i)\b(?:{'|'.join(NEGATIONS)})\b ?", "", finding.sentence)
        if bare != finding.sentence:
            yield index, f"{bare[:1].upper()}{bare[1:]}."
        denied = re.sub(r"\b(is|are|was|were|did|has)\b", r"\1 not", finding.sentence, count=1)
        if denied != finding.sentence:
            yield index, f"{denied}."


@pytest.mark.parametrize("world", ["as-written", "put-right"])
def test_no_findings_own_sentence_can_be_turned_round(world: str):
    """Exhaustive over both worlds; what is only worded otherwise is in the lists above."""
    items = (WRITTEN if world == "as-written" else RIGHT).values()
    made = [(item, *one) for item in items for one in turned(item)]

    assert len(made) > 12
    assert [draft for item, index, draft in made if not check_statement(draft, item, index, ZONE)] == []


def test_plain_advice_under_an_open_finding_is_taken():
    """None of this makes prose impossible: what is missing, what to do, by whom, against what the card asks."""
    for number, index, draft in (
        (9, 4, "The drill at {F17 as flip} does not show what a kill does to runs. {F18 as author} should repeat it."),
        (9, 4, "Repeat the drill while runs are in flight, and let {F18 as author} write down what became of them."),
        (9, 5, "Measure the stop in the next drill and hold it against the {F20 as limit} on the card."),
        (8, 2, "{F6 as message} should move, because its readers have to hear of the launch on {F8 as launch_day}."),
        (7, 2, "{F5 as missing_1} and {F6 as missing_2} have not taken the quiz yet."),
        (10, 0, "{F1 as lead} is a builder, so the card needs a {T:second-approver} from the {T:M8} list."),
    ):
        assert check_statement(draft, WRITTEN[number], index, ZONE) == []


def test_a_rejection_names_what_was_claimed():
    """So that the writer can mend it at its second try."""
    (told,) = check_statement("{F18 as author} need not repeat the drill.", WRITTEN[9], 4, ZONE)

    assert (told.rule, told.offence) == (Rule.CLAIM, "need not")
    assert told.reason == "A sentence waves something away that is to be done."
    assert Outcome.FAIL is WRITTEN[9].findings[4].outcome
    assert SLOT.findall(WRITTEN[9].findings[4].sentence)
