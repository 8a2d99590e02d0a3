"""How a new version reaches its users: little by little, by the flag that gives it to them."""

from __future__ import annotations

from math import isfinite

from agent.domain import Finding
from agent.probes.findings import failed, number, passed, resource, unknown
from agent.probes.registry import probe
from collectors.evidence import Fact, Origin
from collectors.launchdarkly.facts import RolloutFacts


@probe
def rollout_begins_small(rollout: RolloutFacts, *, value: str, at_most: float) -> Finding:
    """The flag gives the new value to some by its default rule, and to no more than the card's first step."""
    facts: dict[str, Fact] = {
        "flag": rollout.flag, "environment": rollout.environment, "value": resource(value),
        "at_most": number(at_most, "percent", origin=Origin.CARD),
    }  # fmt: skip
    if rollout.lifecycle.value == "archived":
        return failed("The flag {flag} is {lifecycle} in {environment}", facts, lifecycle=rollout.lifecycle)
    others = (rollout.rules, rollout.targets, rollout.prerequisites)
    beside = next((one for one in others if one.value > 0), None)
    if beside:
        sentence = "Beside its default rule {flag} has {beside} in {environment}; whom they give {value} is not weighed"
        return unknown(sentence, facts, beside=beside)
    share = sum(one.share.value for one in rollout.served if one.value.value == value)
    facts["share"] = number(share, "percent")
    if rollout.on.value != "on":
        return unknown("The flag {flag} is {on} in {environment}, so its shares count for nobody", facts, on=rollout.on)
    if not isfinite(share) or share <= 0:
        return unknown("The flag {flag} gives {value} to nobody in {environment} by its default rule yet", facts)
    if share > at_most:
        return failed("The flag {flag} gives {value} to {share} in {environment}, and the card says {at_most}", facts)
    return passed("The flag {flag} gives {value} to {share} in {environment}, at most {at_most}", facts)
