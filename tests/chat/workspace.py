"""Slack on loopback, as an app sees it: posts, private sentences and dialogs, with Slack's own limits and refusals."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from collectors.sandbox.server import Asked, Reply, reply_json, serve

TOKEN, SECRET, TEAM = "xoxb-chat-000", "shhh-signing-secret", "T0ACME"
APP_TOKEN = "xapp-1-A0ACME-000"
WITHIN = 120.0  # seconds until a condition has to hold; it holds much sooner


@dataclass
class Workspace:
    """`posted`, `whispered`, `opened` and `replaced` are what arrived, in order. `away`: every call is a 500.

    `revoked`: a token that counts no more. `line`: where the next connection of Socket Mode goes, None = it is off.
    """

    url: str = ""
    members: tuple[str, ...] = ("UMIKE", "UMORTEZA", "UDANA")
    channels: tuple[str, ...] = ("C1", "C2")
    posted: list[dict[str, Any]] = field(default_factory=list)
    whispered: list[dict[str, Any]] = field(default_factory=list)
    opened: list[dict[str, Any]] = field(default_factory=list)
    replaced: list[dict[str, Any]] = field(default_factory=list)
    away: bool = False
    revoked: str = ""
    line: Callable[[], str] | None = None
    hold: Callable[[], object] = lambda: None
    asked: list[str] = field(default_factory=list)
    _triggers: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Asked) -> Reply:
        self.hold()
        with self._lock:
            self.asked.append(asked.path.removeprefix("/api/"))
            if self.away:
                return Reply(500, b"the wires are down")
            bearer = asked.headers.get("authorization", "").removeprefix("Bearer ")
            if bearer == self.revoked:
                return reply_json({"ok": False, "error": "token_revoked"})
            if bearer != (APP_TOKEN if asked.path == "/api/apps.connections.open" else TOKEN):
                return reply_json({"ok": False, "error": "invalid_auth"})
            given = (asked.json() or {}) if "json" in asked.headers.get("content-type", "") else {}
            assert isinstance(given, dict)
            handler = _METHODS.get(asked.path)
            return reply_json(handler(self, given) if handler else {"ok": False, "error": "unknown_method"})

    def _post(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["channel"] not in (*self.channels, *self.members):
            return {"ok": False, "error": "not_in_channel"}
        if wrong := _wrong(given.get("blocks") or [], 50):
            return {"ok": False, "error": "invalid_blocks", "needed": wrong}
        self.posted.append(given)
        return {"ok": True, "channel": given["channel"], "ts": f"{len(self.posted)}.000100"}

    def _whisper(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["channel"] not in self.channels:
            return {"ok": False, "error": "channel_not_found"}
        if wrong := _wrong(given.get("blocks") or [], 50):
            return {"ok": False, "error": "invalid_blocks", "needed": wrong}
        self.whispered.append(given)
        return {"ok": True, "message_ts": "1.1"}

    def _open(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["trigger_id"] in self._triggers:
            return {"ok": False, "error": "exchanged_trigger_id"}
        if wrong := _wrong(given["view"]["blocks"], 100):
            return {"ok": False, "error": "invalid_arguments", "needed": wrong}
        self._triggers.add(given["trigger_id"])
        self.opened.append(given["view"])
        return {"ok": True, "view": {"id": f"V{len(self.opened)}"}}

    def _replace(self, given: dict[str, Any]) -> dict[str, Any]:
        self.replaced.append(given["view"])
        return {"ok": True, "view": {"id": given["view_id"]}}

    def _connect(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "url": self.line()} if self.line else {"ok": False, "error": "socket_mode_not_enabled"}

    def _who(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "team_id": TEAM, "team": "Acme", "user_id": "UBOT"}


_METHODS: dict[str, Callable[[Workspace, dict[str, Any]], dict[str, Any]]] = {
    "/api/chat.postMessage": Workspace._post,
    "/api/chat.postEphemeral": Workspace._whisper,
    "/api/views.open": Workspace._open,
    "/api/views.update": Workspace._replace,
    "/api/auth.test": Workspace._who,
    "/api/apps.connections.open": Workspace._connect,
}


def _wrong(blocks: list[dict[str, Any]], most: int) -> str:
    """Slack's limits, as its reference of blocks tells them."""
    if len(blocks) > most:
        return f"{len(blocks)} blocks"
    limits = {"header": 150, "section": 3000}
    for one in blocks:
        text = one.get("text", {}).get("text", "x")
        if not text or len(text) > limits.get(one["type"], 3000):
            return f"a {one['type']} of {len(text)} characters"
        if one["type"] == "input" and len(one["label"]["text"]) > 2000:
            return "a label"
    return ""


