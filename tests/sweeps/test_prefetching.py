"""What a sweep asks first, so that nothing that takes long begins when all else is done."""

from __future__ import annotations

from agent.service.sweeps.prefetching import longest_first
from collectors.registry import EACH_ALONE, REQUESTS


def test_questions_that_each_take_calls_begin_before_larger_lists():
    counts = {"pagerduty.on_call": 900, "launchdarkly.flag": 100, "launchdarkly.flag_history": 100, "s3.retention": 200}
    assert longest_first(counts) == [
        "s3.retention", "launchdarkly.flag_history", "pagerduty.on_call", "launchdarkly.flag"
    ]  # fmt: skip


def test_only_requests_that_there_are_are_told_to_take_calls_of_their_own():
    assert REQUESTS.keys() >= EACH_ALONE
