"""A scripted endpoint of the Messages API that takes batches as well, as many as it is given."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import JsonValue

from collectors.sandbox.server import Asked, Reply, reply_json, serve
from tests.drafting.scripted import Good, Messages, message, shown

Row = dict[str, JsonValue]
LONG = 300.0  # seconds that a sweep may take to come to a point: only one that never comes there makes a test wait so


@dataclass
class Endpoint:
    """A batch ends after `looks` looks; by place in it, `fates` says what became of a prompt that was not answered.

    `given` is set when a batch was taken, and its id is told once `tell` is.
    """

    looks: int = 1
    fates: Sequence[str] = ()
    batches: dict[str, list[Row]] = field(default_factory=dict)
    direct: Messages = field(default_factory=lambda: Messages([Good()]))
    paths: list[str] = field(default_factory=list)
    now: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    given: threading.Event = field(default_factory=threading.Event)
    looked: threading.Event = field(default_factory=threading.Event)
    tell: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.tell.set()

    @property
    def prompts(self) -> int:
        return sum(len(rows) for rows in self.batches.values())

    @property
    def cancelled(self) -> bool:
        return any(path.endswith("/cancel") for path in self.paths)

    def answer(self, asked: Asked) -> Reply:
        self.paths.append(f"{asked.method} {asked.path}")
        if "/batches" not in asked.path:
            return self.direct.answer(asked)
        name = asked.path.partition("/batches/")[2].partition("/")[0]
        if asked.path.endswith("/results"):
            return Reply(200, b"\n".join(self._lines(name)) + b"\n", {"content-type": "application/binary"})
        if asked.method == "POST" and not name:
            return self._taken(asked)
        if not name:
            return reply_json({"data": [self._batch(one) for one in self.batches], "has_more": False})
        if asked.method == "GET":
            self.looks -= 1
            self.looked.set()
        return reply_json(self._batch(name))

    def _taken(self, asked: Asked) -> Reply:
        name = f"msgbatch_{len(self.batches)}"
        self.batches[name] = asked.json()["requests"]  # type: ignore[index,call-overload,assignment]
        self.given.set()
        assert self.tell.wait(LONG)
        return reply_json(self._batch(name))

    def _batch(self, name: str) -> Row:
        ended = self.looks <= 0
        counts: Row = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
        counts["succeeded" if ended else "processing"] = len(self.batches[name])
        return {
            "id": name, "type": "message_batch", "processing_status": "ended" if ended else "in_progress",
            "created_at": self.now, "expires_at": "2099-01-01T00:00:00Z", "ended_at": None,
            "archived_at": None, "cancel_initiated_at": None, "request_counts": counts, "results_url": None,
        }  # fmt: skip

    def _lines(self, name: str) -> Iterator[bytes]:
        for place, row in enumerate(self.batches[name]):
            result: Row = {"type": self.fates[place]} if place < len(self.fates) else self._said(row)
            yield json.dumps({"custom_id": row["custom_id"], "result": result}).encode()

    def _said(self, row: Row) -> Row:
        prompt = row["params"]["messages"][0]["content"]  # type: ignore[index,call-overload]
        told = json.loads(message(json.dumps(Good()(shown(str(prompt))))).body)
        return {"type": "succeeded", "message": told}


@contextmanager
def running(endpoint: Endpoint) -> Iterator[dict[str, str]]:
    """The settings that lead to it: one model for everything."""
    server = serve(endpoint)
    try:
        yield {
            "ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "sk-test", "CLEARANCE_MODEL": "claude-sonnet-5-5",
            "CLEARANCE_BATCH_WITHIN": "30 seconds",
        }  # fmt: skip
    finally:
        endpoint.tell.set()
        server.close()
