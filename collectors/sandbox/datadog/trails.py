"""The two event stores of a world: its logs, and its audit trail of who read which dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from collectors.evidence import sha256
from collectors.sandbox.datadog.data import Facts, LogLine, Look, Runs
from collectors.sandbox.datadog.search import Event, flat


def log_events(facts: Facts, clock: datetime) -> list[Event]:
    """What the first index still holds: the listed lines, and one line a run."""
    days = facts.indexes[0]["num_retention_days"] if facts.indexes else 0
    begins = clock - timedelta(days=float(str(days)))
    lines = [*facts.logs, *(line for runs in facts.runs for line in _run_lines(runs, ZoneInfo(facts.zone), clock))]
    return [_log_event(line) for line in lines if begins <= line.at < clock]


def _run_lines(runs: Runs, zone: ZoneInfo, clock: datetime) -> Iterator[LogLine]:
    tags = tuple(f"{name}:{value}" for name, value in runs.tags.items())
    for _, at in runs.instants(zone, clock):
        yield LogLine(
            at=at, service=runs.tags.get("service", ""), status="info", message="run completed", tags=tags,
            attributes={"event": "run_completed", "env": runs.tags.get("env", "")},
        )  # fmt: skip


def _log_event(line: LogLine) -> Event:
    attributes: dict[str, JsonValue] = {
        "timestamp": _zulu(line.at), "service": line.service, "status": line.status, "message": line.message,
        "host": "finance-agents-1", "tags": list(line.tags), "attributes": line.attributes,
    }  # fmt: skip
    fields = {"service": line.service, "status": line.status, **flat(line.attributes)}
    return Event(line.at, fields, {"id": _id("log", attributes), "type": "log", "attributes": attributes})


def audit_events(facts: Facts, clock: datetime) -> list[Event]:
    """Every look at a dashboard that the trail still holds."""
    begins = clock - timedelta(days=facts.audit.retention_days)
    zone = ZoneInfo(facts.zone)
    return [_audit_event(facts, look, at) for look in facts.audit.looks for at in _looks(look, zone, begins, clock)]


def _looks(look: Look, zone: ZoneInfo, begins: datetime, clock: datetime) -> Iterator[datetime]:
    day = begins.astimezone(zone).date()
    while day <= clock.astimezone(zone).date():
        at = datetime(day.year, day.month, day.day, look.hour, look.minute, tzinfo=zone)
        if day.weekday() in look.days and begins <= at < clock:
            yield at
        day += timedelta(days=1)


def _audit_event(facts: Facts, look: Look, at: datetime) -> Event:
    inner: dict[str, JsonValue] = {
        "action": "accessed", "auth_method": look.auth_method, "timestamp": _zulu(at),
        "evt": {"name": "Request", "actor": {"type": look.actor}},
        "usr": {"email": look.email, "id": look.email, "uuid": look.uuid},
        "http": {
            "method": "GET", "status_code": "200", "useragent": "sandbox",
            "url_details": {"host": "app.datadoghq.com", "path": f"/api/v1/dashboard/{look.dashboard}"},
        },
        "network": {"client": {"ip": "192.0.2.17"}}, "org": {"uuid": f"org-{facts.org_id}"},
    }  # fmt: skip
    attributes: dict[str, JsonValue] = {
        "timestamp": _zulu(at), "message": "Dashboard read", "tags": ["source:audit"], "attributes": inner
    }  # fmt: skip
    return Event(at, flat(inner), {"id": _id("audit", attributes), "type": "audit", "attributes": attributes})


def _zulu(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _id(kind: str, attributes: dict[str, JsonValue]) -> str:
    return "AQ" + sha256(f"{kind}:{attributes}".encode())[:40]
