"""One message through one channel, within a number of seconds whatever the other side does."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from agent.errors import ClearanceError
from agent.people import Someone

if TYPE_CHECKING:
    from agent.outputs.telling.chat import Chat

CONSOLE = "console"
SECONDS = 5.0


class NotTold(ClearanceError):
    """A message could not be delivered; it stays in the outbox."""


@dataclass(frozen=True)
class Message:
    """`id` is the same however often the message is sent."""

    id: str
    headline: str
    text: str


class Channel(Protocol):
    """`address` is how it reaches a person, None where people.yaml does not say."""

    @property
    def name(self) -> str: ...

    def address(self, someone: Someone) -> str | None: ...

    def send(self, address: str, message: Message) -> None: ...


@dataclass(frozen=True)
class Channels:
    """What is configured, the preferred first. Who can be reached through none of them is told on the console.

    `chat` None: nobody asks in chat here.
    """

    configured: tuple[Channel, ...] = ()
    seconds: float = SECONDS
    chat: Chat | None = None

    def for_person(self, someone: Someone | None) -> Channel | None:
        return next((one for one in self.configured if someone and one.address(someone)), None)

    def send(self, channel: Channel, someone: Someone, message: Message) -> None:
        """NotTold when it failed, or did not end in time: what hangs is left to itself."""
        address = channel.address(someone) or ""
        within(self.seconds, lambda: channel.send(address, message), channel.name)


def within(seconds: float, work: Callable[[], None], name: str) -> None:
    """Do the work in a thread of its own. A time-out of a socket bounds each step of it; this bounds the whole."""
    ended: queue.SimpleQueue[NotTold | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            work()
            ended.put(None)
        except NotTold as error:
            ended.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        error = ended.get(timeout=seconds)
    except queue.Empty:
        raise NotTold(f"{name} did not answer within {seconds:g} s") from None
    if error is not None:
        raise error
