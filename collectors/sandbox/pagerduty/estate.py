"""What is the case at PagerDuty in one world: people, rotas, policies, services, incidents."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from collectors.evidence import Model


class Method(Model):
    """How a person can be told. `enabled` and `blacklisted` are sent only for the kinds that have them."""

    id: str
    kind: Literal["email", "phone", "sms", "push_notification", "whatsapp"]
    label: str
    address: str
    enabled: bool = True
    blacklisted: bool = False


class Rule(Model):
    """`delay` in minutes."""

    id: str
    method: str
    delay: int = 0
    urgency: Literal["high", "low"] = "high"


class User(Model):
    id: str
    name: str
    email: str
    role: str = "user"
    job_title: str | None = None
    methods: tuple[Method, ...] = ()
    rules: tuple[Rule, ...] = ()


class Turn(Model):
    """A person's standing days: 1 is Monday, 7 is Sunday, in the schedule's zone."""

    user: str
    days: tuple[int, ...]


class Override(Model):
    user: str
    start: AwareDatetime
    end: AwareDatetime


class Schedule(Model):
    """`kind`: "layers" (version 2) or "shifts" (version 3). The rota recurs each week from `starts` on.

    `open_ended`: /oncalls gives the turns of somebody who never goes off call without an end.
    """

    id: str
    name: str
    zone: str
    kind: Literal["layers", "shifts"] = "layers"
    starts: AwareDatetime
    rota: tuple[Turn, ...] = ()
    overrides: tuple[Override, ...] = ()
    open_ended: bool = False


class Level(Model):
    """`delay` in minutes; `targets` are ids of schedules or users."""

    id: str
    delay: int
    targets: tuple[str, ...]


class Policy(Model):
    id: str
    name: str
    loops: int = 2
    levels: tuple[Level, ...]


class Service(Model):
    id: str
    name: str
    policy: str
    status: str = "active"
    urgency: str = "high"
    created: AwareDatetime


class Maintenance(Model):
    """A span in which some services open no incident."""

    id: str
    services: tuple[str, ...]
    start: AwareDatetime
    end: AwareDatetime


class Priority(Model):
    id: str
    name: str
    description: str


class Incident(Model):
    """`priority` is a priority's name, None = nobody classified it. `answered` by the user `by`; None = by nobody."""

    id: str
    number: int
    title: str
    service: str
    created: AwareDatetime
    resolved: AwareDatetime | None = None
    answered: AwareDatetime | None = None
    by: str = ""
    urgency: Literal["high", "low"] = "high"
    priority: str | None = None


class Estate(Model):
    """One account. `priorities` most severe first; without `abilities` naming it, a feature answers 402."""

    subdomain: str
    zone: str
    abilities: tuple[str, ...]
    users: tuple[User, ...]
    schedules: tuple[Schedule, ...]
    policies: tuple[Policy, ...]
    services: tuple[Service, ...]
    priorities: tuple[Priority, ...]
    incidents: tuple[Incident, ...]
    maintenance: tuple[Maintenance, ...] = ()
