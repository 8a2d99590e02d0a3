"""PagerDuty's objects as its API writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from pydantic import JsonValue

from collectors.sandbox.pagerduty.estate import (
    Estate,
    Incident,
    Maintenance,
    Method,
    Policy,
    Priority,
    Rule,
    Schedule,
    Service,
    User,
)
from collectors.sandbox.pagerduty.rota import Span

Body = dict[str, JsonValue]
HOST = "https://api.pagerduty.com"
PAGES = {"services": "service-directory"}


def stamp(instant: datetime, zone: tzinfo = UTC) -> str:
    """An instant in a zone: 2026-06-13T04:00:00Z, or with its offset."""
    return instant.astimezone(zone).isoformat().replace("+00:00", "Z")


class Bodies:
    """Writes the objects of one account."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.users = {user.id: user for user in estate.users}
        self.schedules = {schedule.id: schedule for schedule in estate.schedules}
        self.policies = {policy.id: policy for policy in estate.policies}
        self.services = {service.id: service for service in estate.services}
        self.priorities = {priority.name: priority for priority in estate.priorities}
        self.incidents: dict[str, list[Incident]] = {}
        for incident in estate.incidents:
            self.incidents.setdefault(incident.service, []).append(incident)
        self.routed: dict[str, list[str]] = {}
        for service in estate.services:
            self.routed.setdefault(service.policy, []).append(service.id)

    def head(self, kind: str, collection: str, id: str, name: str) -> Body:
        """What every object begins with."""
        page = f"https://{self.estate.subdomain}.pagerduty.com/{PAGES.get(collection, collection)}/{id}"
        version = "v3/" if kind.startswith("schedule_v3") else ""
        return {"id": id, "type": kind, "summary": name, "self": f"{HOST}/{version}{collection}/{id}", "html_url": page}

    def user_ref(self, id: str) -> Body:
        return self.head("user_reference", "users", id, self.users[id].name)

    def schedule_ref(self, id: str) -> Body:
        kind = "schedule_v3_reference" if self.schedules[id].kind == "shifts" else "schedule_reference"
        return self.head(kind, "schedules", id, self.schedules[id].name)

    def policy_ref(self, id: str) -> Body:
        return self.head("escalation_policy_reference", "escalation_policies", id, self.policies[id].name)

    def service_ref(self, id: str) -> Body:
        return self.head("service_reference", "services", id, self.services[id].name)

    def target(self, id: str) -> Body:
        return self.schedule_ref(id) if id in self.schedules else self.user_ref(id)

    def user(self, user: User, include: Iterable[str]) -> Body:
        """With `include`, methods and rules in full and the private calendar links."""
        methods = [self._method(user, method, "contact_methods" in include) for method in user.methods]
        rules = [self._rule(user, rule, "notification_rules" in include) for rule in user.rules]
        links = {f"{kind}_cal_url": f"{kind}://calendars.example.com/{user.id}/private" for kind in ("http", "web")}
        return {
            **self.head("user", "users", user.id, user.name),
            **{"name": user.name, "email": user.email, "time_zone": self.estate.zone, "role": user.role},
            **{"job_title": user.job_title, "description": None, "invitation_sent": False, "teams": []},
            **{"contact_methods": [*methods], "notification_rules": [*rules]},
            **(links if "calendar_urls" in include else {}),
        }

    def _method(self, user: User, method: Method, full: bool) -> Body:
        kind = f"{method.kind}_contact_method"
        where = f"{HOST}/users/{user.id}/contact_methods/{method.id}"
        ref: Body = {"id": method.id, "type": kind, "summary": method.label, "self": where, "html_url": None}
        if not full:
            return {**ref, "type": f"{kind}_reference"}
        more: Body = {"label": method.label, "address": method.address}
        more |= {} if method.kind == "push_notification" else {"enabled": method.enabled}
        more |= {} if method.kind == "email" else {"blacklisted": method.blacklisted}
        more |= {"country_code": 1} if method.kind in ("phone", "sms", "whatsapp") else {}
        return ref | more

    def _rule(self, user: User, rule: Rule, full: bool) -> Body:
        kind, told = "assignment_notification_rule", f"{rule.delay} minutes: {rule.method}"
        where = f"{HOST}/users/{user.id}/notification_rules/{rule.id}"
        ref: Body = {"id": rule.id, "type": kind, "summary": told, "self": where, "html_url": None}
        if not full:
            return {**ref, "type": f"{kind}_reference"}
        method = next(method for method in user.methods if method.id == rule.method)
        by = self._method(user, method, False)
        return ref | {"start_delay_in_minutes": rule.delay, "urgency": rule.urgency, "contact_method": by}

    def service(self, service: Service, include: Iterable[str]) -> Body:
        policy = self.policies[service.policy]
        own = self.incidents.get(service.id, [])
        last = max((incident.created for incident in own), default=None)
        is_open = service.status == "active" and any(incident.resolved is None for incident in own)
        return {
            **self.head("service", "services", service.id, service.name),
            **{"name": service.name, "description": None, "status": "critical" if is_open else service.status},
            **{"created_at": stamp(service.created), "last_incident_timestamp": stamp(last) if last else None},
            "auto_resolve_timeout": None,
            **{"acknowledgement_timeout": None, "alert_creation": "create_alerts_and_incidents", "teams": []},
            "escalation_policy": self.policy(policy, ())
            if "escalation_policies" in include
            else self.policy_ref(policy.id),
            "incident_urgency_rule": {"type": "constant", "urgency": service.urgency},
            "support_hours": None,
        }

    def policy(self, policy: Policy, include: Iterable[str]) -> Body:
        """The levels in order; targets are references."""
        rules: list[JsonValue] = [
            {
                "id": level.id, "escalation_delay_in_minutes": level.delay,
                "targets": [self.target(id) for id in level.targets],
                "escalation_rule_assignment_strategy": "assign_to_everyone",
            }
            for level in policy.levels
        ]  # fmt: skip
        services: list[JsonValue] = [self.service_ref(id) for id in self.routed.get(policy.id, [])]
        return {
            **self.head("escalation_policy", "escalation_policies", policy.id, policy.name),
            **{"name": policy.name, "description": None, "num_loops": policy.loops, "escalation_rules": rules},
            **{"on_call_handoff_notifications": "if_has_services", "services": services, "teams": []},
        }

    def oncall(
        self, policy: Policy, level: int, schedule: Schedule | None, user: str, span: Span | None, at: tzinfo
    ) -> Body:
        """`span` None = always. The names stand in references."""
        start = stamp(span.start, at) if span else None
        end = stamp(span.end, at) if span and not (schedule and schedule.open_ended) else None
        return {
            "escalation_policy": self.policy_ref(policy.id), "escalation_level": level,
            "schedule": self.schedule_ref(schedule.id) if schedule else None, "user": self.user_ref(user),
            "start": start, "end": end,
        }  # fmt: skip

    def schedule(self, schedule: Schedule) -> Body:
        """What both kinds of schedule have."""
        through = [p for p in self.estate.policies if any(schedule.id in level.targets for level in p.levels)]
        routes: list[JsonValue] = [self.policy_ref(policy.id) for policy in through]
        users: list[JsonValue] = [self.user_ref(id) for id in dict.fromkeys(turn.user for turn in schedule.rota)]
        kind = "schedule_v3" if schedule.kind == "shifts" else "schedule"
        return {
            **self.head(kind, "schedules", schedule.id, schedule.name),
            **{"name": schedule.name, "time_zone": schedule.zone, "description": "", "teams": []},
            **{"escalation_policies": routes, "users": users},
        }

    def priority(self, priority: Priority) -> Body:
        head = self.head("priority", "priorities", priority.id, priority.name)
        return {**head, "html_url": None, "name": priority.name, "description": priority.description}

    def maintenance(self, window: Maintenance) -> Body:
        services: list[JsonValue] = [self.service_ref(id) for id in window.services]
        return {
            **self.head("maintenance_window", "maintenance_windows", window.id, "Maintenance"),
            **{"start_time": stamp(window.start), "end_time": stamp(window.end), "description": "Maintenance"},
            **{"services": services, "teams": []},
        }

    def incident(self, incident: Incident) -> Body:
        title, ended = incident.title, incident.resolved
        named = self.priorities.get(incident.priority or "")
        return {
            **self.head("incident", "incidents", incident.id, f"[#{incident.number}] {title}"),
            **{"incident_number": incident.number, "title": title, "status": "resolved" if ended else "triggered"},
            **{"urgency": incident.urgency, "created_at": stamp(incident.created), "incident_key": incident.id.lower()},
            **{"updated_at": stamp(ended or incident.created), "resolved_at": stamp(ended) if ended else None},
            "last_status_change_at": stamp(ended or incident.created),
            **{"service": self.service_ref(incident.service), "teams": [], "assignments": [], "acknowledgements": []},
            "escalation_policy": self.policy_ref(self.services[incident.service].policy),
            "priority": self.priority(named) if named else None,
        }
