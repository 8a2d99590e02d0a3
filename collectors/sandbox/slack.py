"""Slack on loopback: what one app has scheduled and not posted yet."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import AwareDatetime, JsonValue

from collectors.evidence import Model
from collectors.sandbox.server import Asked, Reply, reply_json
from collectors.sandbox.world import World

Json = dict[str, JsonValue]


class Message(Model):
    """`created` is when it was scheduled; before that nobody sees it, after `post_at` neither."""

    id: str
    channel: str
    created: AwareDatetime
    post_at: AwareDatetime
    text: str | None = None


class SlackWorld(Model):
    """`channels`: names by id."""

    team: str
    team_id: str
    user_id: str
    channels: dict[str, str]
    scheduled: tuple[Message, ...] = ()


class Refused(Exception):
    """Slack's own word for what is wrong."""


class Slack:
    """Answers as the workspace of `world` stands at its clock; failures come as 200, as Slack sends them."""

    def __init__(self, world: World) -> None:
        self._token = world.credentials.slack_token
        self._world = SlackWorld.model_validate(world.vendor("slack"))
        self._pending = [one for one in self._world.scheduled if one.created <= world.clock < one.post_at]

    def answer(self, asked: Asked) -> Reply:
        handler = _METHODS.get(asked.path)
        shown = asked.headers.get("authorization", "")
        try:
            if handler is None:
                raise Refused("unknown_method")
            if shown != f"Bearer {self._token}":
                raise Refused("invalid_auth" if shown else "not_authed")
            return reply_json({"ok": True, **handler(self, asked)})
        except Refused as error:
            return reply_json({"ok": False, "error": str(error)})

    def _who(self, asked: Asked) -> Json:
        world = self._world
        return {
            "url": f"https://{world.team}.slack.com/", "team": world.team, "user": "clearance",
            "team_id": world.team_id, "user_id": world.user_id,
        }  # fmt: skip

    def _scheduled(self, asked: Asked) -> Json:
        channel = asked.one("channel")
        if channel is not None and channel not in self._world.channels:
            raise Refused("invalid_channel")
        oldest, latest = _seconds(asked, "oldest", 0), _seconds(asked, "latest", 1e12)
        found = [
            one
            for one in sorted(self._pending, key=lambda one: one.post_at)
            if channel in (None, one.channel) and oldest <= one.post_at.timestamp() <= latest
        ]
        start = int(asked.one("cursor") or 0)
        end = start + min(int(asked.one("limit") or 100), 100)
        page: list[JsonValue] = [_body(one) for one in found[start:end]]
        following = str(end) if end < len(found) else ""
        return {"scheduled_messages": page, "response_metadata": {"next_cursor": following}}

    def _channels(self, asked: Asked) -> Json:
        start, size = int(asked.one("cursor") or 0), min(int(asked.one("limit") or 100), 1000)
        every = list(self._world.channels.items())
        shown: list[JsonValue] = [
            {"id": id, "name": name, "is_channel": True, "is_archived": False, "purpose": {"value": ""}}
            for id, name in every[start : start + size]
        ]
        following = str(start + size) if start + size < len(every) else ""
        return {"channels": shown, "response_metadata": {"next_cursor": following}}


_METHODS: dict[str, Callable[[Slack, Asked], Json]] = {
    "/api/auth.test": Slack._who,
    "/api/conversations.list": Slack._channels,
    "/api/chat.scheduledMessages.list": Slack._scheduled,
}


def _seconds(asked: Asked, name: str, default: float) -> float:
    try:
        return float(asked.one(name) or default)
    except ValueError as error:
        raise Refused("invalid_arguments") from error


def _body(one: Message) -> Json:
    body: Json = {
        "id": one.id, "channel_id": one.channel, "post_at": int(one.post_at.timestamp()),
        "date_created": int(one.created.timestamp()),
    }  # fmt: skip
    return body if one.text is None else {**body, "text": one.text}
