"""Prose without a model: what a finding means, what to do next, and nothing that only repeats the finding."""

from __future__ import annotations

import pytest

from agent.domain import ItemResult, Outcome, Statement
from agent.drafting import meanings, template_prose
from agent.drafting.parts import Scope, fill, finished, sentence
from agent.drafting.slots import assert_sound
from agent.probes.findings import failed, not_applicable, resource, state, unknown, warned
from tests.builders import ZONE
from tests.drafting import builders

ALL = (*builders.as_written_items(), *builders.put_right_items(), builders.item(3, builders.unseen()))


def prose(item: ItemResult) -> list[str]:
    return [one.text for one in template_prose.draft_item(item, ZONE)]


def test_a_failed_drill_says_what_it_means_and_what_to_do():
    """Under each failing finding stands its meaning, and once the remedy."""
    drill = next(one for one in builders.as_written_items() if one.number == 9)

    assert prose(drill) == [
        "The drill shows that the switch flips, not what becomes of work that is under way.",
        "Without a time to stop, nobody can promise when the subject will be quiet.",
        "To do for Morteza Moradi and Mike Chen: Drill the kill switch with runs in flight, note when the last one "
        "ended and what became of it, and state it (`clearance attest finance-invoice-recon 9`).",
    ]


def test_a_second_finding_of_a_kind_is_named_and_not_explained_twice():
    """Two messages late for the same reason read as one explanation."""
    comms = next(one for one in builders.as_written_items() if one.number == 8)

    assert prose(comms)[:2] == [
        "Those who are meant to use the subject would not hear of it in time.",
        "The same holds for Executive sponsor one-pager.",
    ]


def test_the_same_without_a_name_still_reads():
    """A finding about nothing in particular is only pointed at."""
    item = builders.item(1, failed("It is {now}", now=state("off")), failed("It is {now}", now=state("off")))

    assert prose(item)[1] == "The same holds here."


def test_what_was_not_seen_is_not_explained_as_if_it_had_been():
    """A gap says that nothing was found out, never what the finding would have meant."""
    assert prose(builders.item(3, builders.unseen())) == [
        meanings.UNSEEN,
        "To do for Morteza Moradi and Mike Chen: Get the answer that is missing; what stands in its way is told with "
        "the gap.",
    ]


def test_a_met_item_says_until_when():
    """Where the evidence lapses, the reader learns when; elsewhere the rules' own sentences say it all."""
    items = {one.number: one for one in builders.put_right_items()}

    assert prose(items[3]) == ["This counts until 27 June 2026, 00:00 EDT; after that it has to be shown again."]
    assert prose(items[4]) == []
    assert prose(items[10]) == ["Nothing else is asked here: the item waits for the signatures."]


def test_warnings_unknowns_and_questions_that_do_not_arise_have_words_of_their_own():
    """Each outcome reads differently, also for probes that the table does not know."""
    item = builders.item(
        1,
        warned("{a} is odd", a=resource("x")),
        unknown("{a} is dark", a=resource("y")),
        not_applicable("{a} is away", a=resource("z")),
    )

    assert prose(item)[:3] == [
        meanings.IN_GENERAL[Outcome.UNKNOWN],
        meanings.IN_GENERAL[Outcome.WARN],
        meanings.IN_GENERAL[Outcome.NOT_APPLICABLE],
    ]


def test_a_warning_of_a_known_probe_says_both():
    """What it means, and that a person has to take it on."""
    assert meanings.of("target_is_reached", Outcome.WARN) == (
        meanings.BY_PROBE["target_is_reached"],
        meanings.IN_GENERAL[Outcome.WARN],
    )


def test_an_item_without_findings_has_no_prose():
    """Nothing reported, nothing said; the report says that no rule reported."""
    assert prose(builders.item(1)) == []


@pytest.mark.parametrize("item", ALL, ids=lambda item: f"item-{item.number}-{item.verdict}")
def test_prose_is_its_template_filled_and_adds_to_the_finding(item: ItemResult):
    """Every statement can be filled again to the same text, and repeats no sentence of the code."""
    own = {sentence(finding, ZONE) for finding in item.findings}

    for one in template_prose.draft_item(item, ZONE):
        scope = Scope.of_finding(item.findings[one.finding], ZONE)
        assert one.text == finished(fill(one.template, scope), one.template)
        assert one.text not in own
        assert not any(sign in one.text for sign in ("N/A", "None", "[]", "{"))
    assert_sound(item.model_copy(update={"draft": template_prose.draft_item(item, ZONE)}), ZONE)


def test_without_a_remedy_the_meaning_stands_alone():
    """A gate that names no remedy gets no empty "To do"."""
    item = builders.item(1, failed("It is {now}", now=state("off")))
    silent = item.model_copy(update={"remedy": item.remedy.model_copy(update={"how": ""})})

    assert prose(silent) == [meanings.IN_GENERAL[Outcome.FAIL]]


def test_braces_in_a_remedy_are_never_read_as_slots():
    """What a gate or card says goes into a template as words."""
    remedy = builders.item(1).remedy.model_copy(update={"how": "Set {F1 as now} right"})
    item = builders.item(1, failed("It is {now}", now=state("off"))).model_copy(update={"remedy": remedy})
    statement = template_prose.draft_item(item, ZONE)[-1]

    assert isinstance(statement, Statement)
    assert statement.text.endswith("Set (F1 as now) right.")
