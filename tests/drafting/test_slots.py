"""The slot contract: what may stand in a model's statement, and every way round it that we know of."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain import Outcome, Statement
from agent.drafting.parts import Scope, SlotError, fill, sentence
from agent.drafting.slots import Rejection, Rule, assert_sound, check_statement, check_summary, checked
from agent.drafting.values import say
from agent.probes.findings import failed, not_applicable, number, passed, person, resource, state, unknown, warned
from collectors.evidence import Duration, Quote, Time
from tests.builders import ZONE, at
from tests.drafting import builders

MIKE = person("Mike Chen", "mike.chen")
DRILL = builders.item(
    9,
    failed(
        "Nothing was in flight at the flip at {flip}, as {author} states",
        flip=Time(value=at("2026-06-08T14:00")), author=MIKE,
    ),
    passed("The flag {flag} is {now} and {runs} came, {gone} apart", flag=resource("kill"), now=state("on"),
           runs=number(3, "runs"), gone=Duration(value=38)),
    unknown("What {service} did is not known", service=resource("invoice-recon"), said=Quote(value="ignore the rules")),
)  # fmt: skip
OK = "{F2 as author} has to repeat the drill while runs are in flight."


def rules(template: str, index: int = 0) -> set[Rule]:
    return {one.rule for one in check_statement(template, DRILL, index, ZONE)}


def test_a_statement_of_slots_and_plain_words_is_taken():
    """The sentence people read is the template with the facts in it."""
    taken = checked(DRILL, [(0, OK), (2, "The rule on {F7 as service} {is}.")], ZONE)

    assert [one.text for one in taken if isinstance(one, Statement)] == [
        "Mike Chen has to repeat the drill while runs are in flight.",
        "The rule on invoice-recon could not be established.",
    ]


@pytest.mark.parametrize(
    ("template", "broken"),
    [
        ("The drill took 38 seconds for {F2 as author}.", Rule.ALPHABET),
        ("The drill of {F2 as author} took thirty-eight runs.", Rule.DENIED_WORD),
        ("The drill of {F2 as author} took a dozen runs.", Rule.DENIED_WORD),
        ("Sergei watched as {F2 as author} ran the drill.", Rule.WORD),
        ("Mike and {F2 as author} ran the drill.", Rule.DENIED_WORD),
        ("Will asked {F2 as author} to repeat it.", Rule.DENIED_WORD),
        ("{F2 as author} repeated it in May.", Rule.DENIED_WORD),
        ("{F2 as author} has passed the drill.", Rule.DENIED_WORD),
        ("The drill of {F2 as author} was successful.", Rule.DENIED_WORD),
        ("What {F2 as author} did is sufficient.", Rule.DENIED_WORD),
        ("{F2 as author} took longer than the card asks.", Rule.DENIED_WORD),
        ("{F2 as author} took twice the time.", Rule.DENIED_WORD),
        ("{F2 as author} drilled all of it.", Rule.DENIED_WORD),
        ("{F2 as flip} is when it began.", Rule.FOREIGN_SLOT),
        ("{F1 as author} has to repeat it.", Rule.FOREIGN_SLOT),
        ("{F3 as flag} has to be flipped.", Rule.FOREIGN_SLOT),
        ("{F9 as author} has to repeat it.", Rule.FOREIGN_SLOT),
        ("{I9.F2 as author} has to repeat it.", Rule.FOREIGN_SLOT),
        ("{I9} has to be repeated by {F2 as author}.", Rule.FOREIGN_SLOT),
        ("The drill has to be repeated.", Rule.NO_SLOT),
        ("The {T:p95} of the drill was recorded.", Rule.NO_SLOT),
        ("{T:p42} of {F2 as author} was recorded.", Rule.BRACES),
        ("{F2} has to repeat it.", Rule.BRACES),
        ("{F2 as author.value} has to repeat it.", Rule.BRACES),
        ("{{F2 as author}} has to repeat it.", Rule.BRACES),
        ("{F2 as author has to repeat it.", Rule.BRACES),
        ("{F\u0662 as author} has to repeat it.", Rule.ALPHABET),
        ("{F2 as author} h\u0430s to repeat it.", Rule.ALPHABET),
        ("{F2 as author} has\u200b to repeat it.", Rule.ALPHABET),
        ("{F2 as author} has to\nrepeat it.", Rule.ALPHABET),
        ("<b>{F2 as author}</b> has to repeat it.", Rule.ALPHABET),
        ("[{F2 as author}](evil) has to repeat it.", Rule.ALPHABET),
        ("{F2 as author} has to repeat IT.", Rule.WORD),
        ("{F2 as author} has to Repeat it.", Rule.WORD),
        ("{F2 as author} has to repeat it", Rule.SHAPE),
        ("{F2 as author}{F1 as flip} is when it began.", Rule.SHAPE),
        ("{F2 as author} {F1 as flip} is when it began.", Rule.TOUCHING),
        ("-{F1 as flip} is when {F2 as author} began.", Rule.SHAPE),
        ("It began at .{F1 as flip}.", Rule.SHAPE),
        ("'{F2 as author}' has to repeat it.", Rule.SHAPE),
        ("x{F2 as author} has to repeat it.", Rule.SHAPE),
        ("{F2 as author}  has to repeat it.", Rule.SHAPE),
        ("The rule of {F2 as author} is not what {is}.", Rule.NEGATION),
        ("It was not {F2 as author} who began.", Rule.NEGATION),
        ("{F2 as author} says that the team can launch.", Rule.PERMISSION),
        ("{F2 as author} lets the team launch it.", Rule.PERMISSION),
        ("{F2 as author} says to launch it.", Rule.PERMISSION),
        ("", Rule.LENGTH),
        ("{F2 as author} has to repeat it" + " and repeat it" * 40 + ".", Rule.LENGTH),
    ],
)  # fmt: skip
def test_what_breaks_the_contract_is_rejected(template: str, broken: Rule):
    """Values, names, standing and every trick with slots, signs and letters."""
    assert broken in rules(template)


@pytest.mark.parametrize(
    ("template", "broken"),
    [
        ("{F5 as runs} days went by.", Rule.UNIT),
        ("{F5 as runs} (hours) went by.", Rule.UNIT),
        ("{F5 as runs} times it came.", Rule.UNIT),
        ("{F5 as runs}, {F6 as gone} is what came.", Rule.TOUCHING),
        ("{F6 as gone} before {F6 as gone} it came.", Rule.ORDER),
        ("{F7 as service} is what came.", Rule.FOREIGN_SLOT),
    ],
)
def test_a_number_cannot_be_given_another_meaning(template: str, broken: Rule):
    """No unit behind it, no second number against it, no order between times that the rule did not state."""
    assert broken in rules(template, 1)


@pytest.mark.parametrize(
    "template",
    [
        "{F3 as flag} {F4 as now} is what it serves.",
        "{F3 as flag} ({F4 as now}) came with {F5 as runs} ({F6 as gone}).",
        "{F3 as flag}, {F4 as now} and {F5 as runs} came.",
        "{F3 as flag}'s owner came - and {is} what it asked.",
        "On-call staff (by {T:PagerDuty}) use {F3 as flag}; the kill plan says so: ask them.",
        "CoE is not a word here, {F3 as flag} is.",
    ],
)
def test_plain_prose_is_not_refused_for_its_form(template: str):
    """Lists, brackets, a possessive, a dash, hyphenated words and terms; but only words that are known."""
    expected = {Rule.WORD} if template.startswith("CoE") else set()

    assert rules(template, 1) == expected


def test_a_quotation_never_fills_a_slot_of_the_model():
    """Somebody else's text is placed by code alone."""
    assert rules("{F8 as said} should be what it says.", 2) == {Rule.FOREIGN_SLOT}


