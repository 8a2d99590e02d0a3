"""The benches run, with two subjects; what they measure is not asserted, for that hangs on the machine."""

from __future__ import annotations

from tests.bench import calls, vendors
from tests.bench.home import home
from tests.bench.table import Row
from tests.bench.vendors import LIMITS, Vendor


def test_a_sweep_of_two_subjects_asks_less_than_two_alone_and_is_refused_nothing():
    """Within the limits that the stand-ins keep; and no fewer calls than the bound, or the bound is wrong."""
    with home(2) as at:
        told = at.measured("tests.bench.swept", "2")
        assert at.refused() == 0

    assert (told["subjects"], told["reviewed"], told["blind"]) == (2, 2, 0)
    assert calls.bound(2) <= told["calls"] < 2 * calls.bound(1) * 2


def test_a_ratio_up_to_one_is_an_aim_that_is_met():
    at_most, at_least = Row("3", "loop", 1.3, "x", 1.3), Row("3", "faster", 60, "x", 30, at_least=True)

    assert (at_most.ratio, at_least.ratio) == (1.0, 0.5)
    assert Row("3", "loop", 1.31, "x", 1.3).line().endswith("NOT MET")
    assert Row("5", "rate", 12, "/s").ratio is None


def test_a_vendor_refuses_what_is_beyond_its_limit_and_says_when_to_come_back():
    limit = LIMITS["datadog"][0]
    vendor = Vendor("datadog", inner=None)  # type: ignore[arg-type]
    left = [vendor._take(limit, "/api/v2/logs/events/search")[0] for _ in range(limit.calls + 1)]

    assert left == [*range(limit.calls - 1, -1, -1), -1]
    assert vendor.refused == 1
    assert vendors.LATENCY == 0.05
