"""pagerduty.on_call: service → policy → who is on call on levels 1 and 2 → how each of them is reached.

The key needs services.read, escalation_policies.read, oncalls.read, users.read and users:contact_methods.read; and
schedules.read where /oncalls names a turn of a schedule without its start or end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from collectors.connections import Connections
from collectors.errors import Blind
from collectors.evidence import Answer, Completeness, Evidence, Window
from collectors.pagerduty import batch, cover, reach, rendered
from collectors.pagerduty.batch import Asked
from collectors.pagerduty.client import Got, Outcome, Reader, Trail, span, utc
from collectors.pagerduty.facts import OnCallAsk, OnCallFacts
from collectors.pagerduty.reading import Node, named, page_of, resource, state
from collectors.pagerduty.service import policy_of, service, urgency

HORIZON = timedelta(days=90)  # PagerDuty gives no shifts further ahead than this


@dataclass(frozen=True)
class Rota:
    """All that the questions of one batch need, each thing asked for once."""

    services: Mapping[str, Outcome]
    policies: Mapping[str, Outcome]
    oncalls: Mapping[tuple[str, Window], Outcome]
    schedules: Mapping[tuple[str, Window], Outcome]
    users: Mapping[str, Outcome]


def on_call(conn: Connections, asks: Sequence[OnCallAsk]) -> list[Answer]:
    """Who is on call for a service over a window, by level, and how each of them can be reached."""
    return batch.answers(conn, asks, _gather, _evidence)


def _gather(reader: Reader, asks: Sequence[OnCallAsk], now: datetime) -> Rota:
    services = reader.each((ask.service for ask in asks), lambda id: service(reader, id))
    routes = {ask: policy_of(services[ask.service]) for ask in asks}
    wanted = [(policy, ask.window) for ask, policy in routes.items() if policy]
    policies = reader.each(
        (policy for policy, _ in wanted), lambda id: reader.one("escalation_policy", "escalation_policies", id, {})
    )
    seen = [(policy, window) for policy, window in wanted if window.end <= now + HORIZON]
    oncalls = batch.shared(reader, seen, _entries, "escalation_policy")
    open_ended = [(id, window) for (_, window), outcome in oncalls.items() for id in _unbounded(outcome)]
    schedules = reader.each(open_ended, lambda key: rendered.schedule(reader, *key))
    people = [id for key, outcome in oncalls.items() for id in _people(outcome, key[1], schedules)]
    return Rota(services, policies, oncalls, schedules, reader.each(people, lambda id: reach.user(reader, id)))


def _entries(reader: Reader, policies: tuple[str, ...], window: Window) -> Got:
    """The on-call entries of some policies that overlap the window."""
    params = {"since": utc(window.start), "until": utc(window.end), "time_zone": "UTC"}
    of = {"escalation_policy_ids[]": list(policies)}
    return reader.pages("/oncalls", "oncalls", {**params, **of}, about=span(window))


def _unbounded(outcome: Outcome) -> tuple[str, ...]:
    got = outcome.got
    return batch.readable(lambda: cover.unbounded(Node(list(got.items)))) if got else ()


def _people(outcome: Outcome, window: Window, schedules: Mapping[tuple[str, Window], Outcome]) -> tuple[str, ...]:
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
        request_type=ask.type, params=ask.params(), source=asked.account(kept["service"]), collected_at=asked.at,
        link=page_of(kept["service"]), facts=read(kept, ask.window), calls=trail.asked(), body=body,
        redacted=tuple(sorted(trail.removed)),
        completeness=Completeness(pages=trail.pages, items=len(list(kept["oncalls"])), note="items are on-calls"),
    )  # fmt: skip


def _body(ask: OnCallAsk, rota: Rota, trail: Trail, now: datetime) -> dict[str, JsonValue]:
    """The answers by a short name; raises the first failure on the way down the chain."""
    of = trail.take(rota.services[ask.service]).body
    policy = Node(of)["escalation_policy"]["id"].text()
    routes = trail.take(rota.policies[policy]).body
    _within_horizon(ask.window, now)
    oncalls = list(trail.take(rota.oncalls[policy, ask.window]).items)
    open_ended = cover.unbounded(Node(oncalls))
    schedules = {id: trail.take(rota.schedules[id, ask.window]).body for id in open_ended}
    body: dict[str, JsonValue] = {"service": of, "policy": routes, "oncalls": oncalls, "schedules": {**schedules}}
    return {**body, "users": {id: trail.take(rota.users[id]).body for id in cover.people(Node(body))}}


def _within_horizon(window: Window, now: datetime) -> None:
    if window.end > now + HORIZON:
        ready, end = (window.end - HORIZON).date() + timedelta(days=1), window.end.isoformat()
        raise Blind(
            f"PagerDuty gives no shifts more than {HORIZON.days} days ahead, and the window ends {end}",
            advice=f"Check this item again on {ready.isoformat()} or later.",
        )


def read(body: Node, window: Window) -> OnCallFacts:
    """The facts that a kept body holds; Malformed when it does not hold them."""
    of, policy = body["service"], body["policy"]
    levels = cover.levels(policy)
    cover.agree(levels, body["oncalls"])
    return OnCallFacts(
        service=resource(named(of)), service_state=state(of["status"]), urgency=urgency(of),
        policy=resource(named(policy)), levels=levels, shifts=cover.shifts(body, window),
        responders=tuple(reach.responder(body["users"][id]) for id in cover.people(body)),
    )  # fmt: skip
