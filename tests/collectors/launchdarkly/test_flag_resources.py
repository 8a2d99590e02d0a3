"""Which resource strings of the audit log mean the flag that was asked about."""

from __future__ import annotations

import pytest

from collectors.launchdarkly.reading import EVERY
from collectors.launchdarkly.resources import covers, flags_of, speaks_of


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


HERE = "proj/agents:env/production:flag/"
ENTRIES = [
    {"accesses": [{"action": "updateOn", "resource": f"{HERE}finance-invoice-recon-enabled;kill-switch"}]},
    {"accesses": [{"action": "updateOn", "resource": f"{HERE}another"}]},
    {"accesses": [{"action": "updateName", "resource": f"{HERE}*"}]},
    {"accesses": [{"action": "updateOn", "resource": "proj/agents:env/staging:flag/finance-invoice-recon-enabled"}]},
    {"accesses": [{"action": "updateOn"}]},
    {"accesses": [{"action": "updateOn", "resource": f"{HERE}another"}, {}]},
    {"target": {"resources": [f"{HERE}another", f"{HERE}finance-invoice-recon-enabled"]}},
    {"target": {"resources": [""]}},
    {},
]


@pytest.mark.parametrize("flag", ["finance-invoice-recon-enabled", "another", "a-third-one"])
def test_every_entry_that_speaks_of_a_flag_stands_under_it_or_under_all(history_of, flag):
    ask = history_of().model_copy(update={"flag": flag})
    under = [entry for entry in ENTRIES if {flag, EVERY} & flags_of(entry)]

    assert [entry for entry in under if speaks_of(entry, ask)] == [one for one in ENTRIES if speaks_of(one, ask)]
    assert len(under) < len(ENTRIES)
