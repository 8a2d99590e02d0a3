"""Our clock beside a source's, by the Date of its answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.skew import DateHeard

NOON = datetime(2026, 6, 12, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "ahead"),
    [
        (("Fri, 12 Jun 2026 12:00:00 GMT",), 0.0),
        (("Fri, 12 Jun 2026 11:58:00 GMT",), 120.0),
        (("Fri, 12 Jun 2026 14:02:00 +0200",), -120.0),
        (("Fri, 12 Jun 2026 12:00:00 -0000",), 0.0),
        (("Fri, 12 Jun 2026 11:00:00 GMT", "Fri, 12 Jun 2026 12:00:03 GMT"), -3.0),
        (("yesterday",), None),
        (("",), None),
        ((), None),
    ],
)
def test_the_nearest_of_all_dates_that_can_be_read_counts(told: tuple[str, ...], ahead: float | None):
    heard = DateHeard(lambda: NOON)
    for date in told:
        heard.hear({"DATE": date, "server": "x"})
    heard.hear({})

    assert heard.ahead == ahead
