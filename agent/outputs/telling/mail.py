"""An e-mail by SMTP: plain text, over TLS unless the server is on loopback."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from agent.errors import ConfigError
from agent.outputs.telling.channel import Message, NotTold
from agent.people import Someone
from collectors.connections import is_loopback

PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class Server:
    """`tls`: from the start (smtps) or by STARTTLS; without it only on loopback."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    implicit_tls: bool
    loopback: bool


def server_of(url: str) -> Server:
    """smtp://user:password@host:port or smtps://…; ConfigError without saying what it holds."""
    wrong = ConfigError("CLEARANCE_SMTP_URL: write smtp://user:password@host:587 or smtps://user:password@host:465")
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise wrong
    return Server(
        parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), parts.scheme == "smtps",
        is_loopback(f"http://{parts.hostname}:{port}"),
    )  # fmt: skip


@dataclass(frozen=True)
class Mail:
    """`account` `email` in people.yaml is the address."""

    server: Server
    sender: str
    timeout: float
    ca_bundle: Path | None = None
    name: str = "email"

    def address(self, someone: Someone) -> str | None:
        return someone.accounts.get("email")

    def send(self, address: str, message: Message) -> None:
        letter = EmailMessage()
        try:
            letter["From"], letter["To"], letter["Subject"] = self.sender, address, message.headline
        except (ValueError, IndexError) as error:
            raise NotTold("the address in people.yaml, or CLEARANCE_SMTP_FROM, is none") from error
        letter["Message-ID"] = f"<{message.id}@clearance.invalid>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text)
        try:
            self._deliver(letter)
        except (OSError, smtplib.SMTPException) as error:
            where = f"{self.server.host}:{self.server.port}"
            raise NotTold(f"the mail server {where} did not take it ({_why(error)})") from error

    def _deliver(self, letter: EmailMessage) -> None:
        at, context = self.server, ssl.create_default_context(cafile=str(self.ca_bundle) if self.ca_bundle else None)
        client = (
            smtplib.SMTP_SSL(at.host, at.port, timeout=self.timeout, context=context)
            if at.implicit_tls
            else smtplib.SMTP(at.host, at.port, timeout=self.timeout)
        )
        with client:
            if not at.implicit_tls and not at.loopback:
                client.starttls(context=context)
            if at.user:
                client.login(at.user, at.password)
            client.send_message(letter)


def _why(error: Exception) -> str:
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__
