"""LaunchDarkly's stream on loopback, with a hand on the flag: what it says, and when it says nothing any more."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from dataclasses import dataclass, field

from collectors.sandbox.server import Asked, Reply, reply_json

KEY = "sdk-clearance-own"
HEARTBEAT = 0.1  # seconds


def flag(on: bool, version: int, key: str = "clearance-enabled") -> dict[str, object]:
    """A boolean flag that serves false while it is off."""
    return {
        "key": key, "version": version, "on": on, "offVariation": 1, "variations": [True, False],
        "fallthrough": {"variation": 0}, "targets": [], "contextTargets": [], "rules": [], "prerequisites": [],
        "salt": key, "trackEvents": False, "trackEventsFallthrough": False, "debugEventsUntilDate": None,
        "clientSideAvailability": {"usingMobileKey": False, "usingEnvironmentId": False}, "clientSide": False,
        "deleted": False,
    }  # fmt: skip


@dataclass
class FlagServer:
    """`seen`: every request. `refuses`: no key is good any more. `away`: as if it were not there."""

    flags: dict[str, dict[str, object]] = field(default_factory=lambda: {"clearance-enabled": flag(True, 1)})
    seen: list[Asked] = field(default_factory=list)
    refuses: bool = False
    away: bool = False
    _open: list[queue.SimpleQueue[bytes | None]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        self.seen.append(asked)
        if self.away:
            return reply_json({}, 503)
        if self.refuses or asked.headers.get("authorization") != KEY:
            return reply_json({"message": "Invalid SDK key"}, 401)
        if asked.path != "/all":
            return reply_json({}, 404)
        return Reply(200, headers={"content-type": "text/event-stream"}, stream=self._stream())

    def _stream(self) -> Iterator[bytes]:
        mine: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._open.append(mine)
        yield _event("put", {"path": "/", "data": {"flags": self.flags, "segments": {}}})
        while True:
            try:
                sent = mine.get(timeout=HEARTBEAT)
            except queue.Empty:
                sent = b":\n\n"
            if sent is None:
                return
            yield sent

    def flip(self, on: bool) -> None:
        """As somebody does at LaunchDarkly: every open stream hears it."""
        version = int(str(self.flags["clearance-enabled"]["version"])) + 1
        self.put(flag(on, version))

    def put(self, changed: dict[str, object]) -> None:
        self.flags["clearance-enabled"] = changed
        self._send(_event("patch", {"path": "/flags/clearance-enabled", "data": changed}))

    def delete(self) -> None:
        version = int(str(self.flags.pop("clearance-enabled")["version"])) + 1
        self._send(_event("delete", {"path": "/flags/clearance-enabled", "version": version}))

    def leave(self, *, refuses: bool = False) -> None:
        """Every stream ends, and no new one begins."""
        self.away, self.refuses = not refuses, refuses
        for one in self._open:
            one.put(None)
        self._open.clear()

    def come_back(self) -> None:
        self.away = self.refuses = False

    def _send(self, event: bytes) -> None:
        for one in self._open:
            one.put(event)


def _event(name: str, data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
