"""A vendor whose answers are those of a running world, but for what a test changes on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from collectors.sandbox.faults import FaultProxy
from collectors.sandbox.server import Asked, Reply, reply_json, serve

Change = Callable[[Asked, Callable[[], Reply]], Reply]


@dataclass
class Between:
    proxy: FaultProxy
    change: Change

    def answer(self, asked: Asked) -> Reply:
        return self.change(asked, lambda: self.proxy.answer(asked))


@contextmanager
def between(upstream: str, change: Change) -> Iterator[str]:
    """The address of the changed vendor."""
    server = serve(Between(FaultProxy(upstream), change))
    try:
        yield server.url
    finally:
        server.close()


def endless_search(asked: Asked, whole: Callable[[], Reply]) -> Reply:
    """A log search in which every page points on to one more."""
    if asked.path != "/api/v2/logs/events/search":
        return whole()
    cursor = asked.json()["page"].get("cursor", "0")  # type: ignore[index,call-overload,union-attr]
    at = {"timestamp": "2026-06-10T14:00:00Z", "attributes": {"outcome": "rejected"}}
    event = {"id": f"event-{cursor}", "type": "log", "attributes": at}
    return reply_json({"data": [event], "meta": {"page": {"after": str(int(str(cursor)) + 1)}}})


def saying(old: str, new: str) -> Change:
    """Every text `old` in an answer reads `new`."""

    def change(asked: Asked, whole: Callable[[], Reply]) -> Reply:
        reply = whole()
        return replace(reply, body=reply.body.replace(old.encode(), new.encode()))

    return change
