"""Item 1, a target that is measured by a service level objective."""

from __future__ import annotations

from math import isfinite
from zoneinfo import ZoneInfo

from agent.cards import Target, TargetsApproved
from agent.domain import Finding, Outcome
from agent.probes.criteria import criterion, other_unit, reached, verdict
from agent.probes.findings import day, number, unknown
from agent.probes.units import same_unit
from collectors.datadog.facts import SloFacts
from collectors.evidence import Duration, Fact, Number, Origin, Time, Window

_WHOLE = 100  # percent
_SELF_CONTAINED = frozenset({"metric alert", "query alert", "service check"})  # the rule is the monitor's own query
_GOALPOSTS = "The goalposts of {criterion}, approved on {approved_on}, may have moved"


def good_enough(facts: SloFacts, target: Target, window: Window, changed: Finding | None = None) -> Finding:
    """The share that was good as it happened. What silence or a correction could turn round is not established.

    `changed` stands instead of a reached target: the target measured may not be the one approved.
    """
    value = facts.value
    if facts.state.value != "data" or value is None or not isfinite(value.value):
        sentence = "{criterion} could not be measured: for the pilot, the state of {slo} is {state}"
        return unknown(sentence, criterion=criterion(target), slo=facts.slo, state=facts.state)
    if not same_unit(value.unit, target.unit):
        return other_unit(target, value)
    thin = _thin(facts, target)
    if thin:
        return thin
    ends = {reached(target, share) for share in (value.value, *_bounds(value, facts, window))}
    if len(ends) > 1 and facts.silent is not None:
        return _silent(facts.silent, value, target)
    found = _corrected(facts, value, target) or verdict(target, value, *ends)
    return changed if changed and found.outcome is Outcome.PASS else found


def changed_since(facts: SloFacts, target: Target, approved: TargetsApproved | None, zone: str) -> Finding | None:
    """Why it is not known that the SLO is the one that was approved; None where it is, or where nobody approved.

    The card binds the SLO's id alone. Its query stands at the vendor, that of an SLO on monitors in those monitors, and
    an approval names a day: only what was last changed on an earlier day, in the card's zone, was certainly approved.
    A monitor that itself only points to something else (another monitor, a synthetic test) hides when that changed.
    """
    if approved is None:
        return None
    named: dict[str, Fact] = {
        "criterion": criterion(target), "slo": facts.slo,
        "approved_on": day(approved.on, origin=Origin.CARD, at="/targets_approved/on"),
    }  # fmt: skip
    return _moved(named, "{slo}", facts.modified, approved, zone) or _monitors_changed(facts, named, approved, zone)


def _moved(
    named: dict[str, Fact], what: str, changed: Time | None, approved: TargetsApproved, zone: str
) -> Finding | None:
    if changed is None:
        return unknown(f"{_GOALPOSTS}: when {what} was last changed is not told", named)
    if changed.value.astimezone(ZoneInfo(zone)).date() < approved.on:
        return None
    sentence = f"{_GOALPOSTS}: {what} was changed at {{changed}}, so the targets must be approved again on a later day"
    return unknown(sentence, named, changed=changed)


def _monitors_changed(facts: SloFacts, named: dict[str, Fact], approved: TargetsApproved, zone: str) -> Finding | None:
    """The first of the monitors beneath of which it is not known that it is as it was."""
    if facts.kind.value == "monitor" and not facts.monitors:
        return unknown(f"{_GOALPOSTS}: on which monitors {{slo}} rests is not told", named)
    for one in facts.monitors:
        about = {**named, "monitor": one.monitor}
        if one.kind.value not in _SELF_CONTAINED:
            sentence = (
                f"{_GOALPOSTS}: {{slo}} rests on {{monitor}}, a monitor of the kind {{monitor_kind}} whose rule stands "
                "elsewhere; measure this target by a metric, or by an SLO on metric monitors"
            )
            return unknown(sentence, about, monitor_kind=one.kind)
        moved = _moved(about, "{monitor}, on which {slo} rests,", one.modified, approved, zone)
        if moved:
            return moved
    return None


def _thin(facts: SloFacts, target: Target) -> Finding | None:
    """Too few samples. A kind that counts time has none, and then the card may ask for none."""
    if facts.kind.value != "metric" and target.min_samples is None:
        return None
    enough = number(max(1, target.min_samples or 1), "samples", origin=Origin.CARD)
    named: dict[str, Fact] = {"criterion": criterion(target), "enough": enough}
    if facts.samples is None:
        sentence = "{criterion} needs at least {enough}, and {slo} does not say on how many it rests"
        return unknown(sentence, named, slo=facts.slo)
    if not facts.samples.value >= enough.value:
        return unknown("{criterion} rests on {samples} and needs at least {enough}", named, samples=facts.samples)
    return None


def _bounds(value: Number, facts: SloFacts, window: Window) -> tuple[float, float]:
    """The share if all silence had been bad, and if all of it had been good."""
    whole = (window.end - window.start).total_seconds()
    silent = 0.0 if facts.silent is None else min(max(facts.silent.value, 0.0), whole) / whole
    least = value.value * (1 - silent)
    return least, least + _WHOLE * silent


def _silent(silent: Duration, value: Number, target: Target) -> Finding:
    sentence = "{criterion} came to {actual} of the time that is known, and {silent} of the pilot without data decide"
    return unknown(sentence, criterion=criterion(target), actual=value, silent=silent)


def _corrected(facts: SloFacts, value: Number, target: Target) -> Finding | None:
    """A correction takes time out of the number; one that would spoil a reached target leaves it open."""
    if facts.corrected is None or not reached(target, value.value) or reached(target, facts.corrected.value):
        return None
    return unknown(
        "{criterion} came to {actual} in the pilot, and to {corrected} with {corrections} taken into account",
        criterion=criterion(target), actual=value, corrected=facts.corrected,
        corrections=number(len(facts.corrections), "corrections"),
    )  # fmt: skip
