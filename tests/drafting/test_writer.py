"""The writing model through the real client: what is taken, what is thrown away, and what stands in its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event

import pytest

from agent import resources
from agent.domain import ItemResult
from agent.drafting.model import AnthropicModel, ModelUnavailable, Prompt
from agent.drafting.overview import overview
from agent.drafting.parts import sentence
from agent.drafting.prompts import Prompts
from agent.drafting.showing import Brief, _item, answer_schema, written_about
from agent.drafting.slots import Rule, assert_sound, offered
from agent.drafting.writer import Drafted, draft
from collectors.sandbox.server import Reply
from tests.builders import ZONE
from tests.drafting import builders
from tests.drafting.scripted import Draft, Good, Shown, Writer, answer, error, message, model_that, shown

BRIEF = Brief("Pilot-to-Prod Checklist", builders.ASKS, ZONE, Prompts(resources.folder("prompts")))
ITEMS = builders.as_written_items()
OPEN = (7, 8, 9, 10)
JUNK = "Zebedee"


def drafted(*script: Writer | Reply, items: Sequence[ItemResult] = ITEMS) -> Drafted:
    with model_that(*script) as (model, _):
        return draft(BRIEF, items, model)


def spoiled(spoil: Callable[[Shown, str], str]) -> Writer:
    """The good writer, with every statement put through `spoil`."""
    good = Good()
    return lambda findings: answer((one, spoil(one, good.says(one))) for one in findings)


def everything(result: Drafted) -> str:
    return result.model_dump_json()


def written(result: Drafted) -> set[str]:
    """Who wrote of the items with anything open; of the others nobody is asked."""
    return {one.by for number in OPEN for one in result.statements[number]}


# --- a good model -----------------------------------------------------------------------------------------------------


def test_a_good_model_is_accepted(capsys: pytest.CaptureFixture[str]):
    """At least 95 % of a careful writer's statements on both worlds hold to the contract; in fact all of them."""
    asked = accepted = 0
    for items in (ITEMS, builders.put_right_items(), (builders.item(3, builders.unseen()),)):
        for _ in range(3):
            result = drafted(Good(), items=items)
            thrown = {one.item for one in result.rejections}
            told = {one.number: _item(one, {})["findings"] for one in written_about(items)}
            asked += sum(map(len, told.values()))  # type: ignore[arg-type]
            accepted += sum(len(found) for number, found in told.items() if number not in thrown)  # type: ignore[arg-type]
    with capsys.disabled():
        print(f"\naccepted: {accepted} of {asked} statements ({accepted / asked:.0%})")

    assert accepted / asked >= 0.95


def test_what_a_good_model_wrote_stands_filled_beside_the_rules_sentence():
    """The person's name and the time come out of the facts."""
    result = drafted(Good())

    assert result.fell_back == ()
    assert (result.by.writer, result.by.model, result.by.why_template) == ("model", "claude-sonnet-5-5", "")
    assert sorted(result.by.prompts) == ["draft_gate", "slot_contract", "vocabulary"]
    assert [one.text for one in result.statements[7]] == [
        "The quiz that Mike Chen took left out the question on where the logs are. "
        "The runbook owner has to ask it and get the answer marked.",
        "Sam Okafor and Morteza Moradi are on the rota from launch but have not taken the quiz. "
        "They should read the runbook, answer the questions and have the answers marked by the owner.",
    ]
    assert (result.usage.model_calls, result.usage.input_tokens, result.usage.output_tokens) == (1, 1200, 300)


def test_what_is_drafted_passes_the_check_before_it_is_shown():
    """Every text is its template filled."""
    result = drafted(Good())

    for item in ITEMS:
        assert_sound(item.model_copy(update={"draft": result.statements[item.number]}), ZONE)


def test_of_what_is_met_the_model_is_not_asked_while_anything_is_open():
    """The rule's own sentence says it; words about it would only cost. That is no fall-back."""
    with model_that(Good()) as (model, messages):
        result = draft(BRIEF, ITEMS, model)

    assert {one.item for one in shown(messages.user())} == set(OPEN)
    assert {one.outcome for one in shown(messages.user())} == {"fail"}
    assert result.statements[4] == ()


def test_where_nothing_is_open_the_model_writes_of_what_is_met():
    """And may leave out what needs no words."""
    items = builders.put_right_items()
    quiet: Writer = lambda findings: answer((f, Good().says(f)) for f in findings if f.item == 3)  # noqa: E731
    result = drafted(quiet, items=items)

    assert result.fell_back == ()
    assert {one.by for one in result.statements[3]} == {"model"}
    assert result.statements[4] == ()


def test_a_summary_may_use_the_facts_of_the_whole_gate():
    """Days to the launch are counted by code and stand in a slot."""
    made = overview(builders.outlook(ITEMS))
    brief = replace(BRIEF, overall=offered(made.facts))
    slot = next(used for used in brief.overall if used.role == "days_to_launch")
    summing: Writer = lambda findings: {  # noqa: E731
        **Good()(findings), "summary": [f"The team has {{{slot.slot} as days_to_launch}} left to do what {{I9}} asks."]
    }  # fmt: skip
    with model_that(summing) as (model, messages):
        result = draft(brief, ITEMS, model)

    assert f"- {{{slot.slot} as days_to_launch}}: a number in days" in messages.user()
    assert [line.text for line in result.summary] == ["The team has 1 day left to do what item 9 asks."]


