"""A sweep's drafts in one Message Batch: half the price, a deadline, never paid twice, within the sweep's budget."""

from __future__ import annotations

import os
import threading
from collections import Counter
from contextlib import AbstractContextManager
from decimal import Decimal

import pytest

from agent.domain import ReviewDocument
from agent.drafting.budget import Budget
from agent.service.sweeps import Swept, run
from collectors.sandbox.server import Asked, Reply
from tests.acceptance.conftest import ROOT
from tests.drafting.scripted import Good, Messages, error
from tests.processes import beside
from tests.stem import Beside
from tests.sweeps.conftest import OWN, Fleet
from tests.sweeps.endpoint import LONG, Endpoint, running
from tests.sweeps.test_interrupted import killed

BATCH = OWN.model_copy(update={"batch": True})


def writers(fleet: Fleet) -> Counter[str]:
    return Counter(document.drafted_by.writer for document in documents(fleet))


def documents(fleet: Fleet) -> list[ReviewDocument]:
    return [fleet.document(row.id) for row in fleet.deps().reviews.all()]


def test_all_drafts_are_asked_in_one_batch(fleet: Fleet):
    """Two subjects that say the same ask the same, once; nothing is asked directly, and the digest tells the price."""
    endpoint = Endpoint(looks=2)
    with running(endpoint) as settings:
        cost = fleet.sweep(BATCH, **settings).digest.cost

    assert (len(endpoint.batches), endpoint.prompts, endpoint.direct.asked) == (1, 2, [])
    assert writers(fleet) == {"model": 3}
    assert cost.model_calls == 3
    assert cost.price_usd is not None
    assert Decimal(cost.price_usd) == sum(Decimal(one.usage.price_usd or 0) for one in documents(fleet)) > 0


def test_nothing_is_asked_for_what_did_not_change(swept: tuple[Fleet, Swept]):
    fleet, _ = swept
    endpoint = Endpoint()
    with running(endpoint) as settings:
        digest = fleet.sweep(BATCH, **settings).digest

    assert (digest.quiet, endpoint.paths) == (3, [])


@pytest.mark.parametrize(("late", "writer"), [("direct", "model"), ("templates", "template prose")])
def test_after_the_deadline_others_write(fleet: Fleet, late: str, writer: str):
    """The batch never ends: it is cancelled, and direct calls or templates take over."""
    endpoint = Endpoint(looks=10_000)
    with running(endpoint) as settings:
        more = {**settings, "CLEARANCE_BATCH_WITHIN": "1 second", "CLEARANCE_BATCH_LATE": late}
        digest = fleet.sweep(BATCH, **more).digest

    assert endpoint.cancelled
    assert digest.reviewed == 3
    assert writers(fleet) == {writer: 3}


@pytest.mark.parametrize("fate", ["errored", "expired", "canceled"])
def test_what_a_batch_did_not_answer_is_asked_directly(fleet: Fleet, fate: str):
    endpoint = Endpoint(fates=[fate])
    with running(endpoint) as settings:
        fleet.sweep(BATCH, **settings)

    assert writers(fleet) == {"model": 3}
    assert len(endpoint.direct.asked) in (1, 2)  # of the two subjects that ask the same, each


def dying(fleet: Fleet, settings: dict[str, str], *batch: str) -> AbstractContextManager[Beside]:
    env = {**os.environ, **fleet.desk.env(**settings)}
    return beside("tests.sweeps.dying", "never", "1", *batch, cwd=ROOT, env=env)


def killed_when(fleet: Fleet, settings: dict[str, str], when: threading.Event, batch: str = "batch") -> None:
    with dying(fleet, settings, batch) as process:
        assert when.wait(LONG)
        process.kill()


def test_a_batch_that_is_under_way_is_not_paid_twice(fleet: Fleet):
    """Killed while it waits: whoever goes on takes the answers of the batch that was given."""
    endpoint = Endpoint(looks=10_000)
    with running(endpoint) as settings:
        killed_when(fleet, settings, endpoint.looked)
        endpoint.looks = 1
        run(fleet.desk.deps(**settings), BATCH, poll=0.05)

    assert (len(endpoint.batches), endpoint.direct.asked) == (1, [])
    assert writers(fleet) == {"model": 3}


