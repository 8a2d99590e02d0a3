"""Histories of many flags out of one log: the same as asked alone, and asked alone wherever that is in doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from collectors.evidence import Call, Evidence, GapReason, resolve, sha256
from collectors.launchdarkly.history import flag_history
from collectors.launchdarkly.shared import ALONE
from collectors.launchdarkly.shelf import FEW
from collectors.sandbox.faults import Fault
from collectors.sharing import Sharing
from tests.collectors.failures import FAILURES, long_enough

LIST = "/api/v2/auditlog"
MANY = 6
ON = "2026-05-20"  # every subject's switch is turned on that day, off and on again on 8 June, seconds apart


def drills(count: int = MANY) -> list[dict[str, Any]]:
    turns = (("on", f"{ON}T08:00"), ("off", "2026-06-08T16:00"), ("on", "2026-06-08T17:00"))
    return [
        {"flag": f"subject-{i}", "by": "6650a0000000000000000002", "turned": turned, "at": f"{at}:{i:02}-04:00"}
        for turned, at in turns for i in range(count)
    ]  # fmt: skip


@pytest.fixture
def drilled(place):
    """A place in which each of the subjects was drilled; `change` edits what the shared log answers, and only that."""

    def opened(change=lambda body: body, unlisted="", **options):
        edits = {
            LIST: lambda body: change(body) if asked_for(body).endswith("flag/*") else body,
            "/api/v2/flags/agents": items(lambda held: [item for item in held if item["key"] != unlisted]),
        }
        return place(events=drills(), flags=MANY, edits=edits, **options)

    return opened


@pytest.fixture
def asks(history_of):
    return [history_of(flag=f"subject-{i}") for i in range(MANY)]


def asked_for(body: Any) -> str:
    """The specifier that an audit log answers to."""
    return parse_qs(urlsplit(body["_links"]["self"]["href"]).query)["spec"][0]


def specs(here: Any) -> list[str]:
    """What the audit log was asked for, without project and environment."""
    return [(a.one("spec") or "").rsplit("/", 1)[1] for a in here.faults.seen if a.path == LIST]


def alone(here: Any, asks: Any) -> list[Any]:
    """What each question gets when it is the only one."""
    return [answer.facts for ask in asks for answer in flag_history(here.conn, [ask])]


def told(answers: Any) -> list[Any]:
    assert all(isinstance(answer, Evidence) for answer in answers), answers
    return [answer.facts for answer in answers]


def items(change: Any) -> Any:
    """An edit of the whole list of entries."""
    return lambda body: body | {"items": change(body["items"])}


def test_many_histories_are_those_of_asking_alone_from_one_log(drilled, asks):
    here = drilled()
    expected = alone(here, asks)
    here.faults.seen.clear()
    assert told(flag_history(here.conn, asks)) == expected
    assert specs(here) == ["*", "*", "*"]  # two pages of entries and one without
    assert [len(facts.changes) for facts in expected] == [3] * MANY


def test_every_fact_of_a_shared_log_points_into_its_own_body(drilled, asks):
    for answer in flag_history(drilled().conn, asks):
        assert len(answer.body["entries"]) == answer.completeness.items == 3
        for change in answer.facts.changes:
            assert resolve(answer.body, change.entry.pointer) == change.entry.value
            assert resolve(answer.body, change.turned.pointer) is (change.turned.value == "on")
        assert [call.pages for call in answer.calls if call.path == LIST] == [3]


def test_a_few_are_asked_alone(drilled, asks):
    here = drilled()
    told(flag_history(here.conn, asks[:FEW]))
    assert "*" not in specs(here)


def test_each_takes_the_entries_of_its_own_window(drilled, asks, history_of):
    short = history_of("2026-06-01", "2026-06-18", flag="subject-0")
    first, second, *_ = told(flag_history(drilled().conn, [short, *asks[1:]]))
    assert [len(first.changes), len(second.changes)] == [2, 3]


def test_a_flag_that_was_not_modified_in_the_window_needs_no_log_of_its_own(drilled, history_of):
    here = drilled()
    later = [history_of("2026-06-10", "2026-06-18", flag=f"subject-{i}") for i in range(MANY)]
    assert {facts.changes for facts in told(flag_history(here.conn, later))} == {()}
    assert set(specs(here)) == {"*"}


def test_a_flag_whose_last_change_the_shared_log_does_not_show_is_asked_alone(drilled, asks):
    """Whether the vendor heeds a wildcard as we read it is not left to trust."""

    def hides(held):
        return [item for item in held if "flag/subject-3" not in str(item["accesses"])]

    here = drilled(items(hides))
    answers = told(flag_history(here.conn, asks))
    assert [len(facts.changes) for facts in answers] == [3] * MANY
    assert {spec for spec in specs(here) if spec != "*"} == {"subject-3"}


def test_a_window_that_ended_before_the_last_change_is_asked_alone(drilled, history_of):
    """The flag's own date says nothing of what happened before it."""
    here = drilled()
    early = [history_of("2026-05-14", "2026-06-01", flag=f"subject-{i}") for i in range(MANY)]
    assert [len(facts.changes) for facts in told(flag_history(here.conn, early))] == [1] * MANY
    assert {spec for spec in specs(here) if spec != "*"} == {ask.flag for ask in early}


