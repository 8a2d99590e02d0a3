"""A review's collectors share what they all need; two reviews of one process share none of it."""

from __future__ import annotations

from agent.service.assess import assess
from tests.acceptance.conftest import GATE, SUBJECT, Desk

SHARED = {
    "pagerduty": "/maintenance_windows",
    "launchdarkly": "/api/v2/flags/agents/finance-invoice-recon-enabled",
}


def test_two_reviews_one_after_the_other_each_ask_once_what_several_types_need(put_right: Desk) -> None:
    deps = put_right.deps()
    began = {vendor: len(put_right.world.seen(vendor)) for vendor in SHARED}
    for _ in range(2):
        assess(deps, SUBJECT, GATE, only=(1, 3, 9), new=True)
    for vendor, path in SHARED.items():
        asked = [one for one in put_right.world.seen(vendor)[began[vendor] :] if one["path"] == path]
        assert len(asked) == 2, vendor
