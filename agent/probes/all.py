"""Every probe and moment by name. Importing this module fills the registry; each topic is named, none is discovered."""

from __future__ import annotations

from agent.probes import (
    answered,
    code,
    comms,
    debt,
    drill,
    endpoint,
    examine,
    guardrails,
    identity,
    launch,
    monitoring,
    on_call,
    other_gates,
    responses,
    retention,
    rollback,
    rollout,
    runbook,
    safeguards,
    sign_off,
    success_criteria,
    tests_passed,
)
from agent.probes.moments import MOMENTS
from agent.probes.registry import PROBES

TOPICS = (
    success_criteria, monitoring, on_call, guardrails, identity, retention, runbook, comms, rollback, drill, examine,
    answered, debt, tests_passed, other_gates, safeguards, code, responses, rollout, endpoint, sign_off, launch,
)  # fmt: skip

__all__ = ["MOMENTS", "PROBES", "TOPICS"]
