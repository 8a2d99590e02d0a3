"""Item 1: the pilot's numbers against the targets that were approved before it."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from pydantic import AwareDatetime

from agent.cards import Pilot, Target, TargetsApproved, Zone
from agent.domain import Finding
from agent.people import People
from agent.probes.criteria import asked, criterion, other_unit, reached, verdict, wanted
from agent.probes.findings import day, duration, failed, noted, number, passed, person, time, unknown, warned
from agent.probes.registry import probe
from agent.probes.service_level import changed_since, good_enough
from agent.probes.units import same_unit
from collectors.datadog.facts import MetricFacts, SloFacts
from collectors.evidence import Fact, Number, Origin, Window, canonical, sha256
from collectors.pagerduty.facts import IncidentsFacts

_RECORDING = frozenset({"active", "warning", "critical"})
SILENT_SHARE = 0.1  # of the pilot: room for a weekly evening of maintenance, not for days that nobody counted


@probe
def target_is_reached(
    actual: MetricFacts | IncidentsFacts | SloFacts, *, target: Target, window: Window, as_of: AwareDatetime,
    zone: Zone, approved: TargetsApproved | None = None,
) -> Finding:  # fmt: skip
    """The value measured over the pilot reaches the target on the card, in its unit and with enough samples."""
    if as_of < window.end:
        sentence = "{criterion} is not decided yet: the pilot runs until {pilot_end}"
        return unknown(sentence, criterion=criterion(target), pilot_end=time(window.end))
    if not isfinite(target.value):
        return unknown("The card gives no finite number as target for {criterion}", criterion=criterion(target))
    if isinstance(actual, MetricFacts):
        return _measured(actual, target)
    if isinstance(actual, SloFacts):
        return good_enough(actual, target, window, changed_since(actual, target, approved, zone))
    return _counted(actual, target, window)


@probe
def targets_are_those_approved(
    *,
    targets: tuple[Target, ...],
    approved: TargetsApproved | None = None,
    approvers: tuple[str, ...] = (),
    pilot: Pilot | None = None,
    people: People,
) -> Finding:
    """The targets on the card are, to the letter, those that an M8 approver approved."""
    if approved is None:
        return unknown(
            "The card does not say who approved its {targets}",
            targets=number(len(targets), "targets", origin=Origin.CARD, at="/targets"),
        )
    who: dict[str, Fact] = {
        "approver": person(people.name_of(approved.by), approved.by, at="/targets_approved/by"),
        "approved_on": day(approved.on, origin=Origin.CARD, at="/targets_approved/on"),
    }
    if approved.by not in people.people:
        return unknown("The targets were approved on {approved_on} by {approver}, whom people.yaml does not know", who)
    if approved.by not in approvers:
        return failed("The targets were approved on {approved_on} by {approver}, who is no approver on the card", who)
    if approved.digest != targets_digest(targets):
        return failed(
            "Goalposts moved: the targets on the card are not those that {approver} approved on {approved_on}", who
        )
    if pilot and approved.on > pilot.from_:
        late = "The targets on the card were approved by {approver} on {approved_on}, after the pilot began on {begun}"
        return warned(late, who, begun=day(pilot.from_, origin=Origin.CARD, at="/pilot/from"))
    return passed("The targets on the card are those that {approver} approved on {approved_on}", who)


def targets_digest(targets: Sequence[Target]) -> str:
    """ "sha256:…" of targets as approved; the same for 90 and 90.0, and whatever order their keys stand in."""
    plain = [target.model_dump(mode="json", exclude_defaults=True) for target in targets]
    return "sha256:" + sha256(canonical(plain))


def _measured(facts: MetricFacts, target: Target) -> Finding:
    value, enough = facts.value, max(1, target.min_samples or 1)
    named: dict[str, Fact] = {"criterion": criterion(target)}
    if value is None or not isfinite(value.value):
        return unknown("{criterion} could not be measured: {query} has no data for the pilot", named, query=facts.query)
    if not facts.samples.value >= enough:
        sentence = "{criterion} rests on {samples} and needs at least {enough}"
        wanted = number(enough, facts.samples.unit, origin=Origin.CARD)
        return unknown(sentence, named, samples=facts.samples, enough=wanted)
    if not same_unit(value.unit, target.unit):
        return other_unit(target, value)
    return verdict(target, value, reached(target, value.value))


def _counted(facts: IncidentsFacts, target: Target, window: Window) -> Finding:
    """Incidents at or above the named priorities; the unclassified ones might be, so both extremes are looked at."""
    incidents = [one for one in facts.incidents if one.created.value < window.end]
    severe = _severe(facts, target)
    if severe is None:
        sentence = (
            "{criterion} cannot be counted: the card names a priority that is not among the account's {priorities}"
        )
        return unknown(sentence, criterion=criterion(target), priorities=number(len(facts.priorities), "priorities"))
    if not same_unit(facts.count.unit, target.unit):
        return other_unit(target, facts.count)
    ranks = {one.value for one in facts.priorities}
    known = sum(1 for one in incidents if not severe or (one.priority and one.priority.value in severe))
    unclear = [one for one in incidents if severe and (one.priority is None or one.priority.value not in ranks)]
    possible = [reached(target, count) for count in range(known, known + len(unclear) + 1)]
    if not any(possible):
        return verdict(target, number(known, facts.count.unit), reached=False)
    actual = number(known, facts.count.unit)
    return (
        _recorded(facts, target) or _classified(target, len(unclear)) or _silenced(facts, target, actual, window)
        or verdict(target, actual, reached=True)
    )  # fmt: skip


def _severe(facts: IncidentsFacts, target: Target) -> frozenset[str] | None:
    """The account's priorities at or above those named; empty = every incident counts; None = a name is not known."""
    named, ranked = target.source.get("priorities"), [one.value for one in facts.priorities]
    if named is None:
        return frozenset()
    if not isinstance(named, list) or not named or not all(name in ranked for name in named):
        return None
    return frozenset(ranked[: 1 + max(i for i, name in enumerate(ranked) if name in named)])


