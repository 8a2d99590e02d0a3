"""Item 3: at every minute two different named people can be paged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from agent.cards import Zone
from agent.domain import Finding
from agent.probes.findings import failed, listed, number, passed, resource, time, unknown, warned
from agent.probes.registry import probe
from agent.probes.rota import BACKUP, PRIMARY, people_on, turns, utc
from collectors.evidence import Duration, Fact, Person, Window
from collectors.pagerduty.facts import Level, OnCallFacts, Responder

_PAGES = frozenset({"active", "warning", "critical"})
_PAGES_NOBODY = frozenset({"disabled", "maintenance"})
_EVERYONE = "assign_to_everyone"
_TEAM = re.compile(r"\b(team|group|rota|on-?call|squad|everyone|shared)\b", re.IGNORECASE)


@probe
def service_routes_to_the_named_schedules(on_call: OnCallFacts, *, primary: str, backup: str) -> Finding:
    """The service pages with high urgency, the primary's schedule on level one and the backup's on level two."""
    named: dict[str, Fact] = {"service": on_call.service}
    if on_call.service_state.value in _PAGES_NOBODY:
        return failed("{service} is {service_state}, so nobody is paged", named, service_state=on_call.service_state)
    if on_call.urgency.value == "low":
        return failed(
            "The incidents of {service} have {urgency} urgency, so nobody is paged", named, urgency=on_call.urgency
        )
    if on_call.service_state.value not in _PAGES or on_call.urgency.value not in ("high", "severity_based"):
        sentence = "Whether {service} always pages is not known: its state is {service_state} and its urgency {urgency}"
        return unknown(sentence, named, service_state=on_call.service_state, urgency=on_call.urgency)
    if on_call.maintenance:
        return _silenced(on_call, named)
    return _routing(on_call, {PRIMARY: ("primary", primary), BACKUP: ("backup", backup)})


@probe
def primary_and_backup_at_every_instant(on_call: OnCallFacts, *, window: Window, zone: Zone) -> Finding:
    """From launch on, at every instant a primary and a backup are on call, two different named people."""
    holes = [hole for hole in _merged(on_call, window) if hole.what]
    if holes:
        return _hole(holes)
    people = people_on(on_call, PRIMARY, BACKUP)
    teams = [one for one in people if _TEAM.search(one.value)]
    if teams:
        text, facts = listed("team", teams)
        return failed(f"On call is {text}, which is not one named person", facts)
    nameless = [one for one in people if not one.value.strip() or one.value == one.id]
    if nameless:
        text, facts = listed("nameless", nameless)
        return unknown(f"On call is {text}, for whom the paging system has no name", facts)
    return _covered(on_call, window)


@probe
def everyone_on_call_can_be_paged(on_call: OnCallFacts) -> Finding:
    """Everyone on call has an enabled contact method and a high-urgency rule that starts before escalation."""
    people = people_on(on_call, PRIMARY, BACKUP)
    if not people:
        return failed("Nobody is on call for {service}, so nobody can be paged", service=on_call.service)
    known = {responder.person.id: responder for responder in on_call.responders}
    delays = {one.id: _first_page(known[one.id]) for one in people if one.id in known}
    unreachable = [one for one in people if one.id in delays and delays[one.id] is None]
    if unreachable:
        text, facts = listed("person", unreachable)
        return failed(f"No enabled contact method with a high-urgency rule reaches {text}", facts)
    unread = [one for one in people if one.id not in delays]
    if unread:
        text, facts = listed("person", unread)
        return unknown(f"How {text} would be paged could not be read", facts)
    invited = [one for one in people if known[one.id].invited]
    if invited:
        text, facts = listed("person", invited)
        return unknown(f"Whether a page reaches {text} is not known: the paging system has an invitation open", facts)
    return _late(on_call, people, delays) or _reachable(people)


def _silenced(on_call: OnCallFacts, named: dict[str, Fact]) -> Finding:
    first = min(on_call.maintenance, key=lambda span: span.start.value)
    facts: dict[str, Fact] = {**named, "silent_from": first.start, "silent_until": first.end}
    sentence = "{service} will be in maintenance from {silent_from} until {silent_until}, so nobody is paged then"
    if len(on_call.maintenance) > 1:
        sentence, facts["spans"] = f"{sentence}, the first of {{spans}}", number(len(on_call.maintenance), "spans")
    return failed(sentence, facts)


# --- routing ---------------------------------------------------------------------------------------------------------


def _routing(on_call: OnCallFacts, wanted: dict[int, tuple[str, str]]) -> Finding:
    facts: dict[str, Fact] = {}
    missing: dict[str, Fact] = {}
    for level, (role, schedule) in wanted.items():
        slots: dict[str, Fact] = {
            f"{role}_schedule": resource(schedule, at=f"/on_call/{role}"),
            f"{role}_level": number(level),
        }
        facts |= slots
        missing |= {} if _pages(on_call, level, schedule) else slots
    routed: dict[str, Fact] = {"policy": on_call.policy, "service": on_call.service}
    if missing:
        text = _on_levels(missing).replace(" and ", " nor ")
        return failed(f"{{policy}}, to which {{service}} routes, does not page {text}", {**routed, **missing})
    turns_taken = next((one for one in on_call.levels if one.number in wanted and _takes_turns(one)), None)
    if turns_taken and turns_taken.strategy:
        facts = {**routed, "level": number(turns_taken.number), "strategy": turns_taken.strategy}
        return unknown("Who is paged on level {level} of {policy} is not known: its targets take {strategy}", facts)
    return passed(f"{{service}} routes to {{policy}}, which pages {_on_levels(facts)}", {**routed, **facts})


def _takes_turns(level: Level) -> bool:
    """Whether an incident pages one of several targets, and the source does not say which."""
    return len(level.target_ids) > 1 and level.strategy is not None and level.strategy.value != _EVERYONE


def _on_levels(facts: dict[str, Fact]) -> str:
    roles = [role.removesuffix("_level") for role in facts if role.endswith("_level")]
    return " and ".join(f"{{{role}_schedule}} on level {{{role}_level}}" for role in roles)


def _pages(on_call: OnCallFacts, level: int, schedule: str) -> bool:
    rules = [rule for rule in on_call.levels if rule.number == level]
    return any(schedule in (*(target.value for target in rule.targets), *rule.target_ids) for rule in rules)


# --- cover -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Span:
    """`what` is wrong from `start` until `end`: "primary", "backup", "same" (with the person), or "" for nothing."""

    start: datetime
    end: datetime
    what: str
    person: Person | None = None


def _spans(on_call: OnCallFacts, window: Window) -> Iterator[_Span]:
    """The window cut wherever somebody's turn begins or ends; within a piece nothing changes."""
    start, end = utc(window.start), utc(window.end)
    shifts = [(s.level, s.person, utc(s.start.value), utc(s.end.value)) for s in turns(on_call, PRIMARY, BACKUP)]
    cuts = {instant for *_, begun, over in shifts for instant in (begun, over) if start < instant < end}
    for left, right in pairwise(sorted({start, end, *cuts})):
        here = [(level, who) for level, who, begun, over in shifts if begun <= left < over]
        yield _span(left, right, here)


