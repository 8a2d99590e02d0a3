"""Links that log in once, sessions that end, and tokens bound to a session and a form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.surfaces.web.sessions import IDLE, LINK_LASTS, LONGEST, Sessions

NOW = datetime(2026, 6, 17, 14, tzinfo=UTC)


def test_a_link_logs_in_once():
    """Whoever finds it in a history later finds nothing."""
    sessions = Sessions()
    token = sessions.new_link(NOW)

    assert sessions.redeem(token, "mike.chen", NOW) is not None
    assert sessions.redeem(token, "mike.chen", NOW) is None


def test_a_link_is_good_for_ten_minutes():
    sessions = Sessions()
    token = sessions.new_link(NOW)

    assert sessions.redeem(token, "mike.chen", NOW + LINK_LASTS) is None
    assert sessions.redeem(token, "mike.chen", NOW) is None


def test_a_new_link_ends_the_one_before():
    sessions = Sessions()
    old, new = sessions.new_link(NOW), sessions.new_link(NOW)

    assert sessions.redeem(old, "mike.chen", NOW) is None
    assert sessions.redeem(new, "mike.chen", NOW) is not None


def test_a_guessed_token_neither_logs_in_nor_uses_the_link_up():
    sessions = Sessions()
    token = sessions.new_link(NOW)

    assert sessions.redeem("guess", "mike.chen", NOW) is None
    assert sessions.link_is_out(NOW)
    assert sessions.redeem(token, "mike.chen", NOW) is not None


@pytest.mark.parametrize(("steps", "wait"), [(1, IDLE), (13, IDLE - timedelta(minutes=1))])
def test_a_session_ends_when_idle_and_after_half_a_day(steps: int, wait: timedelta):
    """An hour without a look, or twelve hours of looking."""
    sessions = Sessions()
    cookie = sessions.redeem(sessions.new_link(NOW), "mike.chen", NOW)
    alive = [sessions.of(cookie, NOW + wait * step) is not None for step in range(1, steps + 1)]

    assert alive[-1] is False
    assert all(alive[:-1])
    assert wait * steps >= min(IDLE, LONGEST)


def test_a_clock_that_was_set_back_ends_the_session():
    sessions = Sessions()
    cookie = sessions.redeem(sessions.new_link(NOW), "mike.chen", NOW)

    assert sessions.of(cookie, NOW - timedelta(seconds=1)) is None


def test_the_token_of_a_form_is_bound_to_its_session_and_path():
    """One made for another form, or in another session, is worth nothing."""
    sessions = Sessions()
    one, other = (sessions.of(sessions.redeem(sessions.new_link(NOW), "mike.chen", NOW), NOW) for _ in range(2))
    assert one is not None
    assert other is not None

    assert one.token("/a") == one.token("/a")
    assert len({one.token("/a"), one.token("/b"), other.token("/a")}) == 3


def test_nothing_that_is_kept_is_a_token():
    """Memory holds digests only."""
    sessions = Sessions()
    token = sessions.new_link(NOW)
    cookie = sessions.redeem(token, "mike.chen", NOW)
    kept = sessions.new_link(NOW)

    assert token not in repr(sessions)
    assert str(cookie) not in repr(sessions)
    assert kept not in repr(sessions)
