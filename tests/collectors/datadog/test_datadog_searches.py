"""Many event searches are one, where each event shows whose it is; what that one does not show is asked for alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from collectors.datadog.events import Read
from collectors.datadog.facts import LogsAsk
from collectors.datadog.logs import logs
from collectors.datadog.searches import FEW, groups, parted
from collectors.datadog.views import dashboard_views, query_for
from collectors.errors import Truncated
from collectors.evidence import Evidence, Gap, GapReason
from collectors.sandbox.server import Asked, Reply, reply_json
from tests.acceptance.between import between
from tests.bench.fleet_more import fired, guarded, looked_at, looks_at

SEARCH, TRAIL = "/api/v2/logs/events/search", "/api/v2/audit/events/search"
N = 12


def a(service: str) -> str:
    return f"service:{service} @guardrail:x"


def with_subjects(data: dict[str, Any]) -> None:
    guarded(data, N)
    looked_at(data, N)


@pytest.fixture
def crowded(changed_once):
    return changed_once(with_subjects)


def together(queries: list[str]) -> list[str]:
    found, _ = groups([(query, "") for query in queries])
    return [group.query for group in found]


def test_searches_that_differ_in_one_value_are_one():
    assert together([a(name) for name in "edcba"]) == ["@guardrail:x service:(a OR b OR c OR d OR e)"]


@pytest.mark.parametrize(
    "odd",
    [
        "service:e @guardrail:y", "service:e @guardrail:x @guardrail:y", "service:e -@guardrail:x", "e @guardrail:x",
        "service:e* @guardrail:x", 'service:"e" @guardrail:x', "service:OR @guardrail:x", "(service:e) @guardrail:x",
        "service:e @guardrail:x OR service:f", "service:e",
    ],
)  # fmt: skip
def test_whatever_is_not_plainly_the_same_question_is_asked_as_it_stands(odd: str):
    found, alone = groups([(query, "") for query in [*(a(f"s{i}") for i in range(FEW + 1)), odd]])

    assert [len(group.members) for group in found] == [FEW + 1]
    assert alone == [(odd, "")]


def test_a_few_and_those_that_differ_in_a_tag_only_are_asked_one_by_one():
    """An event's tags are not kept, so nothing would show whose it is."""
    assert together([a(f"s{i}") for i in range(FEW)]) == []
    assert together([f"env:e{i} @guardrail:x" for i in range(N)]) == []


def test_the_paths_of_dashboards_are_one_search():
    (query,) = together([query_for(f"d{i}") for i in range(5)])
    assert "@http.url_details.path:(/api/v1/dashboard/d0 OR /api/v1/dashboard/d1 OR" in query


def event(**attributes: object) -> dict[str, Any]:
    return {"id": "1", "attributes": {"service": attributes.pop("service", "s"), "attributes": attributes}}


@pytest.mark.parametrize("stranger", ["s9", None, 7, "S0", {"name": "s0"}, ["s0"]])
def test_an_event_that_is_nobodys_leaves_everyone_to_be_asked_alone(stranger: object):
    (group,), _ = groups([(a(f"s{i}"), "") for i in range(5)])
    own, other = event(service="s0"), event(service=stranger)

    assert parted(group, lambda query, most: Read((own,), 1)).keys() == {"s0"}
    assert parted(group, lambda query, most: Read((own, other), 1)) == {}


def test_an_attribute_is_found_nested_or_with_its_dots_and_not_where_it_is_both():
    (group,), _ = groups([(f"service:s @run.kind:k{i}", "") for i in range(5)])

    def of(**attributes: object) -> set[str]:
        return {*parted(group, lambda query, most: Read((event(**attributes),), 1))}

    assert of(run={"kind": "k1"}) == {"k1"}
    assert of(**{"run.kind": "k2"}) == {"k2"}
    assert of(**{"run.kind": "k2", "run": {"kind": "k1"}}) == set()


