"""Every policy by the name that a gate's YAML has for it; each is named, none is discovered."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain import CheckResult, ItemResult
from agent.policies import specs
from agent.policies.all_of import all_of
from agent.policies.counting import Judgement
from agent.policies.matrix import matrix
from agent.policies.percentage import percentage
from agent.policies.stages import stages
from agent.policies.weighted import weighted


def judgement(items: Sequence[ItemResult], checks: Sequence[CheckResult], policy: specs.Policy) -> Judgement:
    """What the gate's policy makes of these verdicts and checks."""
    if isinstance(policy, specs.MatrixPolicy):
        return matrix(items, checks, policy)
    if isinstance(policy, specs.PercentagePolicy):
        return percentage(items, checks, policy)
    if isinstance(policy, specs.WeightedPolicy):
        return weighted(items, checks, policy)
    if isinstance(policy, specs.AllOfPolicy):
        return all_of(items, checks, policy)
    return stages(items, checks, policy)
