"""Every answer of every stand-in, broken: never a crash, never a pass that the whole answer would not have given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest

from collectors.datadog.facts import SloAsk
from collectors.registry import REQUESTS
from tests.fuzz.bench import Bench, Said, bench_over, better, met, shipped, vendor_of
from tests.fuzz.mutations import KINDS
from tests.fuzz.shared_cases import CASES as SHARED
from tests.fuzz.tampering import Break
from tests.fuzz.troubled import behind, elsewhere, elsewhere_troubled, troubled, undrilled

SEED = os.environ.get("CLEARANCE_FUZZ_SEED", "2026-06-12")
MORE = int(os.environ.get("CLEARANCE_FUZZ_MORE", "1"))  # times as many trials
QUICK = ("datadog.dashboard", "datadog.dashboard_views", "datadog.log_archives", "datadog.logs", "datadog.metric",
         "datadog.monitors", "launchdarkly.flag", "launchdarkly.flag_history", "pagerduty.incidents",
         "pagerduty.on_call")  # fmt: skip
SLOW = ("aws.iam", "aws.secret_rotation", "launchdarkly.flag_evaluation", "s3.retention")  # a client each takes long
OPTIONAL = ("github.file", "langsmith.guardrail_runs", "langsmith.retention", "langsmith.run_stats", "okta.identity",
            "slack.scheduled_messages")  # fmt: skip
ELSEWHERE = (*OPTIONAL, "datadog.log_indexes", "aws.iam_keys", "cloudtrail.rotations")
USUAL = (*QUICK, *SLOW)
# for each kind of mutation
TRIALS = {
    **dict.fromkeys(QUICK, 12),
    **dict.fromkeys((*OPTIONAL, "datadog.log_indexes"), 6),
    **dict.fromkeys((*SLOW, *ELSEWHERE[-2:]), 4),
}
# In `troubled` nearly every rule fails, so that there is something to hide; the others add what it cannot show at once.
CASES = {
    "put-right": USUAL,
    "troubled": USUAL,
    "as-written": ("datadog.metric", "launchdarkly.flag_history"),
    "undrilled": ("launchdarkly.flag", "launchdarkly.flag_history"),
    "elsewhere": ELSEWHERE,
    "elsewhere troubled": ELSEWHERE,
    "behind": ("datadog.log_indexes",),
}
MADE = {
    "troubled": troubled,
    "undrilled": undrilled,
    "elsewhere": elsewhere,
    "elsewhere troubled": elsewhere_troubled,
    "behind": behind,
}


@pytest.fixture(scope="module", params=CASES)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Bench]]:
    """Each world in turn."""
    folder = tmp_path_factory.mktemp(request.param.replace(" ", "-"))
    made = MADE.get(request.param)
    with bench_over(made(folder / "world") if made else shipped(request.param), folder) as opened:
        yield request.param, opened


def trial(bench: Bench, type_: str, kind: str, seed: str, said: Said) -> str:
    """One batch asked with one answer broken: what came out better than by the whole answers, or nothing."""
    tampering, key = bench.vendors[vendor_of(type_)], Random(seed).choice(bench.calls(type_))
    with tampering.breaking(Break(key, kind, seed)):
        answers = bench.ask(type_, bench.asks(type_))
    assert tampering.told, f"nobody asked {' '.join(key[:3])} again"
    improved = better(bench.said(answers), said)
    return f"{'; '.join(improved)} with {' '.join(key[:3])}, {tampering.told}" if improved else ""


@pytest.mark.parametrize("type_", TRIALS)
def test_a_broken_answer_never_crashes_and_never_improves(bench: tuple[str, Bench], type_: str):
    """Cut at a byte, without a field, with a null, with another type: no rule and no item comes out better."""
    world, opened = bench
    if type_ not in CASES[world]:
        return
    said = opened.said({})
    for kind in KINDS:
        for number in range(TRIALS[type_] * MORE):
            seed = f"{SEED}/{type_}/{kind}/{number}"
            print(f"CLEARANCE_FUZZ_SEED={SEED}: {world} {seed}")  # shown when the test fails
            assert not trial(opened, type_, kind, seed, said)


def test_every_request_that_a_stand_in_answers_is_broken_here(bench: tuple[str, Bench]):
    """A new request is fuzzed from its first day."""
    _, opened = bench
    assert set(opened.questions()) <= set(TRIALS)


def test_every_request_to_a_vendor_is_broken_somewhere():
    """datadog.slo in test_fuzz_slo.py, what gates share in test_fuzz_shared.py; files and our own are no vendor's."""
    vendors = {type_ for type_ in REQUESTS if not type_.startswith(("documents.", "attestation.", "clearance."))}
    assert TRIALS.keys() | {SloAsk.type, *SHARED} == vendors


def test_the_troubled_world_leaves_nothing_to_pass_at_the_vendors(bench: tuple[str, Bench]):
    """Every item that a vendor answers is not met there, so an answer that hides something shows."""
    world, opened = bench
    if world == "troubled":
        assert met(opened.said({})) <= {7, 8, 10}
    if world == "elsewhere troubled":
        assert met(opened.said({})) <= {2, 3, 9, 10}  # those that no optional source answers


def test_elsewhere_all_is_in_order(bench: tuple[str, Bench]):
    """Else a broken answer there could spoil nothing."""
    world, opened = bench
    if world == "elsewhere":
        assert met(opened.said({})) >= set(range(1, 10))
    if world == "behind":
        assert met(opened.said({})) >= set(range(1, 10)) - {6}
        assert 6 not in met(opened.said({}))
