"""On-calls and schedules of both kinds, their cover computed for the window that was asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from collectors.sandbox.pagerduty.account import Account
from collectors.sandbox.pagerduty.asking import include, instant, invalid, not_found, page, truth, zone
from collectors.sandbox.pagerduty.bodies import Body, stamp
from collectors.sandbox.pagerduty.estate import Policy, Schedule
from collectors.sandbox.pagerduty.rota import Span, never_off, spans
from collectors.sandbox.server import Asked, Reply, reply_json

HORIZON = timedelta(days=90)
TWO_WEEKS = timedelta(days=14)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def oncalls(account: Account, asked: Asked, id: str) -> Reply:
    """Whole turns that overlap the window, by policy, level and start; nothing that starts 90 days ahead."""
    where, wanted = zone(asked), include(asked, "escalation_policies", "users", "schedules")
    since, until = instant(asked, "since", where, account.now), instant(asked, "until", where, account.now)
    if until < since:
        raise invalid("until is before since", 2005)
    policies = asked.all("escalation_policy_ids[]")
    found = [
        entry
        for policy in account.estate.policies
        if not policies or policy.id in policies
        for entry in _of_policy(account, policy, since, min(until, account.now + HORIZON), where)
        if _asked_for(entry, asked)
    ]
    kept = _earliest(found) if truth(asked, "earliest") else found
    return page(asked, "oncalls", kept, lambda entry: _expanded(account, entry, wanted))


def _of_policy(account: Account, policy: Policy, since: datetime, until: datetime, where: tzinfo) -> Iterator[Body]:
    for number, level in enumerate(policy.levels, 1):
        for target in level.targets:
            schedule = account.bodies.schedules.get(target)
            if schedule is None:
                yield account.bodies.oncall(policy, number, None, target, None, where)
                continue
            for span in _turns(account, schedule, since, until):
                if span.user:
                    yield account.bodies.oncall(policy, number, schedule, span.user, span, where)


def _turns(account: Account, schedule: Schedule, since: datetime, until: datetime) -> list[Span]:
    of = (schedule.id, since, until)
    found = account.turns[of] = account.turns.get(of) or spans(schedule, since, until)
    return found[:1] if schedule.open_ended and never_off(schedule) else found


def _asked_for(entry: Body, asked: Asked) -> bool:
    users, schedules = asked.all("user_ids[]"), asked.all("schedule_ids[]")
    return (not users or _id(entry["user"]) in users) and (not schedules or _id(entry["schedule"]) in schedules)


def _id(thing: JsonValue) -> str:
    """The id, "null" for nothing: so the API spells a question for those who are named directly."""
    return str(thing["id"]) if isinstance(thing, dict) else "null"


def _earliest(found: list[Body]) -> list[Body]:
    first: dict[tuple[str, str, str], Body] = {}
    for entry in found:
        first.setdefault((_id(entry["escalation_policy"]), str(entry["escalation_level"]), _id(entry["user"])), entry)
    return list(first.values())


def _expanded(account: Account, entry: Body, wanted: tuple[str, ...]) -> Body:
    bodies, full = account.bodies, dict(entry)
    if "users" in wanted:
        full["user"] = bodies.user(bodies.users[_id(entry["user"])], ())
    if "escalation_policies" in wanted:
        full["escalation_policy"] = bodies.policy(bodies.policies[_id(entry["escalation_policy"])], ())
    schedule = bodies.schedules.get(_id(entry["schedule"]))
    if "schedules" in wanted and schedule and schedule.kind == "layers":
        full["schedule"] = bodies.schedule(schedule)
    return full


def layered(account: Account, asked: Asked, id: str) -> Reply:
    """The layer-based schedules, with their cover where it is included; the other kind is not in this list."""
    wanted = include(asked, "schedule_layers", "overrides_subschedule", "final_schedule")
    query = (asked.one("query") or "").lower()
    found = [s for s in account.estate.schedules if s.kind == "layers" and query in s.name.lower()]

    def written(schedule: Schedule) -> Body:
        parts = _parts(account, schedule, asked) if wanted else {}
        return _with_links(account, schedule) | {name: parts[name] for name in wanted}

    return page(asked, "schedules", found, written)


def layered_one(account: Account, asked: Asked, id: str) -> Reply:
    schedule = account.bodies.schedules.get(id)
    if schedule is None or schedule.kind != "layers":
        raise not_found()
    return reply_json({"schedule": _with_links(account, schedule) | _parts(account, schedule, asked)})


def _parts(account: Account, schedule: Schedule, asked: Asked) -> Body:
    """Layers, overrides and the cover that comes of them, in the window that was asked for."""
    window = _window(account, asked, schedule)
    where = zone(asked, ZoneInfo(schedule.zone))
    own, over = (_rendered(account, schedule, window, asked, where, only) for only in (False, True))
    return {
        "schedule_layers": [_layer(account, schedule, turn.user, i) for i, turn in enumerate(schedule.rota, 1)],
        "overrides_subschedule": {"name": "Overrides", "rendered_schedule_entries": over},
        "final_schedule": {
            "name": "Final Schedule", "rendered_schedule_entries": own,
            "rendered_coverage_percentage": _covered(schedule, window),
        },
    }  # fmt: skip


def shifting(account: Account, asked: Asked, id: str) -> Reply:
    """References to the shift-based schedules."""
    query = (asked.one("query") or "").lower()
    found = [s for s in account.estate.schedules if s.kind == "shifts" and query in s.name.lower()]
    return page(asked, "schedules", found, lambda s: account.bodies.schedule_ref(s.id), largest=1000, total=False)


def shifting_one(account: Account, asked: Asked, id: str) -> Reply:
    """A layer-based schedule is refused with 400 here; its cover comes only with include[]=final_schedule."""
    schedule = account.bodies.schedules.get(id)
    if schedule is None:
        raise not_found()
    if schedule.kind != "shifts":
        raise invalid("the schedule is layer-based: ask for it under /schedules")
    body = account.bodies.schedule(schedule)
    body["rotations"] = [_rotation(schedule)]
    if "final_schedule" in include(asked, "final_schedule"):
        window = _window(account, asked, schedule)
        where = zone(asked, ZoneInfo(schedule.zone))
        body["final_schedule"] = {
            "type": "final_schedule", "rendered_coverage_percentage": _covered(schedule, window),
            "computed_shift_assignments": [_shift(schedule, span, where) for span in _seen(schedule, window, asked)],
        }  # fmt: skip
    return reply_json({"schedule": body})


def _window(account: Account, asked: Asked, schedule: Schedule) -> tuple[datetime, datetime]:
    """Two weeks from `since` on, or up to `until`, where only one is given."""
    where = zone(asked, ZoneInfo(schedule.zone))
    since = instant(asked, "since", where, instant(asked, "until", where, account.now + TWO_WEEKS) - TWO_WEEKS)
    until = instant(asked, "until", where, since + TWO_WEEKS)
    if until < since:
        raise invalid("until is before since", 2005)
    return since, until


def _seen(schedule: Schedule, window: tuple[datetime, datetime], asked: Asked) -> list[Span]:
    """The spans of the window, cut at its edges unless `overflow` is asked for."""
    found = [span for span in spans(schedule, *window) if span.start < window[1]]
    return found if truth(asked, "overflow") else [span.clipped(*window) for span in found]


def _rendered(
    account: Account, schedule: Schedule, window: tuple[datetime, datetime], asked: Asked, where: tzinfo, only: bool
) -> list[JsonValue]:
    """Entries of the final schedule, or of the overrides only; empty time is left out."""
    return [
        {"start": stamp(s.start, where), "end": stamp(s.end, where), "user": account.bodies.user_ref(s.user)}
        for s in _seen(schedule, window, asked)
        if s.user and (s.override or not only)
    ]


def _covered(schedule: Schedule, window: tuple[datetime, datetime]) -> float:
    whole = (window[1] - window[0]).total_seconds()
    parts = [span.clipped(*window) for span in spans(schedule, *window) if span.user and span.start < window[1]]
    return round(100 * sum((part.end - part.start).total_seconds() for part in parts) / whole, 1) if whole else 0.0


def _shift(schedule: Schedule, span: Span, where: tzinfo) -> Body:
    member: Body = {"type": "user_member", "user_id": span.user} if span.user else {"type": "empty_member"}
    kind = "schedule_rotation_override" if span.override else "schedule_rotation"
    return {
        "type": "computed_shift_assignment", "start_time": stamp(span.start, where), "end_time": stamp(span.end, where),
        "member": member, "source": {"type": kind, "rotation_id": f"{schedule.id}ROTATION"},
    }  # fmt: skip


def _layer(account: Account, schedule: Schedule, user: str, number: int) -> Body:
    """One person's layer: a week-long turn, restricted to the person's days."""
    days = schedule.rota[number - 1].days
    restrictions: list[JsonValue] = [
        {
            "type": "weekly_restriction",
            "start_time_of_day": "00:00:00",
            "duration_seconds": 86400,
            "start_day_of_week": d,
        }
        for d in days
    ]
    return {
        "id": f"{schedule.id}L{number}", "name": f"Layer {number}", "start": stamp(schedule.starts), "end": None,
        "rotation_virtual_start": stamp(schedule.starts), "rotation_turn_length_seconds": 604800,
        "users": [{"user": account.bodies.user_ref(user)}], "restrictions": restrictions if len(days) < 7 else [],
    }  # fmt: skip


def _rotation(schedule: Schedule) -> Body:
    begin: Body = {"date_time": stamp(schedule.starts), "time_zone": schedule.zone}
    end: Body = {"date_time": stamp(schedule.starts + timedelta(days=1)), "time_zone": schedule.zone}
    events: list[JsonValue] = [
        {
            "id": f"{schedule.id}EVENT{i}", "type": "schedule_event", "name": f"Turn {i}", "start_time": begin,
            "end_time": end, "effective_since": stamp(schedule.starts), "effective_until": None,
            "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=" + ",".join(WEEKDAYS[day - 1] for day in turn.days)],
            "assignment_strategy": {
                "type": "rotating_member_assignment_strategy", "shifts_per_member": 1,
                "members": [{"type": "user_member", "user_id": turn.user}],
            },
        }
        for i, turn in enumerate(schedule.rota, 1)
    ]  # fmt: skip
    return {"id": f"{schedule.id}ROTATION", "type": "schedule_rotation", "events": events}


def _with_links(account: Account, schedule: Schedule) -> Body:
    """A layer-based schedule with the private calendar links that the vendor puts into its ordinary answer."""
    links: Body = {
        f"{kind}_cal_url": f"{kind}://calendars.example.com/{schedule.id}/private" for kind in ("http", "web")
    }
    return account.bodies.schedule(schedule) | links
