"""Collector `slack.scheduled_messages`: what an app has scheduled for a channel and Slack has not posted yet.

Several channels in one batch are answered from one reading of everything the app has scheduled; a channel with nothing
in it is asked for by itself, since only then does Slack say whether it exists. An empty answer is a gap `blind`: Slack
shows neither what a person scheduled in the app, nor what has been posted already, nor what another app scheduled.
Out of scope: the channel's history, files or blocks of a message (the list gives its text only), and tokens of a whole
organisation, which need a `team_id` that is never sent: Slack then refuses, which is a gap.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from pydantic import JsonValue

from collectors import wire
from collectors.asking import Asking
from collectors.connections import Connections
from collectors.errors import Blind, Gone, Malformed, Truncated
from collectors.evidence import Answer, Completeness, Number, Origin, Quote, Resource, Time, pointer
from collectors.several import Once
from collectors.slack.client import answer_all, body_of
from collectors.slack.facts import ScheduledMessage, ScheduledMessagesAsk, ScheduledMessagesFacts
from collectors.wire import Json, Wire

PATH = "/api/chat.scheduledMessages.list"
PAGE, MOST_PAGES = 100, 50
LONGEST_TEXT = 500
LATEST = 4_102_444_800  # 2100 in epoch seconds: beyond it stands no time, but milliseconds or nonsense


class _Message(Wire):
    """`id` is a text in Slack's schema and a number in its own example."""

    id: str | int
    channel_id: str
    post_at: int
    date_created: int
    text: str | None = None


class _Metadata(Wire):
    next_cursor: str | None = None


class _Page(Wire):
    scheduled_messages: list[JsonValue]
    response_metadata: _Metadata | None = None


@dataclass(frozen=True)
class _List:
    messages: tuple[_Message, ...]
    pages: int


@dataclass
class _Scheduled:
    """What one batch has read."""

    asking: Asking
    several: bool

    def __post_init__(self) -> None:
        """Everything the app has scheduled, read once; a failure stands for all questions of the batch."""
        self._every = Once(self.asking.log, partial(_read, self.asking, {}), self.asking.clock)

    def of(self, ask: ScheduledMessagesAsk) -> _List:
        if self.several:
            every = self._every.of("everything that is scheduled").get()
            own = tuple(one for one in every.messages if one.channel_id == ask.channel)
            if own:
                return _List(own, every.pages)
        read = _read(self.asking, {"channel": ask.channel, **_edges(ask)}, f"what is scheduled for {ask.channel}")
        if any(one.channel_id != ask.channel for one in read.messages):
            raise Malformed(f"Slack, asked for what is scheduled for {ask.channel}, answered for another channel")
        return read


def scheduled_messages(conn: Connections, asks: Sequence[ScheduledMessagesAsk]) -> Iterable[Answer]:
    """The messages that wait to be posted to a channel: when, and the beginning of their text."""
    return answer_all(conn, asks, lambda asking: _answering(asking, asks))


def _answering(
    asking: Asking, asks: Sequence[ScheduledMessagesAsk]
) -> Callable[[ScheduledMessagesAsk], Answer]:  # fmt: skip
    known = _Scheduled(asking, several=len({ask.channel for ask in asks}) > 1)
    return lambda ask: _answer(known, ask)


def _answer(known: _Scheduled, ask: ScheduledMessagesAsk) -> Answer:
    if not re.fullmatch("[CDG][A-Z0-9]{2,40}", ask.channel):
        advice = "Write the channel's id (C…) on the card; it stands at the end of its page at Slack."
        raise Gone(f"Slack has no channel {ask.channel[:80]!r}: this is no channel's id", advice=advice)
    read = known.of(ask)
    own = sorted((one for one in read.messages if _inside(one, ask)), key=lambda one: one.post_at)
    if not own:
        raise _nothing(ask)
    body: Json = {"channel": ask.channel, "messages": [_kept(one) for one in own]}
    return known.asking.sealed(
        ask, _facts(ask, own), body, since=0, link=f"https://app.slack.com/client/{ask.channel}",
        completeness=Completeness(pages=read.pages, items=len(read.messages)),
        redacted=(f"text beyond {LONGEST_TEXT} characters, addresses and tokens in text",),
    )  # fmt: skip


def _edges(ask: ScheduledMessagesAsk) -> dict[str, str | int]:
    """Whole seconds around the window; the window itself is applied to what comes back."""
    if ask.window is None:
        return {}
    return {"oldest": int(ask.window.start.timestamp()) - 1, "latest": int(ask.window.end.timestamp()) + 1}


def _read(asking: Asking, params: dict[str, str | int], what: str) -> _List:
    told = asking.told(what, "GET", PATH)
    messages: dict[str, _Message] = {}
    seen: set[str] = set()
    asked = {**params, "limit": PAGE}
    for number in range(1, MOST_PAGES + 1):
        page = wire.read(_Page, body_of(asking.get(PATH, what, asked), told), told)
        found = [wire.read(_Message, one, told) for one in wire.objects(page.scheduled_messages, told)]
        messages |= {str(one.id): one for one in found}
        cursor = page.response_metadata.next_cursor if page.response_metadata else None
        if not cursor:
            return _List(tuple(messages.values()), number)
        if cursor in seen or not found:
            raise Truncated(f"{told} gave a next page that leads nowhere after {len(messages)} messages")
        seen.add(cursor)
        asked = {**asked, "cursor": cursor}
    raise Truncated(f"{told} did not end within {MOST_PAGES} pages of {PAGE}")


def _inside(one: _Message, ask: ScheduledMessagesAsk) -> bool:
    return ask.window is None or ask.window.holds(_instant(one.post_at))


def _instant(seconds: int) -> datetime:
    if not 0 < seconds < LATEST:
        raise Malformed("Slack answered with a scheduled message whose time is none in epoch seconds", status=200)
    return datetime.fromtimestamp(seconds, UTC)


def _nothing(ask: ScheduledMessagesAsk) -> Blind:
    when = f" between {ask.window.start.isoformat()} and {ask.window.end.isoformat()}" if ask.window else ""
    return Blind(
        f"Slack shows nothing that this app has scheduled for {ask.channel}{when}; what people or other apps scheduled "
        "there, and what has been posted, it does not show",
        advice="Let a person state when the message goes out, or schedule it with the app whose token is set.",
    )


def _kept(one: _Message) -> Json:
    slim: Json = {"id": str(one.id), "post_at": one.post_at, "date_created": one.date_created}
    return slim if one.text is None else {**slim, "text": wire.clean(one.text, LONGEST_TEXT)}


def _facts(ask: ScheduledMessagesAsk, own: Sequence[_Message]) -> ScheduledMessagesFacts:
    return ScheduledMessagesFacts(
        channel=Resource(value=ask.channel, pointer="/channel"),
        count=Number(value=len(own), unit="messages", origin=Origin.CODE),
        messages=tuple(_message(one, i) for i, one in enumerate(own)),
    )


def _message(one: _Message, i: int) -> ScheduledMessage:
    def at(key: str) -> str:
        return pointer("messages", i, key)

    post, made = _instant(one.post_at), _instant(one.date_created)
    return ScheduledMessage(
        message=Resource(value=str(one.id)[:200], pointer=at("id")),
        post_at=Time(value=post, at=post, pointer=at("post_at")),
        scheduled_on=Time(value=made, at=made, pointer=at("date_created")),
        text=None if one.text is None else Quote(value=wire.clean(one.text, LONGEST_TEXT), pointer=at("text")),
    )
