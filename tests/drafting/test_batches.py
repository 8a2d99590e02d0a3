"""A sweep's prompts in one Message Batch: half the price, equal prompts once, and a deadline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from agent import resources
from agent.drafting import prices
from agent.drafting.batches import Handed, Waiting, fetch, fetch_again
from agent.drafting.budget import Budget, Budgeted
from agent.drafting.model import AnthropicModel, Prompt
from agent.drafting.showing import first_prompt
from agent.drafting.writer import draft
from collectors.sandbox.server import Asked, Reply, StandIn, serve
from tests.builders import ZONE
from tests.drafting import builders
from tests.drafting.scripted import Batches, Good, Messages, error
from tests.drafting.test_writer import BRIEF
from tests.drafting.unsaid import unsaid
from tests.processes import LONGEST
from tests.sweeps.endpoint import Endpoint

WRITTEN, RIGHT = builders.as_written_items(), builders.put_right_items()
BRIEFED = replace(BRIEF, prices=prices.read(resources.folder("config") / "prices.yaml"))
PROMPTS = [first_prompt(BRIEF, items) for items in (WRITTEN, RIGHT, WRITTEN)]


@dataclass
class Clock:
    """Time that passes by waiting."""

    now: float = 0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def waiting(self, seconds: float) -> Waiting:
        return Waiting(seconds, poll=10, sleep=self.sleep, clock=lambda: self.now)


@contextmanager
def model_over(server: StandIn) -> Iterator[AnthropicModel]:
    running = serve(server)
    try:
        yield AnthropicModel("sk-secret", running.url, "claude-sonnet-5-5", LONGEST, 0)
    finally:
        running.close()


def test_a_batch_writes_every_review_and_asks_equal_prompts_once():
    """Three reviews, two prompts; the drafts are those of a direct call at half the price."""
    batches = Batches(Good(), looks=3)
    with model_over(batches) as model:
        fetched = fetch(model, PROMPTS, Clock().waiting(3600))
        drafts = [draft(BRIEFED, items, fetched.model(model.name, None)) for items in (WRITTEN, RIGHT, WRITTEN)]

    assert len(batches.asked) == 2
    assert fetched.why == ""
    assert [one.by.writer for one in drafts] == ["model"] * 3
    assert all(one.fell_back == () for one in drafts)
    assert drafts[0].usage.price_usd == "0.0027"  # 1,200 tokens in and 300 out would be 0.0054
    assert {row["custom_id"] for row in batches.asked} == {prompt.digest for prompt in PROMPTS}


def test_the_results_are_asked_for_where_the_batch_was_made():
    """Whatever address the endpoint names, the key goes to no other host."""
    batches = Batches(Good())
    with model_over(batches) as model:
        assert len(fetch(model, PROMPTS, Clock().waiting(3600)).answers) == 2

    assert batches.paths[-1] == "GET /v1/messages/batches/msgbatch_1/results"


def test_no_value_of_any_fact_is_in_a_batch():
    """What goes out in a batch is what would go out directly."""
    batches = Batches(Good())
    with model_over(batches) as model:
        fetch(model, PROMPTS, Clock().waiting(3600))

    sent = [str(row["params"]["messages"][0]["content"]) for row in batches.asked]  # type: ignore[index]
    assert len(sent) == 2
    assert unsaid((*WRITTEN, *RIGHT), ZONE, sent) == []


@pytest.mark.parametrize("chunk", [b" " * 100_000, b'{"custom_id": "x"}\n' * 5_000])
def test_results_without_end_are_given_up(chunk: bytes):
    """In one line or in many; memory is bounded, and the drafts are made without the batch."""
    batches = Batches(Good())

    class Endless:
        def answer(self, asked: Asked) -> Reply:
            if asked.path.endswith("/results"):
                return Reply(200, headers={"content-type": "application/binary"}, stream=iter(lambda: chunk, b""))
            return batches.answer(asked)

    with model_over(Endless()) as model:
        fetched = fetch(model, PROMPTS, Clock().waiting(3600))

    assert (fetched.answers, "without end" in fetched.why) == ({}, True)


def test_a_batch_that_is_late_is_cancelled_and_templates_take_over():
    """After the deadline nobody waits, and the report says why no model wrote."""
    batches, clock = Batches(Good(), looks=99), Clock()
    with model_over(batches) as model:
        fetched = fetch(model, PROMPTS, clock.waiting(60))
    result = draft(BRIEF, WRITTEN, fetched.model(model.name, None))

    assert batches.cancelled
    assert clock.now <= 80
    assert (result.by.writer, result.usage.model_calls) == ("template prose", 0)
    assert "did not answer this prompt in its batch in time" in result.by.why_template


def test_what_a_batch_lacks_is_asked_directly_where_that_is_wished():
    """One prompt expired; its review gets a direct call, the other the batch's answer."""
    with model_over(Batches(Good(), lost=1)) as model:
        fetched = fetch(model, PROMPTS, Clock().waiting(3600))
    messages = Messages([Good()])
    with model_over(messages) as direct:
        drafts = [draft(BRIEF, items, fetched.model(direct.name, direct)) for items in (WRITTEN, RIGHT)]

    assert len(fetched.answers) == 1
    assert len(messages.asked) == 1
    assert [one.by.writer for one in drafts] == ["model", "model"]