def test_a_summary_sentence_is_checked_like_the_rest():
    """The sound one is filled, the one with a made-up number is gone."""
    good = Good()
    summing: Writer = lambda findings: {  # noqa: E731
        **good(findings), "summary": ["{I9} waits for {I9.F18 as author}.", "{I9} took 12 seconds."]
    }  # fmt: skip
    result = drafted(summing)

    assert [line.text for line in result.summary] == ["Item 9 waits for Morteza Moradi."]
    assert {one.rule for one in result.rejections} == {Rule.ALPHABET}


# --- bad models -------------------------------------------------------------------------------------------------------


def _sloppy(finding: Shown, says: str) -> str:
    return f"{says[:-1]}, as {JUNK} measured in 42 seconds."


def _swapped(finding: Shown, says: str) -> str:
    roles = list(finding.slots)
    return f"{{{finding.slots[roles[0]]} as {roles[-1]}}} has to repeat it." if len(roles) > 1 else f"{JUNK}."


def _foreign(finding: Shown, says: str) -> str:
    return "{F99 as primary} has to repeat it."


BAD: dict[str, Writer] = {
    "made-up numbers and names": spoiled(_sloppy),
    "swapped roles": spoiled(_swapped),
    "foreign slots": spoiled(_foreign),
    "another item's facts": spoiled(lambda finding, says: "{I9.F18 as author} has to repeat it."),
    "claims of standing": spoiled(lambda finding, says: f"The rule {{is}} and {JUNK} approved."),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_model_writes_nothing_that_anyone_reads(name: str):
    """After two tries the fixed text stands, and nothing of what was rejected is kept anywhere."""
    result = drafted(BAD[name])

    assert written(result) == {"template"}
    assert result.fell_back == OPEN
    assert (result.by.writer, result.usage.model_calls) == ("template prose", 2)
    assert result.by.why_template == "what the model wrote did not hold to the slot contract"
    assert not any(text in everything(result) for text in (JUNK, "42 seconds", "F99", "I9.F18"))


@pytest.mark.parametrize("wrong", sorted(BAD))
def test_what_was_rejected_gets_a_second_try_with_the_reasons(wrong: str):
    """The writer is told which item, which finding and why; then its draft stands."""
    with model_that(BAD[wrong], Good()) as (model, messages):
        result = draft(BRIEF, ITEMS, model)

    assert (result.fell_back, result.usage.model_calls) == ((), 2)
    assert "item 9, finding 4: " in messages.prompt(1)
    assert JUNK not in everything(result)
    assert "draft_again" in result.by.prompts


def test_leaving_out_the_failing_finding_throws_the_item_away():
    """Praise for what passed cannot stand without a word on what failed."""
    good = Good()
    silent: Writer = lambda findings: answer((f, good.says(f)) for f in findings if f.outcome != "fail")  # noqa: E731
    result = drafted(silent)

    assert result.fell_back == (7, 8, 9, 10)
    assert {one.by for one in result.statements[9]} == {"template"}
    assert Rule.OMITTED in {one.rule for one in result.rejections}


def test_only_what_was_rejected_is_asked_again():
    """The second call speaks of the rejected items alone, and what was accepted stays."""
    good = Good()
    half: Writer = lambda findings: answer(  # noqa: E731
        (f, f"{JUNK}." if f.item == 9 else good.says(f)) for f in findings
    )
    with model_that(half, Good()) as (model, messages):
        result = draft(BRIEF, ITEMS, model)

    assert "## Item 9:" in messages.prompt(1)
    assert "## Item 8:" not in messages.prompt(1)
    assert result.fell_back == ()


def _twice(findings: list[Shown]) -> Draft:
    one = Good()(findings)
    items = one["items"]
    assert isinstance(items, list)
    return {**one, "items": [*items, *items]}


NOT_ASKED_FOR: dict[str, tuple[Writer | Reply, Rule]] = {
    "prose": (message("I would rather write a poem about Zebedee."), Rule.UNREADABLE),
    "extra key": (message('{"items": [], "summary": [], "verdict": "Zebedee"}'), Rule.UNREADABLE),
    "wrong type": (message('{"items": [{"number": "9", "statements": []}], "summary": []}'), Rule.UNREADABLE),
    "cut JSON": (message('{"items": [{"number": 9'), Rule.UNREADABLE),
    "cut off": (message("", "max_tokens"), Rule.UNREADABLE),
    "cut off, yet whole": (message('{"items": [], "summary": []}', "max_tokens"), Rule.UNREADABLE),
    "paused": (message('{"items": [], "summary": []}', "pause_turn"), Rule.UNREADABLE),
    "refusal": (message('{"items": [], "summary": []}', "refusal"), Rule.UNREADABLE),
    "empty": (message('{"items": [], "summary": []}'), Rule.OMITTED),
    "a stranger": (message('{"items": [{"number": 99, "statements": []}], "summary": []}'), Rule.NO_SUCH),
    "every item twice": (_twice, Rule.NO_SUCH),
}


@pytest.mark.parametrize(("reply", "rule"), NOT_ASKED_FOR.values(), ids=NOT_ASKED_FOR)
def test_an_answer_that_is_not_what_was_asked_for_is_not_repaired(reply: Writer | Reply, rule: Rule):
    """No guess at what was meant: failing items fall to fixed text."""
    result = drafted(reply)

    assert set(result.fell_back) >= {7, 8, 9, 10}
    assert rule in {one.rule for one in result.rejections}
    assert JUNK not in everything(result)


def test_a_refusal_is_not_argued_with():
    """The report says that the model refused; it is not asked again."""
    result = drafted(message("", "refusal"))

    assert (result.usage.model_calls, result.by.why_template) == (1, "the model refused to write")


def test_a_cut_answer_is_asked_again_and_can_be_mended():
    """The second answer counts as if it were the first."""
    result = drafted(message("", "max_tokens"), Good())

    assert (result.fell_back, written(result), result.by.why_template) == ((), {"model"}, "")


# --- no model ---------------------------------------------------------------------------------------------------------


def test_without_a_model_the_fixed_texts_stand_and_say_why():
    """Nobody needs a key; that no model wrote is no fall-back."""
    result = draft(BRIEF, ITEMS, None)

    assert written(result) == {"template"}
    assert (result.fell_back, result.usage.model_calls) == ((), 0)
    assert (result.by.writer, result.by.why_template) == ("template prose", "no model is configured")


def test_an_overloaded_model_is_tried_again():
    """A 529 and then an answer is an answer."""
    result = drafted(error(529, "overloaded_error"), Good())

    assert (result.fell_back, written(result)) == ((), {"model"})


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (error(401, "authentication_error"), "answered 401. Check ANTHROPIC_API_KEY, or the credentials of "),
        (error(404, "not_found_error"), "answered 404. Check CLEARANCE_MODEL"),
        (error(429, "rate_limit_error"), "answered 429. The key's limit is used up"),
        (error(500, "api_error"), "answered 500."),
        (Reply(200, b"<html>", {"content-type": "text/html"}), "no message"),
    ],
)
def test_a_model_that_cannot_be_had_leaves_the_fixed_texts_and_says_why(reply: Reply, told: str):
    """The reason names model, host and what to do; never the key, never the vendor's own words."""
    result = drafted(reply)

    assert written(result) == {"template"}
    assert told in result.by.why_template
    assert "claude-sonnet-5-5 at 127.0.0.1" in result.by.why_template
    assert "sk-secret" not in everything(result)


