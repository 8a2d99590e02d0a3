"""pagerduty.on_call: service → policy → who is on call on levels 1 and 2 → how each of them is reached.

The key needs services.read, escalation_policies.read, oncalls.read and users.read; schedules.read where /oncalls names
a turn of a schedule without its start or end; and users:contact_methods.read where a user comes with mere references to
contact methods, which then says so. Beside the rota: the maintenance that is planned in the window, in which the
service pages nobody however well it is manned.

Many services, policies, schedules and people are picked from the account's lists; what a list does not show whole is
asked for itself. The list of version 3 schedules gives references only, so those are asked for one by one.

A user whose invitation is outstanding counts as one of whom it is not known whether a page arrives: whether the mark
stays once the invitation is accepted is not told.

Out of scope: who changed a rota or a service (/audit/records: a month at most, not in all plans); a user's `role`, for
the contract does not say which roles cannot be paged; what the support hours of a service are, where day and night
differ in urgency the rule answers unknown; low-urgency notification rules; alerts that are paused before they open an
incident (`auto_pause_notifications_parameters`); /schedules/{id}/users, which knows the older kind of schedule only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from collectors.connections import Connections
from collectors.errors import Blind
from collectors.evidence import Answer, Completeness, Evidence, Window
from collectors.pagerduty import batch, cover, reach, rendered
from collectors.pagerduty.batch import Asked, Key, Shared
from collectors.pagerduty.client import Outcome, Reader, Trail, span, utc
from collectors.pagerduty.facts import OnCallAsk, OnCallFacts
from collectors.pagerduty.maintenance import maintenance, overlapping
from collectors.pagerduty.paging import Listing
from collectors.pagerduty.reading import Node, named, page_of, resource, state
from collectors.pagerduty.service import has_policy, policies, policy_of, services, urgency

HORIZON = timedelta(days=90)  # PagerDuty gives no shifts further ahead than this


@dataclass(frozen=True)
class Rota:
    """All that the questions of one batch need. `policies` holds those that did not come with their service."""

    services: Mapping[str, Outcome]
    policies: Mapping[str, Outcome]
    oncalls: Mapping[Key, Outcome]
    schedules: Mapping[Key, Outcome]
    users: Mapping[str, Outcome]
    maintenance: Mapping[str, Outcome]


def on_call(conn: Connections, asks: Sequence[OnCallAsk]) -> Iterable[Answer]:
    """Who is on call for a service over a window, by level, and how each of them can be reached."""
    return batch.answers(conn, asks, _gather, _evidence)


def _gather(reader: Reader, asks: Sequence[OnCallAsk], now: datetime) -> Rota:
    found = services(reader, (ask.service for ask in asks), "escalation_policies")
    routes = {ask: policy_of(found[ask.service]) for ask in asks}
    wanted = {ask: policy for ask, policy in routes.items() if policy}
    bare = (policy for ask, policy in wanted.items() if not has_policy(found[ask.service]))
    seen = [(policy, ask.window) for ask, policy in wanted.items() if ask.window.end <= now + HORIZON]
    oncalls = ENTRIES.of(reader, seen, lambda policy, window: False)
    open_ended = [(id, window) for (_, window), outcome in oncalls.items() for id in _unbounded(outcome)]
    schedules = rendered.schedules(reader, open_ended)
    people = [id for key, outcome in oncalls.items() for id in _people(outcome, key[1], schedules)]
    users = reach.users(reader, people)
    silent = maintenance(reader, (ask.service for ask in asks if found[ask.service].got))
    return Rota(found, policies(reader, bare), oncalls, schedules, users, silent)


def _entries(policies: tuple[str, ...], window: Window) -> Listing:
    """The on-call entries of some policies that overlap the window."""
    asked = (("since", utc(window.start)), ("until", utc(window.end)), ("time_zone", "UTC"))
    return Listing("/oncalls", "oncalls", (*asked, ("escalation_policy_ids[]", policies)), span(window))


ENTRIES = Shared(_entries, "escalation_policy")


def _unbounded(outcome: Outcome) -> tuple[str, ...]:
    got = outcome.got
    return batch.readable(lambda: cover.unbounded(Node(list(got.items)))) if got else ()


def _people(outcome: Outcome, window: Window, schedules: Mapping[Key, Outcome]) -> tuple[str, ...]:
    got = outcome.got
    if got is None:
        return ()
    kept = {id: schedules[id, window].got for id in _unbounded(outcome)}
    known: dict[str, JsonValue] = {id: dict(schedule.body) for id, schedule in kept.items() if schedule}
    return batch.readable(lambda: cover.people(Node({"oncalls": list(got.items), "schedules": known})))


def _evidence(ask: OnCallAsk, rota: Rota, trail: Trail, asked: Asked) -> Evidence:
    body = _body(ask, rota, trail, asked.at)
    kept = Node(body)
    return Evidence(
        request_type=ask.type, params=ask.params(), source=asked.account(kept["service"]),
        collected_at=asked.collected(trail), link=page_of(kept["service"]),
        facts=read(kept, ask.window), calls=trail.asked(), body=body,
        redacted=tuple(sorted(trail.removed)),
        completeness=Completeness(pages=trail.pages, items=len(list(kept["oncalls"])), note="items are on-calls"),
    )  # fmt: skip


def _body(ask: OnCallAsk, rota: Rota, trail: Trail, now: datetime) -> dict[str, JsonValue]:
    """The answers by a short name; raises the first failure on the way down the chain."""
    of = trail.take(rota.services[ask.service]).body
    policy = Node(of)["escalation_policy"]["id"].text()
    bare = {} if has_policy(rota.services[ask.service]) else {"policy": trail.take(rota.policies[policy]).body}
    _within_horizon(ask.window, now)
    oncalls = list(trail.take(rota.oncalls[policy, ask.window]).items)
    open_ended = cover.unbounded(Node(oncalls))
    schedules = {id: trail.take(rota.schedules[id, ask.window]).body for id in open_ended}
    body: dict[str, JsonValue] = {"service": of, **bare, "oncalls": oncalls, "schedules": {**schedules}}
    users: dict[str, JsonValue] = {id: trail.take(rota.users[id]).body for id in cover.people(Node(body))}
    return {**body, "users": users, "maintenance": list(trail.take(rota.maintenance[ask.service]).items)}


def _within_horizon(window: Window, now: datetime) -> None:
    if window.end > now + HORIZON:
        ready, end = (window.end - HORIZON).date() + timedelta(days=1), window.end.isoformat()
        raise Blind(
            f"PagerDuty gives no shifts more than {HORIZON.days} days ahead, and the window ends {end}",
            advice=f"Check this item again on {ready.isoformat()} or later.",
        )


def read(body: Node, window: Window) -> OnCallFacts:
    """The facts that a kept body holds; Malformed when it does not hold them."""
    of, policy = body["service"], body["policy"] if body["policy"].given else body["service"]["escalation_policy"]
    levels = cover.levels(policy)
    cover.agree(levels, body["oncalls"])
    return OnCallFacts(
        service=resource(named(of)), service_state=state(of["status"]), urgency=urgency(of),
        policy=resource(named(policy)), levels=levels, shifts=cover.shifts(body, window),
        responders=tuple(reach.responder(body["users"][id]) for id in cover.people(body)),
        maintenance=tuple(overlapping(body["maintenance"], window)),
    )  # fmt: skip