def test_a_search_that_would_take_longer_than_asking_alone_is_given_up():
    (group,), _ = groups([(a(f"s{i}"), "") for i in range(6)])

    def endless(query: str, most: int) -> Read:
        assert most == 6
        raise Truncated("goes on")

    assert parted(group, endless) == {}


def test_one_search_answers_all_as_their_own_would(crowded):
    """Events, times and outcomes are the same; the calls say what was really asked."""
    asks = [fired(i) for i in range(N)]
    alone = [crowded.ask(ask, timeout=10.0)[0] for ask in asks]
    crowded.calls.clear()

    shared = crowded.ask(*asks, timeout=10.0)

    assert [call.path for call in crowded.calls] == [SEARCH] * 2
    assert [answer.facts for answer in shared] == [answer.facts for answer in alone]
    assert [answer.body for answer in shared] == [answer.body for answer in alone]
    assert all("subject-11" in answer.calls[0].query for answer in shared)


def test_who_has_no_event_in_it_is_asked_alone(crowded):
    """The shared answer proves that something happened, never that nothing did."""
    silent = LogsAsk(query="service:nobody @guardrail:input_validation", window=crowded.pilot)

    *_, last = crowded.ask(*(fired(i) for i in range(N)), silent, timeout=10.0)

    assert last.facts.count.value == 0
    assert len(crowded.calls) == 3
    assert "nobody" in last.calls[-1].query


def test_looks_at_many_dashboards_are_one_search_and_our_own_reading_is_none(crowded):
    asks = [looks_at(i) for i in range(N)]
    alone = [crowded.ask(ask, timeout=10.0)[0] for ask in asks]
    crowded.calls.clear()

    shared = crowded.ask(*asks, timeout=10.0)

    assert [call.path for call in crowded.calls] == [TRAIL] * 3  # the oldest event, the looks, the bare last page
    assert [answer.facts for answer in shared] == [answer.facts for answer in alone]
    assert [len(answer.facts.views) for answer in shared] == [1] * N


def only_together(asked: Asked, whole: Callable[[], Reply]) -> Reply:
    """A vendor that refuses the shared search, or answers a part of it."""
    return reply_json({"errors": ["too long"]}, 400) if " OR " in asked.body.decode() else whole()


def in_part(asked: Asked, whole: Callable[[], Reply]) -> Reply:
    shared = " OR " in asked.body.decode()
    return reply_json({"data": [], "meta": {"status": "timeout"}}) if shared else whole()


def refused(asked: Asked, whole: Callable[[], Reply]) -> Reply:
    return reply_json({"errors": ["Forbidden"]}, 403)


@pytest.mark.parametrize("change", [only_together, in_part])
def test_a_shared_search_that_fails_or_comes_in_part_spoils_nobodys_own(crowded, change):
    with at(crowded, change) as conn:
        answers = logs(conn, [fired(i) for i in range(N)])

    assert [answer.facts.count.value for answer in answers if isinstance(answer, Evidence)] == [2] * N


def long_name(i: int) -> LogsAsk:
    ask = fired(i)
    return ask.model_copy(update={"query": ask.query.replace("subject-", "subject-with-a-rather-long-name-")})


@pytest.mark.parametrize(("collector", "ask"), [(logs, long_name), (dashboard_views, looks_at)])
def test_a_refusal_is_everyones_and_is_not_asked_again(crowded, collector, ask):
    asked: list[Asked] = []

    def heard(one: Asked, whole: Callable[[], Reply]) -> Reply:
        asked.append(one)
        return refused(one, whole)

    with at(crowded, heard) as conn:
        answers = collector(conn, [ask(i) for i in range(N)])

    assert {answer.reason for answer in answers if isinstance(answer, Gap)} == {GapReason.DENIED}
    assert len(answers) == N
    assert len(asked) == 1
    assert all(len(answer.what) < 500 for answer in answers if isinstance(answer, Gap))


@contextmanager
def at(lab, change):
    """The connections of a lab, by way of a vendor that a test changed."""
    with between(lab.url, change) as url:
        conn = lab.conn
        yield replace(conn, timeout=10.0, datadog=replace(conn.datadog, base_url=url))