@pytest.mark.parametrize("status", [404, 401, 529])
def test_an_endpoint_without_batches_leaves_the_rest_to_others(status: int):
    """A gateway that speaks messages alone is no fault of the sweep's."""
    with model_over(Messages([error(status, "not_found_error")])) as model:
        fetched = fetch(model, PROMPTS, Clock().waiting(60))

    assert fetched.answers == {}
    assert f"answered {status}" in fetched.why


def test_a_sweeps_budget_bounds_what_is_asked_in_a_batch():
    """The second prompt has no room; what was set aside is free again when the batch is there."""
    budget = Budget("this sweep", 25_000)
    batches = Batches(Good())
    with model_over(batches) as model:
        fetched = fetch(model, PROMPTS, Clock().waiting(60), budget)

    assert len(batches.asked) == len(fetched.answers) == 1
    assert budget.used == 0
    assert fetch(model, PROMPTS, Clock().waiting(60), Budget("this sweep", 10)).why


def test_reviews_share_a_sweeps_budget_and_say_when_it_is_used_up():
    """The first review's tokens are gone for the second."""
    budget = Budget("this sweep", 21_000)
    messages = Messages([Good()])
    with model_over(messages) as model:
        drafts = [draft(BRIEF, items, Budgeted(model, [budget])) for items in (WRITTEN, WRITTEN)]
        budget.used = 20_000
        last = draft(BRIEF, RIGHT, Budgeted(model, [budget]))

    assert [one.by.writer for one in drafts] == ["model", "model"]
    assert last.by.why_template.startswith("The token budget of this sweep (21,000) has 1,000 left")


def test_no_prompts_make_no_batch():
    """A sweep in which nothing changed asks nothing."""
    prompts: list[Prompt] = []
    batches = Batches(Good())
    with model_over(batches) as model:
        assert fetch(model, prompts, Clock().waiting(60)).answers == {}

    assert batches.paths == []


@pytest.mark.parametrize(("id", "cancelled"), [("msgbatch_0", True), ("", False)])
def test_only_a_batch_that_is_known_to_be_ours_is_cancelled(id: str, cancelled: bool):
    """One that was only guessed by its time and size may be another sweep's, which waits for it."""
    endpoint = Endpoint(looks=99)
    endpoint.batches["msgbatch_0"] = [{"custom_id": prompt.digest} for prompt in PROMPTS[:2]]
    handed = Handed(id, datetime.fromisoformat(endpoint.now), tuple(prompt.digest for prompt in PROMPTS[:2]))
    with model_over(endpoint) as model:
        assert fetch_again(model, PROMPTS, handed, Clock().waiting(60)).answers == {}

    assert endpoint.cancelled is cancelled
