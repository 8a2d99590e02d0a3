"""Slack's side of Socket Mode on loopback: apps.connections.open, and a real WebSocket to connect to."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.chat.workspace import APP_TOKEN, Workspace, until

Payload = dict[str, Any]


class Line(ServerConnection):
    """One connection. `mute`: it is held open, and nothing comes from it any more, as behind a network that is gone."""

    mute = deaf = False

    def handshake(self, *given: Any, **named: Any) -> None:
        super().handshake(*given, **named)
        self.mute = self.deaf

    def send_data(self) -> None:
        if self.mute:
            self.protocol.data_to_send()
        else:
            super().send_data()


@dataclass
class Exchange:
    """`lines`: every connection that was ever taken, the oldest first. `answers`: what came back, by envelope.

    `deaf`: the next connection is taken and never heard of again. `most`: of more than so many at once, the last are
    sent away.
    """

    port: int = 0
    lines: list[Line] = field(default_factory=list)
    answers: dict[str, Payload] = field(default_factory=dict)
    deaf: bool = False
    most: int = 10
    away: int = 0
    _count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self) -> str:
        """Where the next connection goes, as apps.connections.open tells it."""
        return f"ws://127.0.0.1:{self.port}/link/?ticket={next(self._count)}"

    def new(self, *given: Any, **named: Any) -> Line:
        line = Line(*given, **named)
        line.deaf = self.deaf
        return line

    def taken(self, line: ServerConnection) -> None:
        assert isinstance(line, Line)
        if len(self.open) >= self.most:
            self.away += 1
            line.send(json.dumps({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}}))
            return
        line.send(json.dumps({"type": "hello", "num_connections": len(self.open) + 1, "connection_info": {}}))
        self.lines.append(line)
        try:
            for told in line:
                answer = json.loads(told)
                self.answers[answer["envelope_id"]] = answer
        except ConnectionClosed:
            return

    @property
    def open(self) -> list[Line]:
        return [one for one in self.lines if one.protocol.state.name == "OPEN"]

    def connected(self, count: int = 1) -> Line:
        """Waits for so many connections at once; the newest."""
        until(lambda: len(self.open) >= count, within=60)
        return self.open[-1]

    def post(self, sent: tuple[bytes, str], line: Line | None = None, retry: int = 0) -> str:
        """What would have come over HTTP, on a connection; its envelope."""
        envelope = f"env-{next(self._count)}"
        body = {"envelope_id": envelope, **_told(*sent), "accepts_response_payload": True}
        body |= {"retry_attempt": retry, "retry_reason": "timeout"} if retry else {}
        (line or self.connected()).send(json.dumps(body))
        return envelope

    def ask(self, sent: tuple[bytes, str], line: Line | None = None, retry: int = 0) -> Payload:
        """The same, and the payload of the answer."""
        envelope = self.post(sent, line, retry)
        until(lambda: envelope in self.answers)
        payload: Payload = self.answers[envelope].get("payload") or {}
        return payload


def _told(body: bytes, kind: str) -> Payload:
    """The same delivery in the words of Socket Mode. https://docs.slack.dev/apis/events-api/using-socket-mode"""
    if kind == "application/json":
        return {"type": "events_api", "payload": json.loads(body)}
    fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    if "payload" in fields:
        return {"type": "interactive", "payload": json.loads(fields["payload"])}
    return {"type": "slash_commands", "payload": fields}


@contextmanager
def exchange(slack: Workspace) -> Iterator[Exchange]:
    made = Exchange()
    server = serve(made.taken, "127.0.0.1", 0, create_connection=made.new, close_timeout=1)
    made.port = server.socket.getsockname()[1]
    slack.line = made.url
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        slack.line = None
        server.shutdown()
        for one in made.open:
            one.mute = False
            one.close_socket()


__all__ = ["APP_TOKEN", "Exchange", "exchange"]
