"""The rendered cover of levels 1 and 2, read from the kept body: who, from when, until when, clipped to the window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from collectors.errors import Malformed
from collectors.evidence import Origin, Time, Window
from collectors.pagerduty.facts import Level, Shift
from collectors.pagerduty.reading import Node, minutes, named, person, resource, state
from collectors.pagerduty.rendered import Turn, turns

PAGED = (1, 2)  # the levels that a gate asks about
ALWAYS = Window(start=datetime(1970, 1, 1, tzinfo=UTC), end=datetime(9000, 1, 1, tzinfo=UTC))


def levels(policy: Node) -> tuple[Level, ...]:
    """The escalation rules in order; the position is the level."""
    return tuple(_level(number, rule) for number, rule in enumerate(policy["escalation_rules"], 1))


def _level(number: int, rule: Node) -> Level:
    targets, strategy = list(rule["targets"]), rule["escalation_rule_assignment_strategy"]
    return Level(
        number=number, delay=minutes(rule["escalation_delay_in_minutes"]),
        targets=tuple(resource(named(target)) for target in targets),
        target_ids=tuple(target["id"].text() for target in targets),
        strategy=None if strategy.absent else state(strategy["type"] if _is_object(strategy) else strategy),
    )  # fmt: skip


def _is_object(node: Node) -> bool:
    """The strategy is written out as an object where it is included, else it is a word."""
    return isinstance(node.value, dict)


def entries(oncalls: Node) -> Iterator[Node]:
    """The on-call entries of the levels that a gate asks about."""
    return (entry for entry in oncalls if entry["escalation_level"].count() in PAGED)


def unbounded(oncalls: Node) -> tuple[str, ...]:
    """Ids of the schedules with a turn that /oncalls gives no start or end for; their own rendering must tell."""
    found = (entry["schedule"]["id"].text() for entry in entries(oncalls) if _is_unbounded(entry))
    return tuple(dict.fromkeys(found))


def people(body: Node) -> tuple[str, ...]:
    """Ids of everybody who is on call on these levels."""
    return tuple(dict.fromkeys(turn.user.text() for _, turn, _ in _turns(body)))


def shifts(body: Node, window: Window) -> tuple[Shift, ...]:
    """Every shift of levels 1 and 2, in order of level and start; who is named directly has the whole window."""
    found = [_shift(body, window, *each) for each in _turns(body)]
    kept = [shift for shift in found if shift is not None]
    return tuple(sorted(kept, key=lambda shift: (shift.level, shift.start.value, shift.person.id)))


def agree(stages: tuple[Level, ...], oncalls: Node) -> None:
    """Raise Malformed when somebody is on call by way of what the policy does not name at that level."""
    for entry in entries(oncalls):
        number = entry["escalation_level"].count()
        via = entry["user" if entry["schedule"].absent else "schedule"]["id"]
        if number > len(stages) or via.text() not in stages[number - 1].target_ids:
            raise Malformed(
                f"PagerDuty's on-calls and its policy disagree: {via.at} is on call on level {number} and is no target "
                "of it; the policy may have been changed between the two calls"
            )


def _is_unbounded(entry: Node) -> bool:
    return not entry["schedule"].absent and (entry["start"].absent or entry["end"].absent)


def _turns(body: Node) -> Iterator[tuple[Node, Turn, Node]]:
    """Each (entry, turn, schedule); a schedule with its own rendering is read from there, once a level."""
    rendered: set[tuple[int, str]] = set()
    for entry in entries(body["oncalls"]):
        schedule = entry["schedule"]
        if schedule.absent:
            yield entry, Turn(entry["user"]["id"], entry["start"], entry["end"]), schedule
            continue
        of, level = schedule["id"].text(), entry["escalation_level"].count()
        own = body["schedules"][of]
        if own.absent:
            yield entry, Turn(entry["user"]["id"], entry["start"], entry["end"]), schedule
        elif (level, of) not in rendered:
            rendered.add((level, of))
            yield from ((entry, turn, schedule) for turn in turns(own))


def _shift(body: Node, window: Window, entry: Node, turn: Turn, schedule: Node) -> Shift | None:
    direct = schedule.absent
    start, end = _bound(turn.start, ALWAYS.start, direct), _bound(turn.end, ALWAYS.end, direct)
    if start.value >= window.end or end.value <= window.start:
        return None
    if start.value >= end.value:
        raise turn.start.surprise("a time before the end of the turn")
    user = turn.user.text()
    return Shift(
        level=entry["escalation_level"].count(), person=person(body["users"][user]["name"], user),
        start=_no_earlier(start, window), end=_no_later(end, window),
        schedule=None if direct else resource(named(schedule)),
    )  # fmt: skip


def _bound(node: Node, otherwise: datetime, direct: bool) -> Time:
    """When a turn starts or ends; null means always, and only for somebody who is named directly."""
    if node.absent and direct and node.given:
        return Time(value=otherwise, origin=Origin.CODE)
    return Time(value=node.instant(), pointer=node.at)


def _no_earlier(start: Time, window: Window) -> Time:
    return start if start.value >= window.start else Time(value=window.start, origin=Origin.CODE)


def _no_later(end: Time, window: Window) -> Time:
    return end if end.value <= window.end else Time(value=window.end, origin=Origin.CODE)
