"""Socket Mode: a connection that we open and keep, on which Slack sends what it would send to a public address.

By Slack's own client; which of its events goes to which of several connections is Slack's choice, and whatever comes
twice is taken once (`agent/store/inbox.py`). Reconnecting is ours, so that one place knows why it does not work.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agent.deps import Deps
from agent.errors import ClearanceError, ConfigError
from agent.outputs.telling.chat import MISSING, connecting
from agent.store import lines
from agent.store.database import SQLAlchemyError
from agent.store.lines import STOPPED, Line
from agent.surfaces.slack.app import build, logger
from agent.surfaces.slack.desk import Desk, desk_of

if TYPE_CHECKING:
    from slack_bolt.adapter.socket_mode import SocketModeHandler

NOTED = timedelta(seconds=10)  # between notes that it still stands
FIRST, LONGEST = 2.0, 60.0  # seconds between two tries; Slack limits how often an app may ask for an address
NOT_OPEN = "Slack's WebSocket could not be reached, or did not answer as one"
CROWDED = (
    "Slack sent this connection away (too_many_websockets): it allows ten for one app. Give "
    "CLEARANCE_CHAT_SLACK_APP_TOKEN to ten processes at most; it is tried again, now and then"
)
GREETED = 0.02  # seconds between two looks whether Slack has greeted
UNHEARD = 4  # pings without an answer
CHUNK = 65536  # bytes at a time: the client takes one level of recursion for each, and a dialog comes back whole
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Tempo:
    """Seconds: between two looks, after the first try that failed, between two pings. UNHEARD of them end it."""

    look: float = 0.5
    first: float = FIRST
    ping: float = 5.0


@contextmanager
def held(deps: Deps, address: str = "", tell: Tell = lambda sentence: None, tempo: Tempo = Tempo()) -> Iterator[None]:
    """Connected for as long as this lasts, where an app-level token is set. ConfigError without Slack's library."""
    desk = desk_of(deps, address)
    if desk is None or not desk.chat.app_token:
        yield
        return
    keeper = Keeper(desk, tell, tempo, _handler(desk, tempo))
    keeper.listen()
    thread = threading.Thread(target=keeper.keep, name="slack-line", daemon=True)
    thread.start()
    try:
        yield
    finally:
        keeper.done.set()
        thread.join(timeout=5)  # what hangs keeps no process from ending


def _handler(desk: Desk, tempo: Tempo) -> SocketModeHandler:
    try:
        from slack_bolt.adapter.socket_mode import SocketModeHandler
    except ImportError as error:
        raise ConfigError(MISSING) from error
    return SocketModeHandler(
        build(desk), desk.chat.app_token, logger=logger(), proxy=desk.chat.network.proxy,
        auto_reconnect_enabled=False, ping_interval=tempo.ping, receive_buffer_size=CHUNK,
    )  # fmt: skip


def _kind(message: str) -> tuple[str, str]:
    """Its type and, of one that ends a connection, the reason."""
    try:
        told = json.loads(message)
    except ValueError:
        return "", ""
    return (str(told.get("type", "")), str(told.get("reason", ""))) if isinstance(told, dict) else ("", "")


@dataclass
class Keeper:
    """`since`: of the connection that stands; `told` and `noted`: what was said of it last, and when.

    `taken`: the last connection that Slack greeted; `crowded`: it sent one away since.
    """

    desk: Desk
    tell: Tell
    tempo: Tempo
    handler: SocketModeHandler
    done: threading.Event = field(default_factory=threading.Event)
    holder: str = field(default_factory=lambda: f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}")
    since: datetime | None = None
    seen_at: datetime | None = None
    told: str | None = None
    noted: datetime | None = None
    session: str = ""
    begun: float = 0.0
    crowded: bool = False
    taken: str | None = None

    def listen(self) -> None:
        """Slack greets whom it takes, and sends away who is too many. The client would answer that with another
        connection at once, and so without an end: it is told of everything but that.
        """
        client = self.handler.client
        pass_on = client.enqueue_message

        def heard(message: str) -> None:
            kind, reason = _kind(message)
            if kind == "hello":
                self.taken = client.session_id()
            if (kind, reason) == ("disconnect", "too_many_websockets"):
                self.crowded = True
            else:
                pass_on(message)

        client.enqueue_message = heard  # type: ignore[method-assign]

    def keep(self) -> None:
        """Until it is done: look whether it stands, and connect again where it does not, after longer pauses."""
        pause = self.tempo.first
        try:
            while not self.done.is_set():
                stands = self._stands()
                trouble = "" if stands else self._sent_away() or self._connect()
                self._say(trouble)
                pause = self.tempo.first if stands else pause
                self.done.wait(pause if trouble else self.tempo.look)
                pause = min(pause * 2, LONGEST) if trouble else pause
        finally:
            self._hang_up()
            self._note(Line(self.holder, self.since, self.seen_at, STOPPED, self.desk.deps.clock()))

    def _hang_up(self) -> None:
        """Cut first: the client reads for three seconds at a time, and closes what nobody reads from."""
        self.handler.client.current_session_state.terminated = True  # so that only `close` closes it
        self._cut()
        self.handler.close()  # type: ignore[no-untyped-call]

    def _cut(self) -> None:
        session = self.handler.client.current_session
        sock = session.sock if session is not None else None  # the client may take it away between two looks
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _stands(self) -> bool:
        """Is it connected? The client waits for ever for the first answer to its pings; we do not."""
        session = self.handler.client.current_session
        if self.crowded or session is None or not session.is_active():
            return False
        if session.session_id != self.session:
            self.session, self.begun = session.session_id, time.monotonic()
        if session.last_ping_pong_time is None and time.monotonic() - self.begun > UNHEARD * self.tempo.ping:
            session.disconnect()
            return False
        return True

    def _sent_away(self) -> str:
        """Said, and waited for, before it is tried again; "" where Slack did not."""
        if not self.crowded:
            return ""
        self.crowded, self.since = False, None
        self._cut()
        return CROWDED

    def _connect(self) -> str:
        """Why it could not be; "" where it stands now, and Slack has said that it does."""
        self.since = None
        client = self.handler.client
        try:
            with connecting():
                client.connect_to_new_endpoint(force=client.session_id() != self.taken)
        except ClearanceError as error:
            return str(error)
        ends = time.monotonic() + UNHEARD * self.tempo.ping
        while not self.crowded and client.is_connected() and client.session_id() != self.taken:
            if time.monotonic() > ends or self.done.wait(GREETED):
                return NOT_OPEN
        return self._sent_away() or ("" if client.is_connected() else NOT_OPEN)

    def _say(self, trouble: str) -> None:
        """To whoever looks at this process when it changes; to the store then, and every so often."""
        now = self.desk.deps.clock()
        if not trouble:
            self.since, self.seen_at = self.since or now, now
        changed = trouble != self.told
        if changed or self.noted is None or now - self.noted >= NOTED:
            self._note(Line(self.holder, self.since, self.seen_at, trouble, now))
        if changed:
            self.told = trouble
            with suppress(OSError):  # that nobody reads it any more ends no connection
                self.tell(f"Slack, Socket Mode: {trouble or 'connected'}")

    def _note(self, line: Line) -> None:
        try:
            lines.note(self.desk.deps.engine, line)
            self.noted = line.at
        except (ClearanceError, SQLAlchemyError, OSError) as error:  # the store may be back in the next round
            logging.getLogger("clearance").warning("the connection to Slack was not noted (%s)", type(error).__name__)