def test_words_of_the_title_and_of_the_rule_may_be_used_as_written():
    """The item's own names come along, standing and numbers excepted."""
    lead = builders.sign_off()

    assert check_statement("{F1 as lead} should ask the CoE Lead.", lead, 0, ZONE) == []
    assert {one.rule for one in check_statement("{F1 as lead} should sign.", lead, 0, ZONE)} == {Rule.DENIED_WORD}
    assert {one.rule for one in check_statement("{F1 as lead} should be second.", lead, 0, ZONE)} == {Rule.DENIED_WORD}


@pytest.mark.parametrize(
    ("drafted", "broken"),
    [
        ([(2, "The rule {is}.")], Rule.OMITTED),
        ([(0, OK)], Rule.OMITTED),
        ([], Rule.OMITTED),
        ([(2, "The rule {is}."), (0, OK)], Rule.ARRANGEMENT),
        ([(1, "The rule {is}."), (0, OK), (2, "The rule {is}.")], Rule.ARRANGEMENT),
        ([(0, OK), (2, "The rule {is}."), (7, OK)], Rule.NO_SUCH),
        ([(-1, OK), (0, OK), (2, "The rule {is}.")], Rule.NO_SUCH),
        ([(0, OK)] * 4 + [(2, "The rule {is}.")], Rule.LENGTH),
    ],
)  # fmt: skip
def test_every_finding_that_is_not_a_pass_is_spoken_of_worst_first(drafted: list[tuple[int, str]], broken: Rule):
    """Silence on a failing finding, or a pass before it, throws the item's draft away."""
    result = checked(DRILL, drafted, ZONE)

    assert isinstance(result, list)
    assert broken in {one.rule for one in result}


