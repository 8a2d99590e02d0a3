"""PagerDuty's questions and typed answers; no client is imported here."""

from __future__ import annotations

from typing import ClassVar

from collectors.evidence import Duration, Facts, Model, Number, Person, Request, Resource, State, Time, Window


class OnCallAsk(Request):
    """Who is on call for a service over a window, by level, and can each be reached?"""

    type: ClassVar[str] = "pagerduty.on_call"
    service: str
    primary: str
    backup: str
    window: Window


class Level(Model):
    """One escalation rule. `number` counts from 1; `targets` are schedule or user names and `target_ids` their ids.

    `strategy` is assign_to_everyone or round_robin (the targets take turns); None = the source does not say.
    """

    number: int
    delay: Duration
    targets: tuple[Resource, ...]
    target_ids: tuple[str, ...]
    strategy: State | None = None


class Shift(Model):
    """One person on one level from `start` to `end` (clipped to the window); `schedule` None = named directly."""

    level: int
    person: Person
    start: Time
    end: Time
    schedule: Resource | None = None


class ContactMethod(Model):
    id: str
    type: Resource
    enabled: bool


class NotificationRule(Model):
    """A high-urgency rule: `delay` after the incident reaches the person, by which contact method."""

    method_id: str
    urgency: State
    delay: Duration


class Responder(Model):
    """How one person on the rota is reached. `invited`: an invitation of theirs may not be accepted yet."""

    person: Person
    invited: bool = False
    methods: tuple[ContactMethod, ...]
    rules: tuple[NotificationRule, ...]


class Maintenance(Model):
    """A span in which the service opens no incident; not clipped."""

    start: Time
    end: Time


class OnCallFacts(Facts):
    """`shifts` holds the rendered cover of levels 1 and 2 over the asked window, overrides included.

    `maintenance` is what touches the window: while it lasts, nobody is paged whoever is on call.
    """

    service: Resource
    service_state: State
    urgency: State
    policy: Resource
    levels: tuple[Level, ...]
    shifts: tuple[Shift, ...]
    responders: tuple[Responder, ...]
    maintenance: tuple[Maintenance, ...] = ()


class IncidentsAsk(Request):
    """The incidents of one service that were open at some time in a window."""

    type: ClassVar[str] = "pagerduty.incidents"
    service: str
    window: Window


class Incident(Model):
    """`priority` None = nobody classified it, not the same as harmless; `resolved` None = open, or not told."""

    incident: Resource
    created: Time
    resolved: Time | None = None
    priority: State | None


class IncidentsFacts(Facts):
    """`priorities` are the account's own names, most severe first; `maintenance` is what touches the window."""

    service: Resource
    service_state: State
    count: Number
    incidents: tuple[Incident, ...]
    priorities: tuple[State, ...]
    maintenance: tuple[Maintenance, ...] = ()


class ResponsesAsk(Request):
    """How soon did a person answer each incident of a service that was created in a window?"""

    type: ClassVar[str] = "pagerduty.responses"
    service: str
    window: Window


class Response(Model):
    """`urgency` is "high" or "low"; `answered` and `by`: the first person's acknowledgement or resolution, or None."""

    incident: Resource
    urgency: State
    created: Time
    answered: Time | None
    by: Person | None


class ResponsesFacts(Facts):
    """`count` is of all incidents that were created in the window; `service_state` as PagerDuty names it."""

    service: Resource
    service_state: State
    count: Number
    responses: tuple[Response, ...]
