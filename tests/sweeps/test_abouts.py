"""What ends before the launch is told while there is time to do something about it."""

from __future__ import annotations

import pytest

from agent.probes.findings import passed
from agent.service.sweeps.abouts import lapses
from tests.builders import at
from tests.drafting import builders

AS_OF, LAUNCH = at("2026-06-12T12:00"), at("2026-06-22T00:00")
MET = builders.item(9, passed("It was drilled"))


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ("2026-06-21T23:59", ["item 9"]),
        ("2026-06-22T00:00", []),  # it counts until the day begins
        ("2026-06-12T12:00", []),  # it has ended, and is a verdict by now
        (None, []),
    ],
)
def test_what_counts_now_and_will_not_on_the_day_is_told(ends: str | None, told: list[str]):
    item = MET.model_copy(update={"valid_until": at(ends) if ends else None})

    assert [one.what.split(",")[0] for one in lapses((item,), LAUNCH, AS_OF)] == told
