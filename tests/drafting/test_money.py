"""Prices, budgets and the choice of a model."""

from __future__ import annotations

import pytest

from agent import resources
from agent.domain import Usage
from agent.drafting import choice, prices
from agent.drafting.budget import Budget, Budgeted
from agent.drafting.known import Known
from agent.drafting.model import Answer, ModelUnavailable, Prompt
from tests.drafting import builders

TABLE = prices.read(resources.folder("config") / "prices.yaml")
PROMPT = Prompt(system="s" * 3000, user="u" * 300, answer_schema={}, max_tokens=4000)


def answer(**changed: object) -> Answer:
    given = Answer(text="", stop_reason="end_turn", input_tokens=1_000_000, output_tokens=100_000)
    return given.model_copy(update=changed)


@pytest.mark.parametrize(
    ("model", "told", "dollars"),
    [
        ("claude-sonnet-5-5", answer(), "3"),
        ("claude-sonnet-5-5", answer(input_tokens=0, cache_write_tokens=1_000_000), "3.5"),
        ("claude-sonnet-5-5", answer(input_tokens=0, cache_read_tokens=1_000_000), "1.1"),
        ("claude-sonnet-5-5", answer(via="batch"), "1.5"),
        ("claude-sonnet-5-5", answer(input_tokens=0, output_tokens=1), "0.00001"),
        ("claude-haiku-5-5", answer(input_tokens=100_000), "0.06"),
        ("claude-haiku-5-5", answer(input_tokens=100_001), None),
        ("a-model-of-ours", answer(), None),
        ("a-model-of-ours", answer(via="reuse"), "0"),
    ],
)
def test_an_answer_has_its_price_and_an_unknown_model_none(model: str, told: Answer, dollars: str | None):
    """Decimals, never binary fractions; what is not known is never nothing."""
    assert TABLE.of(model, told) == dollars


def test_the_table_says_when_it_was_checked_and_where():
    """A price without a date and a source is a rumour."""
    assert TABLE.checked.year >= 2026
    assert TABLE.source.startswith("https://")


def test_a_sum_with_an_unknown_price_is_not_known():
    """Two models' work together."""
    known, unknown = Usage(model_calls=1, price_usd="0.1"), Usage(model_calls=1, price_usd=None)

    assert known.plus(Usage(model_calls=2, price_usd="0.2")).price_usd == "0.3"
    assert known.plus(unknown).price_usd is None
    assert known.plus(unknown).model_calls == 2


class Echo:
    """A model that says how long it was allowed to be."""

    name = "echo"

    def write(self, prompt: Prompt) -> Answer:
        return Answer(text=str(prompt.max_tokens), stop_reason="end_turn", input_tokens=1000, output_tokens=50)


def test_a_budget_shortens_the_answer_and_then_ends_the_asking():
    """What is left bounds the next answer; what was really used is charged."""
    budget = Budget("this review", 4000)
    model = Budgeted(Echo(), [budget])

    assert [model.write(PROMPT).text for _ in range(2)] == ["2899", "1849"]
    assert budget.used == 2100
    with pytest.raises(ModelUnavailable, match=r"this review \(4,000\) has 1,900 left, and the next call needs"):
        model.write(PROMPT)


def test_a_budget_that_several_share_gives_back_what_another_refused():
    """The review's reservation does not stay when the sweep has no room."""
    own, shared = Budget("this review", 9000), Budget("this sweep", 10)

    with pytest.raises(ModelUnavailable, match="this sweep"):
        Budgeted(Echo(), [own, shared]).write(PROMPT)
    assert (own.used, shared.used) == (0, 0)


def test_the_cheap_model_writes_only_where_nothing_is_open():
    """Pending is not open: item 10 waits for signatures in every review."""
    strong, cheap = Known("strong", {}), Known("cheap", {})

    assert choice.for_items(builders.as_written_items(), strong, cheap) is strong
    assert choice.for_items(builders.put_right_items(), strong, cheap) is cheap
    assert choice.for_items(builders.put_right_items(), strong, None) is strong
    assert choice.for_items(builders.put_right_items(), None, None) is None