@contextmanager
def workspace() -> Iterator[Workspace]:
    made = Workspace()
    running = serve(made)
    made.url = running.url
    yield made
    running.close()


def signed(body: bytes, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """Slack's headers over a body. https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    stamp = str(int(time.time() if at is None else at))
    made = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}"}


def form(**fields: str) -> tuple[bytes, str]:
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def command(text: str, user: str = "UMIKE", trigger: str = "t-1", channel: str = "C1") -> tuple[bytes, str]:
    """A slash command."""
    return form(
        command="/clearance", text=text, user_id=user, team_id=TEAM, channel_id=channel, trigger_id=trigger,
        response_url="https://hooks.slack.com/commands/none",
    )  # fmt: skip


def mention(
    text: str, user: str = "UMIKE", event: str = "Ev1", thread: str = "", team: str = TEAM
) -> tuple[bytes, str]:
    """Somebody writes to the app in a channel or thread."""
    told = {"type": "app_mention", "user": user, "text": f"<@UBOT> {text}", "channel": "C1", "ts": "9.000100"}
    told |= {"thread_ts": thread} if thread else {}
    body = {"type": "event_callback", "event_id": event, "team_id": team, "event": told}
    return json.dumps(body).encode(), "application/json"


def click(review: str, user: str = "UMIKE", trigger: str = "c-1") -> tuple[bytes, str]:
    """Somebody presses the button under a result."""
    action = {"type": "button", "action_id": "sign_review", "block_id": "b", "value": review}
    return _interaction(
        "block_actions", user, trigger, actions=[action], channel={"id": "C1"},
        container={"type": "message", "message_ts": "1.000100", "channel_id": "C1"}, message={"ts": "1.000100"},
    )  # fmt: skip


def submission(
    view: dict[str, Any], fields: dict[str, str], user: str = "UMIKE", trigger: str = "s-1"
) -> tuple[bytes, str]:
    """The dialog comes back with its fields filled in, as Slack sends it."""
    values = {}
    for block in (one for one in view["blocks"] if one["type"] == "input"):
        given = fields.get(block["block_id"])
        kind = block["element"]["type"]
        chosen = {"selected_option": {"value": given} if given else None}
        values[block["block_id"]] = {"value": {"type": kind, **(chosen if "radio" in kind else {"value": given})}}
    sent = {**view, "id": "V1", "hash": "h", "state": {"values": values}, "team_id": TEAM}
    return _interaction("view_submission", user, trigger, view=sent)


def _interaction(kind: str, user: str, trigger: str, **more: object) -> tuple[bytes, str]:
    about = {"type": kind, "team": {"id": TEAM}, "user": {"id": user, "team_id": TEAM}, "trigger_id": trigger, **more}
    return form(payload=json.dumps(about))


def texts(blocks: object) -> list[str]:
    """Every text of a message or dialog, in order."""
    if isinstance(blocks, dict):
        own = [blocks["text"]] if isinstance(blocks.get("text"), str) else []
        return own + [one for value in blocks.values() for one in texts(value)]
    return [one for value in blocks for one in texts(value)] if isinstance(blocks, list) else []


def until(holds: Callable[[], object], within: float = WITHIN) -> None:
    """Wait for a condition: what Slack is answered with comes before the work is done."""
    ends = time.monotonic() + within
    while not holds():
        assert time.monotonic() < ends, "it did not come to that"
        time.sleep(0.01)