def test_a_batch_whose_id_was_never_heard_is_found(fleet: Fleet):
    """Killed between the vendor's taking it and our knowing: it is looked for by its time and size."""
    endpoint = Endpoint(looks=1)
    endpoint.tell.clear()
    with running(endpoint) as settings:
        killed_when(fleet, settings, endpoint.given)
        endpoint.tell.set()
        deps = fleet.desk.deps(**settings)
        endpoint.now = deps.clock().isoformat()  # the sandbox sets the clock; the vendor's is no other
        run(deps, BATCH, poll=0.05)

    assert (len(endpoint.batches), endpoint.direct.asked) == (1, [])
    assert writers(fleet) == {"model": 3}


def test_what_a_killed_sweep_saw_with_a_token_does_not_outlive_the_token(fleet: Fleet):
    """Killed in the middle of its reviews; whoever goes on has no key to PagerDuty, and every review says so."""
    asked, go_on = threading.Event(), threading.Event()

    class Slow(Endpoint):
        def answer(self, asked_: Asked) -> Reply:
            asked.set()
            assert go_on.wait(LONG)
            return super().answer(asked_)

    with running(Slow()) as settings:
        killed_when(fleet, settings, asked, batch="")
        go_on.set()
    assert {row.state for row in fleet.deps().reviews.all()} == {"running"}
    swept = run(fleet.desk.deps("PAGERDUTY_API_KEY"), OWN)

    assert {one.after for one in swept.digest.changed} == {"blocked"}
    assert all("pagerduty" in {gap.request_type.split(".")[0] for gap in one.gaps} for one in shown(fleet, swept))


def shown(fleet: Fleet, swept: Swept) -> list[ReviewDocument]:
    return [fleet.document(one.review) for one in swept.digest.changed]


def test_over_the_sweeps_budget_templates_write(fleet: Fleet):
    """One budget over the batch and over every direct call."""
    endpoint = Endpoint()
    with running(endpoint) as settings:
        cost = fleet.sweep(BATCH, **settings, CLEARANCE_BUDGET_PER_SWEEP="16000").digest.cost

    assert writers(fleet)["template prose"] >= 1
    assert cost.tokens <= 16_000


def test_reviews_that_ask_directly_share_the_budget(fleet: Fleet, monkeypatch: pytest.MonkeyPatch):
    """What one has used, or may use yet, is gone for the others, whose prose is fixed text and says why."""
    refused, reserve = threading.Event(), Budget.reserve

    def reckoned(budget: Budget, need: int, most: int) -> int:
        given = reserve(budget, need, most)
        if not given:
            refused.set()
        return given

    class Slow(Endpoint):
        """One after the other there would be room for all: nobody is answered before somebody came meanwhile."""

        def answer(self, asked: Asked) -> Reply:
            assert refused.wait(LONG)
            return super().answer(asked)

    monkeypatch.setattr(Budget, "reserve", reckoned)
    endpoint = Slow()
    with running(endpoint) as settings:
        cost = fleet.sweep(OWN, **settings, CLEARANCE_BUDGET_PER_SWEEP="18500").digest.cost
    told = [one.drafted_by.why_template for one in documents(fleet)]

    assert any(why.startswith("The token budget of this sweep (18,500) has") for why in told)
    assert (cost.tokens <= 18_500, len(endpoint.direct.asked)) == (True, cost.model_calls)


def test_what_a_killed_process_spent_is_gone_for_the_one_that_goes_on(fleet: Fleet):
    """The budget is the sweep's, whoever works on it."""
    endpoint = Endpoint()
    with running(endpoint) as settings:
        more = {**settings, "CLEARANCE_BUDGET_PER_SWEEP": "60000"}
        killed(fleet, "review", 3, **more)
        spent = len(endpoint.direct.asked)
        cost = run(fleet.desk.deps(**more), OWN).digest.cost

    assert spent > 0
    assert (cost.model_calls, cost.tokens) == (len(endpoint.direct.asked), 1500 * len(endpoint.direct.asked))


def test_an_endpoint_that_knows_no_batches_is_asked_directly(fleet: Fleet):
    """A gateway that speaks messages alone."""
    messages = Messages([Good()])

    class Gateway(Endpoint):
        def answer(self, asked: Asked) -> Reply:
            return error(404, "not_found_error") if "/batches" in asked.path else messages.answer(asked)

    with running(Gateway()) as settings:
        fleet.sweep(BATCH, **settings)

    assert writers(fleet) == {"model": 3}
