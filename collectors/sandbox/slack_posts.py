"""Slack on loopback, as an app sees it that may post: direct messages to members, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import JsonValue

from collectors.sandbox.server import Asked, Reply, reply_json


@dataclass
class SlackPosts:
    """`members` may be written to; `posted` is what arrived, as (member, text) in Slack's own escaping."""

    token: str
    members: tuple[str, ...]
    posted: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return reply_json({"ok": False, "error": "invalid_auth"})
        body = asked.json()
        given = body if isinstance(body, dict) else {}
        if (asked.method, asked.path) == ("POST", "/api/conversations.open"):
            return reply_json(self._open(given))
        if (asked.method, asked.path) == ("POST", "/api/chat.postMessage"):
            return reply_json(self._post(given))
        return reply_json({"ok": False, "error": "unknown_method"})

    def _open(self, given: dict[str, JsonValue]) -> JsonValue:
        user = str(given.get("users", ""))
        if user not in self.members:
            return {"ok": False, "error": "user_not_found"}
        return {"ok": True, "channel": {"id": f"D{user[1:]}"}}

    def _post(self, given: dict[str, JsonValue]) -> JsonValue:
        member = "U" + str(given.get("channel", ""))[1:]
        if member not in self.members:
            return {"ok": False, "error": "channel_not_found"}
        if not given.get("text"):
            return {"ok": False, "error": "no_text"}
        self.posted.append((member, str(given["text"])))
        return {"ok": True, "channel": given["channel"], "ts": f"{len(self.posted)}.000000"}
