"""Each vendor says in its own header when to come back; nothing else makes us wait long."""

from __future__ import annotations

import time
from email.utils import formatdate

import httpx2
import pytest

from collectors.pauses import JITTER, backoff, pause, used_up

NOW = 1_781_000_000  # the vendor's clock in these answers, whatever ours says
DATE = formatdate(NOW, usegmt=True)


def waits(status: int, **headers: str) -> float | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return pause(status, httpx2.Headers({"date": DATE, **named}), 1)


@pytest.mark.parametrize(
    ("vendor", "headers"),
    [
        ("Slack, and LaunchDarkly by address", {"Retry_After": "3"}),
        ("GitHub's secondary limit, as an instant", {"Retry_After": formatdate(NOW + 3, usegmt=True)}),
        ("PagerDuty", {"ratelimit_reset": "3"}),
        ("Datadog", {"X_RateLimit_Reset": "3"}),
        ("GitHub", {"x_ratelimit_reset": str(NOW + 3)}),
        ("Okta", {"X_Rate_Limit_Reset": str(NOW + 3)}),
        ("LaunchDarkly", {"X_Ratelimit_Reset": f"{NOW + 3}000"}),
    ],
)
def test_a_429_is_waited_for_as_its_vendor_asks(vendor: str, headers: dict[str, str]):
    """By the clock of the vendor's own answer, and a bounded jitter later."""
    wait = waits(429, **headers)

    assert wait is not None, vendor
    assert 3 <= wait <= 3 + JITTER


def test_what_lies_behind_is_not_waited_for():
    assert waits(429, x_ratelimit_reset=str(NOW - 60)) <= JITTER


def test_retry_after_goes_before_a_reset():
    assert 1 <= waits(429, retry_after="1", x_ratelimit_reset=str(NOW + 900)) <= 1 + JITTER


@pytest.mark.parametrize("value", ["", "soon", "-5", "1e9", "99999999999999999999", "Thu, 99 Foo 2026"])
def test_a_reset_that_cannot_be_read_leaves_the_short_backoff(value: str):
    assert 0.1 <= waits(429, retry_after=value, x_ratelimit_reset=value) <= 0.2


def test_a_failing_server_is_asked_again_soon_whatever_its_limit_says():
    """Resets come with every answer; only Retry-After speaks of the failure."""
    assert waits(500, ratelimit_reset="60", x_ratelimit_reset=str(NOW + 3600)) <= 0.2
    assert 60 <= waits(503, retry_after="60") <= 60 + JITTER


def test_a_403_is_a_limit_only_where_it_says_so():
    """As GitHub's do; every other refusal stands."""
    assert waits(403) is None
    assert waits(403, x_ratelimit_remaining="41", x_ratelimit_reset=str(NOW + 3)) is None
    assert 3 <= waits(403, x_ratelimit_remaining="0", x_ratelimit_reset=str(NOW + 3)) <= 3 + JITTER
    assert 2 <= waits(403, retry_after="2") <= 2 + JITTER


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 404])
def test_other_answers_stand(status: int):
    assert waits(status, retry_after="1") is None


def test_without_a_date_our_own_clock_counts():
    wait = pause(429, {"x-ratelimit-reset": str(int(time.time()) + 4)}, 1)

    assert wait is not None
    assert 2.5 <= wait <= 4 + JITTER


def test_the_backoff_doubles():
    assert [0.1 * 2**n <= backoff(n + 1) <= 0.2 * 2**n for n in range(4)] == [True] * 4


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"ratelimit-remaining": "0", "ratelimit-reset": "12"}, 12.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "3"}, 3.0),
        ({"x-ratelimit-route-remaining": "0", "x-ratelimit-global-remaining": "40", "x-ratelimit-reset": "4"}, 4.0),
        ({"ratelimit-remaining": "1", "ratelimit-reset": "12"}, None),
        ({"ratelimit-remaining": "0"}, None),
        ({}, None),
    ],
)
def test_an_answer_that_leaves_nothing_says_when_there_is_more(headers: dict[str, str], seconds: float | None):
    """The next call would be refused: it is not sent."""
    assert used_up(headers) == seconds