def test_a_question_about_another_time_does_not_use_the_log(drilled, asks, history_of):
    """A flag that stands in no list: whether it is one was not known when the log was read for the others."""
    here = drilled(unlisted="subject-0")
    answers = told(flag_history(here.conn, [history_of("2026-05-10", "2026-06-18", flag="subject-0"), *asks[1:]]))
    assert [len(facts.changes) for facts in answers] == [3] * MANY
    assert {spec for spec in specs(here) if spec != "*"} == {"subject-0"}


def an_entry_without_place(held):
    return [item | ({"accesses": None, "target": None} if n == 0 else {}) for n, item in enumerate(held)]


def a_broken_entry(held):
    return [*held, None]


@pytest.mark.parametrize("change", [an_entry_without_place, a_broken_entry, lambda held: held[::-1]])
def test_a_shared_log_that_cannot_be_trusted_leaves_everybody_to_be_asked_alone(drilled, asks, change):
    """An entry of nobody, none at all, or the oldest first."""
    here = drilled(items(change))
    expected = alone(here, asks)
    assert told(flag_history(here.conn, asks)) == expected
    assert {ask.flag for ask in asks} <= set(specs(here))


def test_a_log_of_strangers_is_left_when_it_costs_what_asking_alone_does(drilled, asks):
    count = {"page": 0}

    def endless(held):
        count["page"] += 1
        return [item | {"_id": f"{item['_id']}-{count['page']}"} for item in held]

    here = drilled(items(endless))
    assert [len(facts.changes) for facts in told(flag_history(here.conn, asks))] == [3] * MANY
    assert specs(here).count("*") == ALONE * MANY


def test_a_run_reads_a_log_once_for_all_its_batches(drilled, asks):
    here = drilled()
    run = replace(here.conn, sharing=Sharing())
    expected = alone(here, asks)
    before = specs(here)
    batches = [list(flag_history(run, asks)) for _ in range(3)]
    pages = specs(here)[len(before) :]
    assert set(pages) == {"*"}
    for answers in batches:
        assert [answer.facts for answer in answers] == expected
        assert {sum(call.pages for call in answer.calls if call.path == LIST) for answer in answers} == {len(pages)}


