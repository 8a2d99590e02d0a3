"""Incidents by service and window, the account's priorities, and the windows in which no incident is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from collectors.sandbox.pagerduty.account import Account
from collectors.sandbox.pagerduty.asking import Refused, include, instant, invalid, not_found, page, zone
from collectors.sandbox.pagerduty.estate import Incident, Maintenance
from collectors.sandbox.server import Asked, Reply

LONGEST = timedelta(days=184)  # six months
MONTH = timedelta(days=30)
OF_INCIDENT = (
    "acknowledgers", "agents", "assignees", "conference_bridge", "escalation_policies", "first_trigger_log_entries",
    "priorities", "services", "teams", "users",
)  # fmt: skip


WHEN: dict[str, Callable[[Maintenance, datetime], bool]] = {
    "past": lambda one, now: one.end <= now,
    "future": lambda one, now: one.start > now,
    "ongoing": lambda one, now: one.start <= now < one.end,
    "open": lambda one, now: one.end > now,
    "all": lambda one, now: True,
}


def priorities(account: Account, asked: Asked, id: str) -> Reply:
    if "incident_priorities" not in account.estate.abilities:
        raise Refused(402, 2014, "Account does not have the abilities to perform the action", "incident_priorities")
    return page(asked, "priorities", account.estate.priorities, account.bodies.priority)


def incidents(account: Account, asked: Asked, id: str) -> Reply:
    include(asked, *OF_INCIDENT)
    found = [incident for incident in account.estate.incidents if _wanted(incident, asked)]
    if asked.one("date_range") != "all":
        since, until = _window(account, asked)
        found = [incident for incident in found if since <= incident.created < until]
    return page(asked, "incidents", _sorted(found, asked), account.bodies.incident)


def log(account: Account, asked: Asked, id: str) -> Reply:
    """What happened to one incident, newest first: programs trigger and resolve it, a person may answer."""
    include(asked, "incidents", "services", "channels", "teams")
    incident = next((one for one in account.estate.incidents if one.id == id), None)
    if incident is None:
        raise not_found()
    entries = [("trigger", incident.created, ""), ("resolve", incident.resolved, "")]
    if incident.answered:
        entries.append(("acknowledge", incident.answered, incident.by))
    happened = sorted(((at, kind, by) for kind, at, by in entries if at), reverse=True)
    return page(asked, "log_entries", happened, lambda entry: _entry(account, incident, *entry))


def _entry(account: Account, incident: Incident, at: datetime, kind: str, by: str) -> dict[str, JsonValue]:
    user = next((one for one in account.estate.users if one.id == by), None)
    service: JsonValue = {"id": incident.service, "type": "service_reference", "summary": incident.service}
    agent: JsonValue = {"id": by, "type": "user_reference", "summary": user.name} if user else service
    return {
        "id": f"R{incident.number}{kind[:3].upper()}", "type": f"{kind}_log_entry", "summary": f"{kind}d",
        "created_at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "agent": agent, "service": service,
        "incident": {"id": incident.id, "type": "incident_reference", "summary": incident.title}, "teams": [],
        "note": None, "html_url": None, "self": None,
    }  # fmt: skip


def maintenance(account: Account, asked: Asked, id: str) -> Reply:
    """Windows by service; without `filter`, whether they are over or not makes no difference."""
    include(asked, "teams", "services", "users")
    when, services = asked.one("filter") or "all", asked.all("service_ids[]")
    if when not in WHEN:
        raise invalid("filter is not known")
    found = [
        one for one in account.estate.maintenance
        if WHEN[when](one, account.now) and (not services or set(services) & set(one.services))
    ]  # fmt: skip
    return page(asked, "maintenance_windows", found, account.bodies.maintenance)


def _window(account: Account, asked: Asked) -> tuple[datetime, datetime]:
    """Until now, for the last month, unless the question says otherwise."""
    where = zone(asked, ZoneInfo(account.estate.zone))
    until = instant(asked, "until", where, account.now)
    since = instant(asked, "since", where, until - MONTH)
    if until < since or until - since > LONGEST:
        raise invalid("since and until must be in order and at most six months apart", 2005)
    return since, until


def _wanted(incident: Incident, asked: Asked) -> bool:
    services, statuses, urgencies = (asked.all(f"{name}[]") for name in ("service_ids", "statuses", "urgencies"))
    if asked.all("user_ids[]"):  # only open incidents are assigned to anybody, and here they are to nobody
        return False
    status = "resolved" if incident.resolved else "triggered"
    return (
        (not services or incident.service in services)
        and (not statuses or status in statuses)
        and (not urgencies or incident.urgency in urgencies)
    )


def _sorted(found: Sequence[Incident], asked: Asked) -> list[Incident]:
    field, _, direction = (asked.one("sort_by") or "incident_number:asc").partition(":")
    if field not in ("created_at", "incident_number", "urgency") or direction not in ("", "asc", "desc"):
        raise invalid("sort_by is not known")
    keys = {"created_at": "created", "incident_number": "number", "urgency": "urgency"}
    return sorted(found, key=lambda incident: getattr(incident, keys[field]), reverse=direction == "desc")
