"""Which resource strings of the audit log mean the flag that was asked about."""

from __future__ import annotations

import pytest

from collectors.launchdarkly.resources import covers


@pytest.mark.parametrize(
    ("resource", "ours"),
    [
        ("proj/agents:env/production:flag/finance-invoice-recon-enabled", True),
        ("proj/agents;a,b:env/production;critical:flag/finance-invoice-recon-enabled;kill-switch", True),
        ("proj/agents:env/*:flag/finance-invoice-recon-enabled", True),
        ("proj/agents:env/production:flag/finance-invoice-recon-enabled-shadow", False),
        ("proj/agents:env/staging:flag/finance-invoice-recon-enabled", False),
        ("proj/platform:env/production:flag/finance-invoice-recon-enabled", False),
        ("proj/agents:env/production:segment/finance-invoice-recon-enabled", False),
        ("proj/agents:flag/finance-invoice-recon-enabled", False),
        ("", False),
    ],
)
def test_a_resource_is_ours_by_project_environment_and_flag(history_of, resource, ours):
    assert covers(resource, history_of()) is ours