def _span(start: datetime, end: datetime, here: list[tuple[int, Person]]) -> _Span:
    primaries, backups = ([who for level, who in here if level == wanted] for wanted in (PRIMARY, BACKUP))
    if not primaries:
        return _Span(start, end, "primary")
    if not backups:
        return _Span(start, end, "backup")
    different = any(one.id != other.id for one in primaries for other in backups)
    return _Span(start, end, "") if different else _Span(start, end, "same", primaries[0])


def _merged(on_call: OnCallFacts, window: Window) -> list[_Span]:
    alike = groupby(_spans(on_call, window), key=lambda span: (span.what, span.person and span.person.id))
    groups = [list(group) for _, group in alike]
    return [_Span(group[0].start, group[-1].end, group[0].what, group[0].person) for group in groups]


def _hole(holes: list[_Span]) -> Finding:
    first = holes[0]
    facts: dict[str, Fact] = {"hole_start": time(first.start), "hole_end": time(first.end)}
    who = f"Nobody is {first.what}"
    if first.person:
        who, facts["person"] = "{person} is both primary and backup", first.person
    sentence = f"{who} on call from {{hole_start}} until {{hole_end}}"
    if len(holes) > 1:
        sentence, facts["holes"] = f"{sentence}, the first of {{holes}}", number(len(holes), "gaps")
    return failed(sentence, facts)


def _covered(on_call: OnCallFacts, window: Window) -> Finding:
    first, primaries = listed("primary", people_on(on_call, PRIMARY))
    second, backups = listed("backup", people_on(on_call, BACKUP))
    span = {"cover_start": time(window.start), "cover_end": time(window.end)}
    sentence = (
        f"{first} as primary and {second} as backup are on call without a gap from {{cover_start}} until {{cover_end}}"
    )
    return passed(sentence, {**primaries, **backups, **span}, valid_until=window.end)


# --- reach -----------------------------------------------------------------------------------------------------------


def _first_page(responder: Responder) -> Duration | None:
    """How soon a high-urgency incident reaches the person by an enabled method; None = never."""
    enabled = {method.id for method in responder.methods if method.enabled}
    rules = [rule for rule in responder.rules if rule.urgency.value == "high" and rule.method_id in enabled]
    return min((rule.delay for rule in rules), key=lambda delay: delay.value, default=None)


def _patience(on_call: OnCallFacts, person: Person) -> Duration | None:
    """The shortest escalation delay up to the person's first level: whoever hears later leaves the incident alone."""
    level = min(shift.level for shift in turns(on_call, PRIMARY, BACKUP) if shift.person.id == person.id)
    rules = [rule.delay for rule in on_call.levels if rule.number <= level]
    return min(rules, key=lambda delay: delay.value, default=None)


def _late(on_call: OnCallFacts, people: list[Person], delays: dict[str, Duration | None]) -> Finding | None:
    facts: dict[str, Fact] = {}
    clauses = []
    for i, one in enumerate(people, start=1):
        delay, patience = delays[one.id], _patience(on_call, one)
        if delay and patience and not delay.value <= patience.value:
            facts |= {f"person_{i}": one, f"delay_{i}": delay, f"escalation_{i}": patience}
            slots = f"{{delay_{i}}}, later than the escalation delay of {{escalation_{i}}}"
            clauses.append(f"{{person_{i}}} is first paged after {slots}")
    return warned(" and ".join(clauses), facts) if clauses else None


def _reachable(people: list[Person]) -> Finding:
    text, facts = listed("person", people)
    return passed(f"A high-urgency incident reaches {text} by an enabled contact method before it escalates", facts)