def _recorded(facts: IncidentsFacts, target: Target) -> Finding | None:
    if facts.service_state.value in _RECORDING and facts.count.value == len(facts.incidents):
        return None
    were = "was" if facts.count.value == 1 else "were"
    return unknown(
        f"{{criterion}} cannot be counted: {{service}} is {{service_state}}, and {{counted}} {were} read",
        criterion=criterion(target), service=facts.service, service_state=facts.service_state, counted=facts.count,
    )  # fmt: skip


def _silenced(facts: IncidentsFacts, target: Target, actual: Number, window: Window) -> Finding | None:
    """Maintenance keeps incidents from being opened: a little of it is said, more leaves the count unknown."""
    silent = _silence(facts, window)
    if not silent:
        return None
    first = min(facts.maintenance, key=lambda span: span.start.value)
    told: dict[str, Fact] = {"criterion": criterion(target), "service": facts.service, "silent": duration(silent)}
    told |= {"silent_from": first.start, "silent_until": first.end}
    spans = "{service} was in maintenance for {silent} of the pilot, first from {silent_from} until {silent_until}"
    if silent > SILENT_SHARE * (window.end - window.start).total_seconds():
        return unknown(f"{{criterion}} cannot be counted: {spans}", told)
    sentence = f"{{criterion}} came to {{actual}} in the pilot, and the card asks for {asked(target)} {{target}}"
    return noted(f"{sentence}, while {spans}", told, actual=actual, target=wanted(target))


def _silence(facts: IncidentsFacts, window: Window) -> float:
    """Seconds of the window in which the service was in maintenance, those of spans that overlap counted once."""
    known, silent = window.start, 0.0
    for span in sorted(facts.maintenance, key=lambda one: one.start.value):
        begins, ends = max(known, span.start.value), min(window.end, span.end.value)
        silent += max(0.0, (ends - begins).total_seconds())
        known = max(known, ends)
    return silent


def _classified(target: Target, unclear: int) -> Finding | None:
    if not unclear:
        return None
    return unknown(
        "{criterion} cannot be counted: the pilot has {unclassified} without a priority of the account",
        criterion=criterion(target), unclassified=number(unclear, "incidents"),
    )  # fmt: skip
