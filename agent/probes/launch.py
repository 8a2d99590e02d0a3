"""The gate's own checks: the launch day, its place after the review, and the post-launch review."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from agent.cards import Launch, Zone
from agent.domain import Finding
from agent.probes.findings import day, failed, number, passed
from agent.probes.registry import probe
from collectors.evidence import Day, Fact, Origin

_SATURDAY = 5
_SLACK = 3  # days by which the post-launch review may be later: a weekend and a holiday


@probe
def launch_is_business_day(*, launch: Launch) -> Finding:
    """The launch falls on a day from Monday to Friday that is no holiday on the card."""
    facts: dict[str, Fact] = {"launch_day": _launch_day(launch)}
    if launch.date.weekday() >= _SATURDAY:
        return failed("The launch falls on {launch_day}, a day of the weekend and not a business day", facts)
    if launch.date in launch.holidays:
        return failed("The launch falls on {launch_day}, a holiday on the card and not a business day", facts)
    return passed("The launch falls on {launch_day}, a business day", facts)


@probe
def launch_after_review(*, launch: Launch, zone: Zone, as_of: AwareDatetime) -> Finding:
    """The launch is not before the day of the review, in the card's zone."""
    today = as_of.astimezone(ZoneInfo(zone)).date()
    facts: dict[str, Fact] = {"launch_day": _launch_day(launch), "review_day": day(today)}
    if launch.date < today:
        return failed("The launch on {launch_day} lies before the review on {review_day}", facts)
    return passed("The launch on {launch_day} does not come before the review on {review_day}", facts)


@probe
def post_launch_review_booked(*, launch: Launch, after_days: int) -> Finding:
    """The post-launch review is on a business day, at its distance from launch or up to three days later."""
    if launch.review is None:
        due = next_business_day(launch.date + timedelta(days=after_days), launch.holidays)
        return passed("The card names no post-launch review, and Clearance will book {review_day}", review_day=day(due))
    distance = (launch.review - launch.date).days
    facts: dict[str, Fact] = {
        "review_day": day(launch.review, origin=Origin.CARD, at="/launch/review"),
        "distance": number(distance, "days"),
    }
    if not after_days <= distance <= after_days + _SLACK:
        limits = {"earliest": number(after_days, "days", origin=Origin.GATE, at="after_days"),
                  "latest": number(after_days + _SLACK, "days")}  # fmt: skip
        sentence = "The post-launch review on {review_day} is {distance} after launch, and not {earliest} to {latest}"
        return failed(sentence, {**facts, **limits})
    if not is_business_day(launch.review, launch.holidays):
        return failed(
            "The post-launch review falls on {review_day}, not a business day", review_day=facts["review_day"]
        )
    return passed("The post-launch review on {review_day} is {distance} after launch", facts)


def is_business_day(on: date, holidays: Collection[date]) -> bool:
    return on.weekday() < _SATURDAY and on not in holidays


def next_business_day(on: date, holidays: Collection[date]) -> date:
    """The day itself, or the first business day after it."""
    while not is_business_day(on, holidays):
        on += timedelta(days=1)
    return on


def business_days_until(start: date, end: date, holidays: Collection[date]) -> int:
    """Business days after `start`, up to and including `end`."""
    days = (start + timedelta(days=i) for i in range(1, (end - start).days + 1))
    return sum(1 for one in days if is_business_day(one, holidays))


def _launch_day(launch: Launch) -> Day:
    return day(launch.date, origin=Origin.CARD, at="/launch/date")
