"""What a thousand ten-item drafts may cost, reckoned offline (`make bench-draft` prints it)."""

from __future__ import annotations

import pytest

from tests.bench.draft import CASES, DRAFTS, cost

BY_NAME = {case.name: case for case in CASES}


@pytest.mark.parametrize(
    ("name", "dollars"),
    [("four items open, direct", 10), ("four items open, in a batch", 5), ("all met, direct", 10)],
)
def test_a_thousand_drafts_stay_below_what_was_aimed_at(name: str, dollars: int):
    """Who adds to the prompts sees here what it costs."""
    assert cost(BY_NAME[name]) * DRAFTS < dollars
