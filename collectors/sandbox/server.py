"""A small loopback HTTP server: one function from request to reply, keep-alive and chunked streams included."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from pydantic import JsonValue

LOOK, SELDOM = 0.05, 60.0  # seconds between two looks whether a server is to end: while it is, and before


@dataclass(frozen=True)
class Asked:
    """One request as it arrived. `query` keeps order and repeats; header names are lower-case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes = b""
    target: str = ""

    def one(self, name: str) -> str | None:
        """The first value of a query parameter."""
        return next((v for k, v in self.query if k == name), None)

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(v for k, v in self.query if k == name)

    def json(self) -> JsonValue:
        parsed: JsonValue = json.loads(self.body or b"null")
        return parsed


@dataclass(frozen=True)
class Reply:
    """What goes back. With `stream`, chunks are sent until the iterator ends or the other side goes away."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Iterator[bytes] | None = None


def reply_json(value: JsonValue, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, json.dumps(value).encode(), {"content-type": "application/json", **(headers or {})})


class StandIn(Protocol):
    """One vendor: every answer is computed from the world it was made with."""

    def answer(self, asked: Asked) -> Reply: ...


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128  # by default five: on a busy machine the sixth finds no place and waits for seconds

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what cuts and time-outs are about; nothing to print."""


@dataclass(frozen=True)
class Running:
    """A server that is up. `url` has no trailing slash."""

    url: str
    server: ThreadingHTTPServer

    def close(self) -> None:
        ending = threading.Thread(target=self.server.shutdown, daemon=True)
        ending.start()
        while ending.is_alive():  # it looks whether it is to end when somebody comes
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.server.server_port), timeout=LOOK).close()
            ending.join(LOOK)
        self.server.server_close()


def serve(stand_in: StandIn, port: int = 0) -> Running:
    """Start serving on a loopback port (0 = any free one)."""
    server = _Server(("127.0.0.1", port), _handler(stand_in))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": SELDOM}, daemon=True).start()
    return Running(f"http://127.0.0.1:{server.server_port}", server)


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body are two writes: without it every answer takes 40 ms

        def _answer(self) -> None:
            _send(self, stand_in.answer(_asked(self)))

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_REPORT = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Stand-ins are silent."""

    return Handler


def _asked(handler: BaseHTTPRequestHandler) -> Asked:
    parts = urlsplit(handler.path)
    length = int(handler.headers.get("content-length") or 0)
    return Asked(
        handler.command, parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True)),
        {k.lower(): v for k, v in handler.headers.items()}, handler.rfile.read(length), handler.path,
    )  # fmt: skip


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    handler.send_response(reply.status)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    if reply.stream is None:
        handler.send_header("content-length", str(len(reply.body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(reply.body)
        return
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    for chunk in reply.stream:
        handler.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        handler.wfile.flush()
    handler.wfile.write(b"0\r\n\r\n")
