"""A mail server on loopback: takes letters, refuses recipients that it does not know."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """`url` for CLEARANCE_SMTP_URL; `letters` in the order in which they came."""

    unknown: tuple[str, ...] = ()
    letters: list[EmailMessage] = field(default_factory=list)
    url: str = ""

    def take(self, body: bytes) -> None:
        letter = message_from_bytes(body, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)


def _handler(server: MailServer) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 loopback")
            while line := self.rfile.readline().decode().strip():
                verb = line.split()[0].upper()
                if verb == "QUIT":
                    self.say("221 bye")
                    return
                if verb == "DATA":
                    self.say("354 go on")
                    server.take(b"".join(iter(self.rfile.readline, b".\r\n")))
                refused = verb == "RCPT" and any(one in line for one in server.unknown)
                self.say("550 nobody here by that name" if refused else "250 ok")

    return Handler


@contextmanager
def mail_server(unknown: tuple[str, ...] = ()) -> Iterator[MailServer]:
    server = MailServer(unknown)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(server)) as running:
        running.daemon_threads = True
        server.url = f"smtp://127.0.0.1:{running.server_address[1]}"
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        running.shutdown()
