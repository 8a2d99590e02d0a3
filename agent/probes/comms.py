"""Item 8: each message is drafted, has an audience, and goes out no later than launch."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from agent.cards import Comms, Launch, Zone
from agent.domain import Finding
from agent.probes.findings import day, failed, number, passed, resource, warned
from agent.probes.launch import business_days_until
from agent.probes.registry import probe
from agent.probes.rota import utc
from agent.probes.stated import only_reported
from collectors.documents import FileFacts
from collectors.evidence import Fact, Origin, Time
from collectors.statements import CommsFacts

_ROOM = 2  # business days before launch from which a message without a time is no longer merely late


@probe
def message_is_drafted_and_scheduled(
    message: CommsFacts | FileFacts, *, comms: Comms, launch: Launch, zone: Zone, as_of: AwareDatetime
) -> Finding:
    """The message is drafted, has an audience, and is scheduled no later than the day of launch."""
    named: dict[str, Fact] = {"message": resource(comms.title or comms.id)}
    if isinstance(message, CommsFacts) and not message.statement.proven:
        return only_reported(message.statement, "The standing of {message}", **named)
    scheduled = message.scheduled if isinstance(message, CommsFacts) else None
    clauses, facts = _shortcomings(message, comms, launch, zone)
    if scheduled is None:
        today = as_of.astimezone(ZoneInfo(zone)).date()
        return _unscheduled(launch, business_days_until(today, launch.date, launch.holidays), clauses, named)
    if clauses:
        return failed("{message} " + " and ".join(clauses), {**named, **facts})
    return passed("{message} is drafted and scheduled for {scheduled}", named, scheduled=scheduled)


def _shortcomings(
    message: CommsFacts | FileFacts, comms: Comms, launch: Launch, zone: str
) -> tuple[list[str], dict[str, Fact]]:
    clauses = [] if _drafted(message) else ["is not drafted"]
    audience = message.audience.value if isinstance(message, CommsFacts) and message.audience else ""
    if not (comms.audience or audience).strip():
        clauses.append("names no audience")
    if isinstance(message, CommsFacts) and message.scheduled and _too_late(message.scheduled, launch, zone):
        clauses.append("is scheduled for {scheduled}, after the launch on {launch_day}")
        return clauses, {"scheduled": message.scheduled, "launch_day": _launch_day(launch)}
    return clauses, {}


def _unscheduled(launch: Launch, left: int, clauses: list[str], named: dict[str, Fact]) -> Finding:
    """A draft without a time is a warning while there is room, and a failure close to launch."""
    facts = {**named, "launch_day": _launch_day(launch), "left": number(left, "business days")}
    begun = " and ".join(clauses) + ", and is" if clauses else "is drafted but"
    sentence = f"{{message}} {begun} not scheduled, with {{left}} left to the launch on {{launch_day}}"
    return (failed if clauses or left <= _ROOM else warned)(sentence, facts)


def _drafted(message: CommsFacts | FileFacts) -> bool:
    return message.drafted.value == "drafted" if isinstance(message, CommsFacts) else message.size.value > 0


def _too_late(scheduled: Time, launch: Launch, zone: str) -> bool:
    """Any time on the launch day is in time."""
    over = datetime.combine(launch.date + timedelta(days=1), time(), ZoneInfo(zone))
    return utc(scheduled.value) >= utc(over)


def _launch_day(launch: Launch) -> Fact:
    return day(launch.date, origin=Origin.CARD, at="/launch/date")
