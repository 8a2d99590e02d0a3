"""Slack's questions and typed answers; no client is imported here."""

from __future__ import annotations

from typing import ClassVar

from collectors.evidence import Facts, Model, Number, Quote, Request, Resource, Time, Window


class ScheduledMessagesAsk(Request):
    """The messages that this app has scheduled for one channel (by its id) and Slack has not posted yet.

    A `window` that ends at the launch would hide what is scheduled too late: leave it out, or let it reach beyond.
    """

    type: ClassVar[str] = "slack.scheduled_messages"
    channel: str
    window: Window | None = None


class ScheduledMessage(Model):
    """`text` None = Slack gave none; it is capped and others' words."""

    message: Resource
    post_at: Time
    scheduled_on: Time
    text: Quote | None


class ScheduledMessagesFacts(Facts):
    """`messages` soonest first and at least one: an empty list is a gap, since Slack shows an app its own only."""

    channel: Resource
    count: Number
    messages: tuple[ScheduledMessage, ...]
