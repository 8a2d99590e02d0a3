"""What a gate asks of another one: that people signed it as cleared, for this very version."""

from __future__ import annotations

from pydantic import AwareDatetime

from agent.domain import Finding
from agent.probes.findings import failed, passed
from agent.probes.registry import probe
from collectors.decisions import DecisionFacts
from collectors.evidence import Fact


@probe
def other_gate_is_cleared(decided: DecisionFacts, *, as_of: AwareDatetime) -> Finding:
    """The last decision at another gate is cleared, for this version, and still holds."""
    told: dict[str, Fact] = {"gate": decided.gate, "decision": decided.decision, "review": decided.review}
    if decided.decision.value != "cleared":
        return failed("At {gate} the last decision is {decision}, in {review}", told)
    if decided.holds_until is None or decided.holds_until.value <= as_of:
        return failed("At {gate} the decision {decision} of {review} holds no longer", told)
    more: dict[str, Fact] = {**told, "until": decided.holds_until}
    return passed(
        "At {gate} {review} is signed as {decision} until {until}", more, valid_until=decided.holds_until.value
    )