def test_a_model_that_goes_away_between_two_calls_leaves_what_was_accepted():
    """The rejected item falls to fixed text, and the report says what happened."""
    good = Good()
    half: Writer = lambda findings: answer(  # noqa: E731
        (f, f"{JUNK}." if f.item == 9 else good.says(f)) for f in findings
    )
    result = drafted(half, error(401, "authentication_error"))

    assert result.fell_back == (9,)
    assert "answered 401" in result.by.why_template
    assert {one.by for one in result.statements[8]} == {"model"}


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9", "http://user:sk-secret@127.0.0.1:9/path", "sk-secret", "http://[::sk-secret"]
)
def test_an_endpoint_that_is_not_there_is_named_without_its_secrets(url: str):
    """Connection refused: the host is told, what stands before it is not."""
    prompt = Prompt(system="s", user="u", answer_schema=answer_schema(), max_tokens=10)

    with pytest.raises(ModelUnavailable, match="could not be reached") as refused:
        AnthropicModel("", url, "some-model", retries=0).write(prompt)
    assert "sk-secret" not in refused.value.sentence


def test_a_model_that_does_not_answer_in_time_is_given_up():
    """A hanging endpoint ends at the deadline, with the seconds told."""

    def never(findings: list[Shown]) -> Draft:
        gate.wait(10)
        return Good()(findings)

    gate = Event()
    with (
        model_that(never, timeout=0.2, retries=0) as (model, _),
        pytest.raises(ModelUnavailable, match=r"within 0\.2 seconds"),
    ):
        model.write(Prompt(system="s", user="u", answer_schema=answer_schema(), max_tokens=10))
    gate.set()


def test_rejections_are_sentences_about_rules():
    """What is kept of a rejected draft: where, which rule, why. Not the text."""
    result = drafted(BAD["made-up numbers and names"])

    assert all(one.offence == "" and one.reason.endswith(".") for one in result.rejections)
    assert json.loads(everything(result))["rejections"]


def test_the_rules_sentence_is_not_the_writers_to_change():
    """Findings go in and come out as they were; only statements are added."""
    before = [sentence(finding, ZONE) for item in ITEMS for finding in item.findings]
    drafted(Good())

    assert before == [sentence(finding, ZONE) for item in ITEMS for finding in item.findings]
