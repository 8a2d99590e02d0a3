"""How a target is compared and told, whatever it was measured by."""

from __future__ import annotations

import operator

from agent.cards import Target
from agent.domain import Finding
from agent.probes.findings import failed, number, passed, resource, state, unknown
from collectors.evidence import Fact, Number, Origin

_ASKED = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than", "==": "exactly"}
_REACHED = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt, "==": operator.eq}


def asked(target: Target) -> str:
    return _ASKED[target.op]


def reached(target: Target, value: float) -> bool:
    return bool(_REACHED[target.op](value, target.value))


def criterion(target: Target) -> Fact:
    return resource(target.title or target.id)


def wanted(target: Target) -> Number:
    return number(target.value, target.unit, origin=Origin.CARD)


def verdict(target: Target, actual: Number, reached: bool) -> Finding:
    say, joined = (passed, "and") if reached else (failed, "but")
    sentence = f"{{criterion}} came to {{actual}} in the pilot, {joined} the card asks for {asked(target)} {{target}}"
    given: dict[str, Fact] = {"criterion": criterion(target), "actual": actual, "target": wanted(target)}
    return say(sentence, given | _beside(target, actual))


def _beside(target: Target, actual: Number) -> dict[str, Fact]:
    """How far from the target, and on which side of it; percentages differ by points."""
    unit = "points" if actual.unit in ("percent", "%") else actual.unit
    apart = actual.value - target.value
    side = "above" if apart > 0 else "below" if apart < 0 else "on the target"
    return {"difference": number(abs(apart), unit), "side": state(side)}


def other_unit(target: Target, actual: Number) -> Finding:
    sentence = "{criterion} is measured as {actual} and the card sets {target}, which is not the same unit"
    return unknown(sentence, criterion=criterion(target), actual=actual, target=wanted(target))
