"""A model writes the prose and nothing else: verdicts, values and the proposal are the same whatever it answers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agent.domain import ReviewDocument
from agent.drafting.showing import first_prompt
from collectors.sandbox.server import serve
from tests.acceptance.conftest import GATE, SUBJECT, Desk, RunningWorld, desk_over
from tests.acceptance.overlays import card_with
from tests.acceptance.test_optional_sources import over_all
from tests.drafting.scripted import Good, Messages, error, message
from tests.drafting.test_what_is_shown import with_another_value
from tests.drafting.test_writer import BRIEF
from tests.drafting.unsaid import changing, unsaid


def with_model(desk: Desk, *script: object, **more: str) -> tuple[ReviewDocument, Messages]:
    """Assess over the real stack with the real client against a scripted Messages server."""
    from agent import settings
    from agent.service.assembly import assemble
    from agent.service.assess import assess

    messages = Messages(list(script))  # type: ignore[arg-type]
    running = serve(messages)
    try:
        env = desk.env(ANTHROPIC_BASE_URL=running.url, ANTHROPIC_API_KEY="sk-test", **more)
        return assess(assemble(settings.read(env)), SUBJECT, GATE, new=True).document, messages
    finally:
        running.close()


def judged(document: ReviewDocument) -> object:
    return document.proposal, [(i.verdict, [(f.probe, f.outcome) for f in i.findings]) for i in document.items]


@pytest.mark.parametrize(("world", "model"), [("as_written", "claude-sonnet-5-5"), ("put_right", "claude-haiku-5-5")])
def test_a_good_model_writes_and_the_report_names_it(request: pytest.FixtureRequest, world: str, model: str):
    """The strong one where anything is open, else the cheap one. Values come from facts."""
    desk: Desk = request.getfixturevalue(world)
    without = desk.assess()

    document, _ = with_model(desk, Good())

    assert document.drafted_by.writer == "model"
    assert document.drafted_by.model == model
    assert any(one.by == "model" for item in document.items for one in item.draft)
    assert not any(item.fell_back for item in document.items)
    assert judged(document) == judged(without)


@pytest.fixture(params=["as-written", "put-right", "put-right over all sources"])
def any_world(
    request: pytest.FixtureRequest, as_written_world: RunningWorld, put_right_world: RunningWorld, tmp_path: Path
) -> Desk:
    """Both worlds, and the second with LangSmith, Slack, GitHub and Okta in place of statements and files."""
    world = as_written_world if request.param == "as-written" else put_right_world
    return desk_over(world, tmp_path, card_with(over_all) if "all" in request.param else lambda overlay: None)


def test_no_value_of_any_fact_and_no_word_of_the_card_is_in_a_prompt(any_world: Desk):
    """Every fact of every item, and every text on the card but units: none of it leaves the house."""
    document, messages = with_model(any_world, Good())

    asked = [messages.user(call) for call in range(len(messages.bodies))]
    assert asked
    assert unsaid(document.items, document.zone, asked) == []
    told = "\n".join(map(changing, asked))
    assert {word for word in leaves(document.card) if re.search(rf"(?<!\w){re.escape(word)}(?![\w-])", told)} <= UNITS


def test_a_prompt_is_the_same_whatever_the_values_of_its_facts(any_world: Desk):
    """One fact after the other is given another value: not a letter of what the writer is shown changes."""
    document = any_world.assess()
    before, changed = first_prompt(BRIEF, document.items), 0
    for place, item in enumerate(document.items):
        for other in with_another_value(item):
            assert first_prompt(BRIEF, [*document.items[:place], other, *document.items[place + 1 :]]) == before
            changed += 1

    assert changed > 50


UNITS = {"percent", "seconds", "hours", "incidents"}


def leaves(card: object) -> set[str]:
    """Every text and number of a card."""
    inner = card.values() if isinstance(card, dict) else card if isinstance(card, list | tuple) else None
    return {str(card)} if inner is None else set().union(*map(leaves, inner))


MADE_UP = json.dumps(
    {
        "items": [
            {"number": n, "statements": [{"finding": 0, "template": "Approved by Jane Doe with 99.9 percent."}]}
            for n in range(1, 11)
        ],
        "summary": ["Everything is fine."],
    }
)  # fmt: skip
BAD = {
    "made-up values": message(MADE_UP),
    "not JSON": message("I would say: cleared!"),
    "refusal": message("", stop="refusal"),
    "cut off": message('{"items": [', stop="max_tokens"),
    "overloaded": error(529, "overloaded_error"),
    "wrong key": error(401, "authentication_error"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_answer_is_thrown_away_and_changes_no_verdict(as_written: Desk, name: str):
    """Template prose stands in, the report says so, and nothing the model made up reaches the page."""
    without = as_written.assess()

    document, _ = with_model(as_written, BAD[name])

    assert judged(document) == judged(without)
    assert document.drafted_by.writer == "template prose"
    assert document.drafted_by.why_template
    assert "Jane" not in document.model_dump_json()
    assert all(one.by == "template" for item in document.items for one in item.draft)


def test_the_signed_report_names_the_writer(put_right: Desk):
    document, _ = with_model(put_right, Good())

    bundle = put_right.sign_all(document.review).bundle

    assert "claude-haiku-5-5" in Path(bundle, "report.md").read_text()


def test_what_was_asked_answered_and_thrown_away_can_be_shown(as_written: Desk):
    """Prompt, answer and reasons by `reviews show --model`; and nothing of a rejected answer anywhere else."""
    document, _ = with_model(as_written, message(MADE_UP))

    told = as_written.cli("reviews", "show", document.review, "--model")
    data = json.loads(as_written.cli("reviews", "show", document.review, "--model", "--json").stdout)

    assert (told.returncode, told.stderr) == (50, "")
    assert "Approved by Jane Doe" in told.stdout
    assert "Outside slots stands a digit or a sign that is not plain punctuation. It was: 9" in told.stdout
    assert [one["digest"] for one in data["exchanges"]] == list(document.drafted_by.exchanges)
    assert all(one["answer"]["text"] == MADE_UP for one in data["exchanges"])
    assert "You write short, plain statements" in data["exchanges"][0]["system"]
    assert "Jane" not in as_written.cli("reviews", "show", document.review, "--json").stdout
    assert document.usage.price_usd == "0.0108"
    assert "2 model calls, 3,000 tokens, $0.0108" in told.stdout


def test_a_review_that_shows_the_writer_the_same_costs_nothing(as_written: Desk):
    """The last draft's answers are checked and filled anew, and the review says whose they are."""
    first, _ = with_model(as_written, Good())
    second, messages = with_model(as_written, Good())

    assert messages.asked == []
    assert second.drafted_by.reused_from == first.review
    assert (second.usage.model_calls, second.usage.price_usd) == (0, "0")
    assert [item.draft for item in second.items] == [item.draft for item in first.items]
    assert "Nothing has changed since the review of" in " ".join(second.summary)


def test_over_the_token_budget_the_fixed_texts_stand_in(as_written: Desk):
    """No call is made, and the report names the budget."""
    document, messages = with_model(as_written, Good(), CLEARANCE_BUDGET_PER_REVIEW="5000")

    assert messages.asked == []
    assert document.drafted_by.writer == "template prose"
    assert "The token budget of this review (5,000)" in document.drafted_by.why_template


def test_the_first_review_of_a_new_version_is_told_beside_the_last_of_the_old_one(put_right: Desk):
    """Statements are of a version, so much is not stated any more: the summary says what moved, and since which."""
    put_right.assess()
    card_with(lambda card: card.update(version="1.1"))(put_right.overlay)

    told = " ".join(put_right.assess().summary)

    assert "of version 1.0, the proposal moved from cleared to blocked" in told
    assert "the card was edited" in told
