"""The gate's own checks."""

from __future__ import annotations

import pytest

from agent.cards import Launch
from agent.probes.launch import launch_after_review, launch_is_business_day, post_launch_review_booked
from tests.builders import ZONE, at, day, told


def launch(on: str, review: str | None = None) -> Launch:
    return Launch(date=day(on), holidays=(day("2026-06-19"), day("2026-07-27")), review=day(review) if review else None)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-06-22", "pass: The launch falls on Monday, 22 June 2026, a business day."),
        (
            "2026-06-13",
            "fail: The launch falls on Saturday, 13 June 2026, a day of the weekend and not a business day.",
        ),
        ("2026-06-14", "fail: The launch falls on Sunday, 14 June 2026, a day of the weekend and not a business day."),
        ("2026-06-19", "fail: The launch falls on Friday, 19 June 2026, a holiday on the card and not a business day."),
    ],
)
def test_a_launch_falls_on_a_business_day_or_not(on: str, expected: str):
    """Monday to Friday, holidays excepted."""
    assert told(launch_is_business_day(launch=launch(on))) == expected


@pytest.mark.parametrize(
    ("as_of", "outcome"), [("2026-06-22T23:00", "pass"), ("2026-06-23T03:00Z", "pass"), ("2026-06-23T04:00Z", "fail")]
)
def test_a_launch_may_fall_on_the_day_of_the_review_and_not_before(as_of: str, outcome: str):
    """The day counts in the card's zone."""
    found = told(launch_after_review(launch=launch("2026-06-22"), zone=ZONE, as_of=at(as_of)))
    assert found.startswith(outcome)


def test_a_launch_before_the_review_names_both_days():
    """It has been already."""
    found = launch_after_review(launch=launch("2026-06-12"), zone=ZONE, as_of=at("2026-06-17T10:00"))
    assert told(found) == (
        "fail: The launch on Friday, 12 June 2026 lies before the review on Wednesday, 17 June 2026."
    )


def booked(review: str | None, on: str = "2026-06-22") -> str:
    return told(post_launch_review_booked(launch=launch(on, review), after_days=30))


def test_a_review_thirty_days_after_launch_passes():
    """Up to three days later, past a weekend and a holiday."""
    assert booked("2026-07-22") == "pass: The post-launch review on Wednesday, 22 July 2026 is 30 days after launch."
    assert booked("2026-07-28", on="2026-06-25").startswith("pass")


@pytest.mark.parametrize("review", ["2026-07-21", "2026-07-27"])
def test_a_review_too_early_or_too_late_fails(review: str):
    """Both limits are named."""
    assert booked(review).endswith("days after launch, and not 30 days to 33 days.")


def test_a_review_on_a_weekend_fails():
    """Thirty-three days, and nobody at work."""
    assert booked("2026-07-25") == "fail: The post-launch review falls on Saturday, 25 July 2026, not a business day."


def test_a_review_that_the_card_leaves_out_will_be_booked():
    """Thirty days on is Saturday the 25th, and Monday a holiday."""
    assert booked(None, on="2026-06-25") == (
        "pass: The card names no post-launch review, and Clearance will book Tuesday, 28 July 2026."
    )
