"""Every answer of every stand-in, broken: never a crash, and never a pass that the whole answer would not have given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest

from agent.domain import Outcome
from collectors.evidence import Answer
from tests.fuzz.bench import RANK, Bench, Rule, bench_over, shipped, vendor_of
from tests.fuzz.mutations import KINDS
from tests.fuzz.tampering import Break
from tests.fuzz.troubled import troubled, undrilled

SEED = os.environ.get("CLEARANCE_FUZZ_SEED", "2026-06-12")
TRIALS = int(os.environ.get("CLEARANCE_FUZZ_TRIALS", "24"))  # for each world, request and kind of mutation
WORLDS = ("put-right", "as-written", "troubled", "undrilled")
REQUESTS = (
    "aws.iam", "aws.secret_rotation", "datadog.dashboard", "datadog.dashboard_views", "datadog.log_archives",
    "datadog.logs", "datadog.metric", "datadog.monitors", "launchdarkly.flag", "launchdarkly.flag_evaluation",
    "launchdarkly.flag_history", "pagerduty.incidents", "pagerduty.on_call", "s3.retention",
)  # fmt: skip


@pytest.fixture(scope="module", params=WORLDS)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Each world in turn; `troubled` is the one in which nearly every rule fails."""
    folder = tmp_path_factory.mktemp(request.param)
    made = {"troubled": troubled, "undrilled": undrilled}.get(request.param)
    with bench_over(made(folder / "world") if made else shipped(request.param), folder) as opened:
        yield opened


def trial(bench: Bench, type_: str, kind: str, seed: str, said: dict[Rule, Outcome]) -> str:
    """One question asked with one answer to it broken; what is wrong about what comes of it, or nothing."""
    tampering, asks = bench.vendors[vendor_of(type_)], bench.asks(type_)
    key = Random(seed).choice(bench.calls(type_))
    with tampering.breaking(Break(key, kind, seed)):
        answers: dict[str, Answer] = bench.ask(type_, asks)
    broken = f"{key[0]} {key[1]} {key[2]}, {tampering.told}, seed {seed!r}"
    now = bench.said(answers)
    better = [rule for rule in now if RANK[now[rule]] > RANK[said.get(rule, Outcome.UNKNOWN)]]
    return "; ".join(f"{rule} became {now[rule]}" for rule in better) and f"{better} with {broken}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("type_", REQUESTS)
def test_a_broken_answer_never_crashes_and_never_improves(bench: Bench, type_: str, kind: str):
    """Whatever a vendor's answer lacks or holds instead, no rule comes out better than by the whole answer."""
    said = bench.said({})
    for number in range(TRIALS):
        seed = f"{SEED}/{type_}/{kind}/{number}"
        print(seed)  # shown when the test fails: CLEARANCE_FUZZ_SEED runs the same again
        assert not trial(bench, type_, kind, seed, said)


def test_every_request_that_a_stand_in_answers_is_broken_here(bench: Bench):
    """A new request is fuzzed from its first day."""
    assert set(bench.questions()) <= set(REQUESTS)