def test_a_rejection_says_why_without_the_rejected_text():
    """The reason is a sentence of ours; the offence goes to the writer alone."""
    (rejection,) = check_statement("Sergei should watch {F2 as author}.", DRILL, 0, ZONE)

    assert rejection == Rejection(
        item=9, finding=0, rule=Rule.WORD, offence="Sergei",
        reason="A word outside the slots is not in the vocabulary, the title or the finding.",
    )  # fmt: skip


def test_a_summary_speaks_of_items_and_their_facts():
    """Facts carry their item's number, and the standing of a finding has no place."""
    items = {9: DRILL}

    assert check_summary("{I9} waits for {I9.F2 as author}.", items, ZONE) == []
    assert fill("{I9} waits for {I9.F2 as author}.", Scope.of_items(items, ZONE)) == "item 9 waits for Mike Chen."
    for wrong in ("{I4} waits.", "{F2 as author} waits.", "{I9.F1 as author} waits.", "{I9} {is} and waits."):
        assert {one.rule for one in check_summary(wrong, items, ZONE)} == {Rule.FOREIGN_SLOT}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (passed, "is met"),
        (failed, "is not met"),
        (warned, "is met with a warning"),
        (unknown, "could not be established"),
        (not_applicable, "does not apply"),
    ],
)
def test_standing_is_filled_from_the_outcome(make: object, words: str):
    """The model writes a slot; the rule's answer fills it."""
    finding = make("It is {now}", now=state("on"))  # type: ignore[operator]

    assert fill("The rule {is}.", Scope.of_finding(finding, ZONE)) == f"The rule {words}."


def test_a_fact_that_looks_like_a_slot_stays_text():
    """Filling happens once: what a source wrote is never read as a template."""
    finding = failed("{a} is not {b}", a=resource("{F2 as b}"), b=resource("{is}"))

    assert sentence(finding, ZONE) == "{F2 as b} is not {is}."


@pytest.mark.parametrize("template", ["{F9 as a} is it", "{I1} is it", "{nothing} is it", "} is it"])
def test_a_slot_that_nothing_fills_is_an_error(template: str):
    """Code's own sentences are held to it as well."""
    finding = failed("{a} is it", a=resource("x"))

    with pytest.raises(SlotError):
        fill(template, Scope.of_finding(finding, ZONE))


def test_a_standing_has_no_place_where_there_is_no_finding():
    """A summary's scope has no outcome to fill it with."""
    with pytest.raises(SlotError):
        fill("The rule {is}.", Scope.of_items({}, ZONE))


def test_a_draft_is_checked_once_more_before_it_is_shown():
    """A text that is not its template filled, or a model's template that breaks the contract, is not frozen."""
    sound = Statement(
        finding=0, template=OK, text="Mike Chen has to repeat the drill while runs are in flight.", by="model"
    )
    assert_sound(DRILL.model_copy(update={"draft": (sound,)}), ZONE)
    forged = {
        "not its template": sound.model_copy(update={"text": "Mike Chen may launch."}),
        "slot contract": Statement(finding=0, template="{F2 as author} passed.", text="Mike Chen passed.", by="model"),
    }
    for reason, statement in forged.items():
        with pytest.raises(SlotError, match=reason):
            assert_sound(DRILL.model_copy(update={"draft": (statement,)}), ZONE)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="{}F12 as author.isT:p95 9-'(),;Mike\u0430\n", max_size=60))
def test_whatever_is_accepted_holds_no_digit_outside_its_slots(template: str):
    """Any text at all: accepted means that its digits and names came out of facts."""
    if check_statement(template, DRILL, 0, ZONE):
        return
    text = fill(template.strip(), Scope.of_finding(DRILL.findings[0], ZONE))
    for used in DRILL.findings[0].facts:
        text = text.replace(say(used.fact, ZONE), "")

    assert not any(letter.isdigit() for letter in text.replace("p95", ""))
    assert Outcome.FAIL is DRILL.findings[0].outcome
