"""A stand-in whose answers are computed once, and one of which can be broken on the way to the collector."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from random import Random

from collectors.sandbox.server import Asked, Reply, StandIn
from tests.fuzz.mutations import broken

Key = tuple[str, str, str, bytes]  # method, target, operation (for AWS's `POST /`), body


@dataclass(frozen=True)
class Break:
    """What to do with the answer to one question: the kind of mutation, and the seed that decides all the rest."""

    key: Key
    kind: str
    seed: str


@dataclass
class Tampering:
    """`asked` are the questions of the last batch; `told` says what was broken."""

    inner: StandIn
    whole: dict[Key, Reply] = field(default_factory=dict)
    asked: set[Key] = field(default_factory=set)
    plan: Break | None = None
    told: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Asked) -> Reply:
        key = (asked.method, asked.target, asked.headers.get("x-amz-target", ""), asked.body)
        with self.lock:
            self.asked.add(key)
            if key not in self.whole:
                self.whole[key] = _finite(self.inner.answer(asked))
            reply = self.whole[key]
            if self.plan is None or self.plan.key != key:
                return reply
            body, self.told = broken(reply.body, self.plan.kind, Random(self.plan.seed))
        return replace(reply, body=body)

    @contextmanager
    def breaking(self, plan: Break) -> Iterator[None]:
        self.plan, self.told = plan, ""
        try:
            yield
        finally:
            self.plan = None


def _finite(reply: Reply) -> Reply:
    """A stream's first event, as a body that ends: all that a reader of it waits for."""
    if reply.stream is None:
        return reply
    with closing(reply.stream) as stream:  # type: ignore[type-var]
        return replace(reply, stream=None, body=next(stream))
