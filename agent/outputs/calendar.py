"""The post-launch review as a calendar file that people can put where they will see it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from agent.domain import ReviewDocument


def post_launch_review(document: ReviewDocument, day: date, now: datetime) -> bytes:
    """One whole-day event with a reminder three days before; the same review always has the same id."""
    event = Event()
    event.add("uid", f"{document.review}@clearance")
    event.add("dtstamp", now)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", f"Post-launch review of {document.subject} {document.version}")
    event.add("description", f"Thirty days after launch; gate {document.gate}, review {document.review}.")
    reminder = Alarm()
    reminder.add("action", "DISPLAY")
    reminder.add("description", "Post-launch review in three days")
    reminder.add("trigger", timedelta(days=-3))
    event.add_component(reminder)
    calendar = Calendar()
    calendar.add("prodid", "-//Clearance//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    ics: bytes = calendar.to_ical()
    return ics
