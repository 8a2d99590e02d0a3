"""The kept body and the facts in it: each pointer leads to its value, and no oddity crashes or improves anything."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from collectors.errors import Malformed
from collectors.evidence import Evidence, Facts, Origin, Request, resolve
from collectors.pagerduty import incidents, on_call
from collectors.pagerduty.reading import Node
from tests.collectors.pagerduty.pagerduty_account import (
    AFTER_LAUNCH,
    PILOT,
    Account,
    MakeAccount,
    incidents_of,
    rota_of,
)

ASKS: tuple[Request, ...] = (rota_of(), rota_of("PLEDGER"), incidents_of(), incidents_of("PLEDGER"))


@pytest.mark.parametrize("ask", ASKS)
def test_every_pointer_leads_to_its_value(account: Account, ask: Request) -> None:
    answer = account.ask(ask)
    assert pointers_hold(answer.facts, answer.body) > 5


def test_the_pointers_into_a_schedule_of_its_own_hold_too(make_account: MakeAccount) -> None:
    answer = make_account(edit=lambda data: data["schedules"][1].update(open_ended=True)).ask(rota_of())
    assert any("/schedules/PINVBAK/" in fact.pointer for fact in facts_in(answer.facts))
    assert pointers_hold(answer.facts, answer.body) > 5


def test_the_pointers_into_maintenance_hold_too(make_account: MakeAccount) -> None:
    span = {"id": "PMW1", "services": ["PINVREC"], "start": PILOT.start, "end": PILOT.end}
    answer = make_account(edit=lambda data: data.update(maintenance=[span])).ask(incidents_of())
    assert {fact.pointer for fact in facts_in(answer.facts)} > {
        "/maintenance/0/start_time",
        "/maintenance/0/end_time",
    }
    assert pointers_hold(answer.facts, answer.body) > 5


def test_the_pointers_into_a_policy_of_its_own_hold_too(account: Account) -> None:
    """The service came with a mere reference to it."""
    account.says("/services/PINVREC", account.get("/services/PINVREC"))
    answer = account.ask(rota_of())
    assert any(fact.pointer.startswith("/policy/") for fact in facts_in(answer.facts))
    assert pointers_hold(answer.facts, answer.body) > 5


@pytest.mark.parametrize("ask", ASKS)
def test_no_null_missing_or_odd_field_crashes_or_improves_anything(account: Account, ask: Request) -> None:
    answer = account.ask(ask)
    best, read = good_news(answer.facts), 0
    for spoilt in spoilt_copies(answer.body):
        facts = facts_or_none(answer, spoilt)
        if facts is not None:
            read += 1
            pointers_hold(facts, spoilt)
            assert good_news(facts) <= best
    assert read > 10


def facts_or_none(answer: Evidence, body: Any) -> Facts | None:
    try:
        if answer.request_type == "pagerduty.incidents":
            return incidents.read(Node(body), PILOT)
        return on_call.read(Node(body), AFTER_LAUNCH["as-written"])
    except Malformed:
        return None


def good_news(facts: Any) -> int:
    """How much speaks for the subject: cover and ways to reach people, or the absence of incidents."""
    if hasattr(facts, "count"):
        return -int(facts.count.value)
    hours = sum((shift.end.value - shift.start.value).total_seconds() for shift in facts.shifts) / 3600
    return int(hours) + sum(method.enabled for responder in facts.responders for method in responder.methods)


def spoilt_copies(whole: Any) -> Iterator[Any]:
    """The body with one field null, absent or of another type; an item is never absent, for nobody could notice."""
    for *way, last in list(places(whole)):
        for value in (None, "absent", {"a": [1]}, -1, "", "x" * 300):
            copied = copy.deepcopy(whole)
            owner = copied
            for key in way:
                owner = owner[key]
            if value != "absent":
                owner[last] = value
            elif isinstance(last, str):
                del owner[last]
            yield copied


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every field, in the first item of each list."""
    if here:
        yield here
    keys = list(value) if isinstance(value, dict) else range(1 if isinstance(value, list) and value else 0)
    for key in keys:
        yield from places(value[key], (*here, key))


def pointers_hold(facts: Facts, body: Any) -> int:
    """The number of facts that point into the body, each checked against what stands there."""
    count = 0
    for fact in facts_in(facts):
        if fact.origin != Origin.EVIDENCE:
            assert fact.pointer == ""
            continue
        found: Any = resolve(body, fact.pointer)
        assert found == as_written(fact, found), fact.pointer
        count += 1
    return count


def as_written(fact: Any, found: Any) -> Any:
    if fact.kind == "duration":
        return fact.value / 60
    if fact.kind == "time":
        return found if type(fact.value).fromisoformat(found) == fact.value else None
    return fact.value


def facts_in(value: Any) -> Iterator[Any]:
    if hasattr(value, "pointer") and hasattr(value, "origin"):
        yield value
    elif isinstance(value, tuple):
        for inner in value:
            yield from facts_in(inner)
    elif isinstance(value, Facts) or hasattr(type(value), "model_fields"):
        for name in type(value).model_fields:
            yield from facts_in(getattr(value, name))
