"""launchdarkly.rollout: which share of everybody a flag gives each of its values to in one environment.

Read as `launchdarkly.flag` is: a few by key, many from the project's list. Shares are those of the default rule; how
many rules, targets and prerequisites there are beside it is told, and what they serve is not weighed. Out of scope:
guarded and progressive rollouts (LaunchDarkly moves the shares of those itself; today's count), and who came by.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from pydantic import JsonValue

from collectors.connections import Connections
from collectors.errors import Malformed
from collectors.evidence import Answer, Number, Origin, Resource, State, Time, pointer
from collectors.launchdarkly.client import Rest, ask_all
from collectors.launchdarkly.facts import RolloutAsk, RolloutFacts, Served
from collectors.launchdarkly.flag import answer_of, lifecycle_of, served
from collectors.launchdarkly.reading import Json, instant, named, object_at, on_off, true_or_false, whole

WHOLE = 100_000  # weights are in thousandths of a percent
TARGETS = ("targets", "contextTargets")  # of users, and of contexts of every kind


def rollout(conn: Connections, asks: Sequence[RolloutAsk]) -> Iterable[Answer]:
    """The share of everybody that gets each value of a flag by its default rule, from its configuration."""
    return ask_all(conn, asks, lambda rest: partial(_answer, rest))


def _answer(rest: Rest, ask: RolloutAsk) -> Answer:
    return answer_of(rest, ask, facts_of)


def facts_of(body: Json, ask: RolloutAsk) -> RolloutFacts:
    """The typed facts of a redacted flag that stands under `/flag`."""
    held = object_at(body["environments"], ask.environment, named(ask))
    at = ("flag", "environments", ask.environment)
    changed = instant(held, "lastModified", named(ask))
    return RolloutFacts(
        flag=Resource(value=ask.flag, pointer="/flag/key"),
        environment=Resource(value=ask.environment, pointer=pointer(*at)),
        on=State(value=on_off(true_or_false(held, "on", named(ask))), pointer=pointer(*at, "on")),
        lifecycle=lifecycle_of(body, held, ask),
        last_modified=Time(value=changed, pointer=pointer(*at, "lastModified"), at=changed),
        rules=_counted(held, ask, "rules", "rules"), targets=_counted(held, ask, "lists of targets", *TARGETS),
        prerequisites=_counted(held, ask, "prerequisites", "prerequisites"), served=_served(body, held, ask),
    )  # fmt: skip


def _counted(held: Json, ask: RolloutAsk, unit: str, *names: str) -> Number:
    """How many stand in these lists together; a list that is not told is Malformed."""
    count = 0
    for name in names:
        listed = held.get(name)
        if not isinstance(listed, list):
            raise Malformed(f"LaunchDarkly's answer about {named(ask)} holds no list `{name}`", status=200)
        count += len(listed)
    return Number(value=count, unit=unit, origin=Origin.CODE)


def _served(body: Json, held: Json, ask: RolloutAsk) -> tuple[Served, ...]:
    """By the default rule: one value for all, or shares that must add up to everybody."""
    rule, what = object_at(held, "fallthrough", named(ask)), named(ask)
    if rule.get("rollout") is None:
        everybody = Number(value=100, unit="percent", origin=Origin.CODE)
        return (Served(value=_value(body, rule.get("variation"), what), share=everybody),)
    steps = object_at(rule, "rollout", what).get("variations")
    if not isinstance(steps, list) or not all(isinstance(one, dict) for one in steps):
        raise Malformed(f"LaunchDarkly's answer about {what} holds a rollout without its shares", status=200)
    shares = [_share(i, one, body, ask) for i, one in enumerate(steps) if isinstance(one, dict)]
    if sum(whole(one, "weight", what) for one in steps if isinstance(one, dict)) != WHOLE:
        raise Malformed(f"LaunchDarkly's answer about {what} holds shares that are not everybody", status=200)
    return tuple(shares)


def _share(place: int, step: Json, body: Json, ask: RolloutAsk) -> Served:
    at = ("flag", "environments", ask.environment, "fallthrough", "rollout", "variations", place, "weight")
    weight = whole(step, "weight", named(ask))
    if not 0 <= weight <= WHOLE:
        raise Malformed(f"LaunchDarkly's answer about {named(ask)} holds a share that is none", status=200)
    share = Number(value=weight * 100 / WHOLE, unit="percent", pointer=pointer(*at))
    return Served(value=_value(body, step.get("variation"), named(ask)), share=share)


def _value(body: Json, index: JsonValue, what: str) -> State:
    found = served(body, index)
    if found is None:
        raise Malformed(f"LaunchDarkly's answer about {what} names a value that the flag has not", status=200)
    return found
