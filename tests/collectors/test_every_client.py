"""What holds for every way out, whichever client library goes it: who we say we are, and that it always ends."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

import pytest

from collectors.connections import Connections
from collectors.evidence import Evidence, Gap, GapReason
from collectors.registry import REQUESTS
from collectors.sandbox.start import Sandbox
from tests.collectors.asked import ASKS, vendor_of
from tests.collectors.stubborn import endless_headers, interim_answers, never_accepting, serving
from tests.collectors.test_every_request import ONE_OF_EACH, at_url

OWN = 30  # seconds, in which no client of a vendor gives up by itself

each_client = pytest.mark.parametrize("type_", [*ONE_OF_EACH.values(), "launchdarkly.flag_evaluation"])


@each_client
def test_every_call_says_that_clearance_makes_it(conn: Connections, sandbox: Sandbox, type_: str):
    seen = sandbox.faults[vendor_of(type_)].seen
    before = len(seen)

    (answer,) = REQUESTS[type_].collector()(conn, [ASKS[type_]])

    assert isinstance(answer, Evidence), answer
    assert {"clearance" in one.headers.get("user-agent", "") for one in seen[before:]} == {True}


STUBBORN = {
    "a header that goes on for ever": partial(serving, endless_headers),
    "interim answers for ever": partial(serving, interim_answers),
    "a connection that never comes about": never_accepting,
}


@each_client
@pytest.mark.parametrize("how", STUBBORN)
def test_a_source_that_never_comes_to_an_answer_is_given_up(conn: Connections, type_: str, how: str):
    """A time-out of each read alone would never come."""
    there: AbstractContextManager[str] = STUBBORN[how]()
    with there as url:
        hurried = at_url(replace(conn, timeout=0.1), vendor_of(type_), url)
        if hurried.launchdarkly and vendor_of(type_) == "launchdarkly":
            hurried = replace(hurried, launchdarkly=replace(hurried.launchdarkly, sdk_url=url))
        collect, began = REQUESTS[type_].collector(), time.monotonic()
        (gap,) = collect(hurried, [ASKS[type_]])

    assert isinstance(gap, Gap)
    assert gap.reason is GapReason.UNREACHABLE, gap
    assert time.monotonic() - began < OWN
