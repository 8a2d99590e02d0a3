"""A source that fails, in every way it can, is never a pass: the items behind it are undetermined and say why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain import Decision, ReviewDocument, Verdict
from tests.acceptance.conftest import Desk

BEHIND = {"pagerduty": {1, 3, 7}, "launchdarkly": {9}, "datadog": {1, 2, 4, 5, 6, 9}, "aws": {5, 6}}
FAULTS = {
    "401": ({"kind": "status", "status": 401}, "denied"),
    "403": ({"kind": "status", "status": 403}, "denied"),
    "404": ({"kind": "status", "status": 404}, "gone"),
    "429": ({"kind": "status", "status": 429, "headers": {"retry-after": "60"}}, "throttled"),
    "500": ({"kind": "status", "status": 500}, "unreachable"),
    "time-out": ({"kind": "hang", "seconds": 30}, "unreachable"),
    "refused": ({"kind": "refuse"}, "unreachable"),
    "cut": ({"kind": "cut"}, "unreachable"),
    "truncated JSON": ({"kind": "truncate"}, "malformed"),
}


@pytest.mark.parametrize("vendor", sorted(BEHIND))
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_failing_source_leaves_its_items_undetermined_and_the_rest_alone(put_right: Desk, vendor: str, fault: str):
    """put-right would be cleared; with one source failing it is blocked, for that source's items only."""
    told, reason = FAULTS[fault]
    put_right.world.faults(vendor, told)

    document = replace(put_right, timeout="6" if fault == "time-out" else "30").assess()

    verdicts = {item.number: item.verdict for item in document.items}
    assert {n for n, v in verdicts.items() if v is Verdict.UNDETERMINED} == BEHIND[vendor]
    assert {n for n, v in verdicts.items() if v is Verdict.MET} == set(range(1, 10)) - BEHIND[vendor]
    assert document.proposal == "blocked"
    assert reason in {gap.reason for gap in document.gaps}
    assert all(gap.what and gap.next_step for gap in document.gaps)


CREDENTIALS = {
    "pagerduty": ("PAGERDUTY_API_KEY",),
    "launchdarkly REST": ("LAUNCHDARKLY_ACCESS_TOKEN",),
    "launchdarkly SDK": ("LAUNCHDARKLY_SDK_KEY",),
    "datadog API key": ("DD_API_KEY",),
    "datadog application key": ("DD_APP_KEY",),
    "aws": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    "all of them": (
        "PAGERDUTY_API_KEY", "LAUNCHDARKLY_ACCESS_TOKEN", "LAUNCHDARKLY_SDK_KEY", "DD_API_KEY", "DD_APP_KEY",
        "AWS_ACCESS_KEY_ID",
    ),
}  # fmt: skip
PERMITS = {Verdict.MET: 2, Verdict.NOT_APPLICABLE: 2, Verdict.WARNING: 1, Verdict.PENDING: 1}


def no_better(less: ReviewDocument, more: ReviewDocument) -> None:
    for a, b in zip(less.items, more.items, strict=True):
        assert PERMITS.get(a.verdict, 0) <= PERMITS.get(b.verdict, 0), (
            f"item {a.number} got better without the credential"
        )
    assert Decision(less.proposal).strictness >= Decision(more.proposal).strictness


@pytest.mark.parametrize("name", sorted(CREDENTIALS))
@pytest.mark.parametrize("world", ["as_written", "put_right"])
def test_taking_a_credential_away_improves_nothing(request: pytest.FixtureRequest, world: str, name: str):
    """With every attestation present, no verdict and no proposal is better without a credential."""
    desk: Desk = request.getfixturevalue(world)
    whole = desk.assess()

    without = desk.assess(*CREDENTIALS[name], new=True)

    no_better(without, whole)
    assert without.proposal == "blocked"
    assert any(gap.reason == "not_configured" for gap in without.gaps)


@pytest.mark.parametrize(
    "setting",
    ["PAGERDUTY_API_KEY", "LAUNCHDARKLY_ACCESS_TOKEN", "LAUNCHDARKLY_SDK_KEY", "DD_APP_KEY", "AWS_ACCESS_KEY_ID"],
)
def test_a_wrong_credential_is_denied_by_the_source(put_right: Desk, setting: str):
    """A revoked token reads as denied, never as an empty and happy source."""
    from agent import settings
    from agent.service.assembly import assemble
    from agent.service.assess import assess

    deps = assemble(settings.read({**put_right.env(), setting: "AKIAWRONGWRONGWRONG1"}))
    document = assess(deps, "finance-invoice-recon", "pilot-to-prod").document

    assert document.proposal == "blocked"
    assert "denied" in {gap.reason for gap in document.gaps}