def test_an_entry_that_names_the_flag_and_all_of_them_counts_once(drilled, asks):
    everybody = {"action": "updateName", "resource": "proj/agents:env/production:flag/*"}

    def more(held):
        return [item | {"accesses": [*item["accesses"], everybody]} for item in held]

    here = drilled(items(more))
    answers = list(flag_history(here.conn, asks))
    assert [len(facts.changes) for facts in told(answers)] == [3] * MANY
    assert set(specs(here)) == {"*"}
    for answer in answers:
        ids = [entry["_id"] for entry in answer.body["entries"]]
        assert 3 * MANY <= len(ids) == len(set(ids))  # of the others each may speak as well


def test_a_log_serves_whoever_asks_later_about_less_and_nobody_who_asks_about_more(drilled, asks, history_of):
    here = drilled()
    run = replace(here.conn, sharing=Sharing())
    told(flag_history(run, asks))
    pages = len(specs(here))
    for count, start in ((0, "2026-05-16"), (pages, "2026-05-10")):
        before = len(specs(here))
        others = [history_of(start, "2026-06-18", flag=f"subject-{i}") for i in range(MANY)]
        assert [len(facts.changes) for facts in told(flag_history(run, others))] == [3] * MANY
        assert specs(here)[before:] == ["*"] * count


def test_a_page_that_was_refused_at_first_is_cited_beside_the_pages(drilled, asks):
    here = drilled()
    here.faults.set(Fault(kind="status", status=429, path=LIST, after=1, times=1, headers={"retry-after": "0"}))
    answers = list(flag_history(here.conn, asks))
    assert told(answers) == alone(here, asks)
    for answer in answers:
        assert [(call.status, call.pages) for call in answer.calls if call.path == LIST] == [(429, 1), (200, 3)]


def test_pages_are_cited_as_one_with_the_digest_of_all_of_theirs(drilled, asks):
    heard = []
    here = drilled()
    conn = replace(here.conn, observe=lambda vendor, call: heard.append(call))
    (cited,) = {call for answer in flag_history(conn, asks) for call in answer.calls if call.path == LIST}
    pages = [call for call in heard if call.path == LIST]
    assert cited.query == pages[0].query
    assert cited.body_sha256 == sha256("".join(f"{call.body_sha256}\n" for call in pages).encode())
    assert Call.model_validate_json(cited.model_dump_json()) == cited
    assert "pages" not in pages[0].model_dump()


def test_a_run_that_found_a_log_too_long_does_not_begin_it_again(drilled, asks):
    here = drilled(items(lambda held: [item | {"_id": f"{item['_id']}-{uuid4()}"} for item in held]))
    run = replace(here.conn, sharing=Sharing())
    for _ in range(3):
        assert [len(facts.changes) for facts in told(flag_history(run, asks))] == [3] * MANY
    assert specs(here).count("*") == ALONE * MANY


def test_a_log_that_failed_is_asked_again_by_the_next_batch(drilled, asks):
    here = drilled()
    run = replace(here.conn, sharing=Sharing())
    here.faults.set(Fault(kind="status", status=403, path=LIST))
    assert {answer.reason for answer in flag_history(run, asks)} == {GapReason.DENIED}
    here.faults.set()
    assert [len(facts.changes) for facts in told(flag_history(run, asks))] == [3] * MANY


@pytest.mark.parametrize(("fault", "reason"), FAILURES)
def test_a_shared_log_that_fails_is_never_a_shorter_history(drilled, asks, fault, reason):
    here = drilled(timeout=long_enough(fault))
    here.faults.set(Fault(**{**vars(fault), "path": LIST}))
    answers = flag_history(here.conn, asks)
    assert {answer.reason for answer in answers} == {reason}
    if reason == GapReason.DENIED:
        assert all("Reader role" in answer.scope for answer in answers)


def test_a_second_page_that_fails_is_everyones_gap(drilled, asks):
    here = drilled()
    here.faults.set(Fault(kind="status", status=429, path=LIST, after=1, headers={"retry-after": "60"}))
    answers = flag_history(here.conn, asks)
    assert {answer.reason for answer in answers} == {GapReason.THROTTLED}
    assert specs(here) == ["*", "*"]
