"""What chat keeps, in both databases: one of many processes takes a delivery, and a result goes out once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from agent.errors import UsageError
from agent.store import chat, tokens
from agent.store.database import open_engine
from agent.store.outbox import Notice
from agent.store.schema import outbox
from agent.store.tokens import Token
from tests.fleet.conftest import engine, postgres, server, url

__all__ = ["engine", "postgres", "server", "url"]
NOW = datetime(2026, 6, 12, 16, tzinfo=UTC)
ROW = {"channel": "C1", "thread": "1.0", "person": "mike.chen", "subject": "a", "gate": "g", "job": 1}


def test_of_many_processes_one_takes_a_delivery(url: str, engine: Engine):
    """Each over an engine of its own, all at once."""
    engines = [open_engine(url) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        claimed = list(pool.map(lambda one: chat.claim(one, "event:Ev1", NOW), engines))
        waits = list(pool.map(lambda one: chat.wait(one, "event:Ev2", ROW, NOW), engines))
    for one in engines:
        one.dispose()

    assert sorted(claimed) == [False] * 5 + [True]
    assert sum(number > 0 for number in waits) == 1
    assert chat.seen(engine, "event:Ev2")
    assert len(chat.waiting(engine)) == 1


def test_two_questions_in_one_thread_at_the_same_instant_wait_once(url: str, engine: Engine):
    engines = [open_engine(url) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        waits = list(pool.map(lambda n: chat.wait(engines[n], f"event:{n}", ROW, NOW), range(6)))
    for one in engines:
        one.dispose()

    assert len(set(waits)) == 1
    assert [row.id for row in chat.waiting(engine)] == waits[:1]


def test_a_thread_may_ask_again_once_it_was_told(engine: Engine):
    first = chat.wait(engine, "", ROW, NOW)
    chat.finish(engine, first, "rv-1", (), NOW)

    assert chat.wait(engine, "", ROW, NOW) not in (0, first)


def test_two_questions_in_a_channel_begin_a_thread_each(engine: Engine):
    first, second = (chat.wait(engine, "", {**ROW, "thread": ""}, NOW) for _ in range(2))
    for number, thread in ((first, "2.0"), (second, "3.0")):
        chat.thread_is(engine, number, thread)

    assert [row.thread for row in chat.waiting(engine)] == ["2.0", "3.0"]


def test_who_asked_in_a_thread_before_its_beginning_was_noted_is_told_once(engine: Engine):
    begun = chat.wait(engine, "", {**ROW, "thread": ""}, NOW)
    inside = chat.wait(engine, "", ROW, NOW)
    chat.thread_is(engine, begun, "1.0")

    assert [row.id for row in chat.waiting(engine)] == [inside]


def test_a_delivery_is_forgotten_when_slack_has_long_given_up(engine: Engine):
    chat.claim(engine, "event:Ev1", NOW)
    chat.claim(engine, "event:Ev2", NOW + chat.KEPT + timedelta(seconds=1))

    assert not chat.seen(engine, "event:Ev1")
    assert chat.seen(engine, "event:Ev2")


def test_a_result_goes_into_the_outbox_once(engine: Engine):
    number = chat.wait(engine, "k", ROW, NOW)
    notices = (Notice("mike.chen", f"chat:{number}", {"channel": "C1"}, NOW),)

    assert [chat.finish(engine, number, "rv-1", notices, NOW) for _ in range(2)] == [True, False]
    with engine.connect() as connection:
        assert len(connection.execute(select(outbox)).all()) == 1
    assert chat.waiting(engine) == []


def test_a_thread_is_told_the_same_once(engine: Engine):
    number = chat.wait(engine, "k", ROW, NOW)

    assert [chat.said(engine, number, "running 1") for _ in range(2)] == [True, False]
    assert chat.said(engine, number, "running 2")


def test_what_a_place_asked_about_last(engine: Engine):
    chat.wait(engine, "k1", ROW, NOW)
    chat.wait(engine, "k2", {**ROW, "thread": "2.0", "subject": "b"}, NOW)

    assert [chat.about(engine, "C1", thread).subject for thread in ("1.0", "2.0", "")] == ["a", "b", "b"]  # type: ignore[union-attr]
    assert chat.about(engine, "C2") is None


def test_a_name_of_a_token_is_never_used_twice(engine: Engine):
    """A log that names it means one token for good."""
    one = Token("0123456789ab", "ci", "0" * 64, "read", "", "", "", "")
    tokens.add(engine, one)

    assert tokens.revoke(engine, "ci", NOW)
    assert not tokens.revoke(engine, "ci", NOW)
    with pytest.raises(UsageError, match="there is a token called 'ci' already"):
        tokens.add(engine, Token("ba9876543210", "ci", "1" * 64, "read", "", "", "", ""))
