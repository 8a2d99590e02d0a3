"""A loopback proxy in front of a stand-in that fails on demand: status codes, delays, cuts and hangs."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from collectors.evidence import Model
from collectors.sandbox.server import Asked, Reply

HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "host", "date", "server"}


class Fault(Model):
    """What goes wrong for requests whose method and path match, and in whose body `about` is found.

    `status` answers that code (with `headers`); `delay` waits `seconds` and then answers; `hang` never answers;
    `cut` sends the headers and half of the body; `truncate` sends half of the body as if it were whole;
    `refuse` closes the connection without an answer. `times` None = until cleared; `after` lets that many pass first.
    """

    kind: Literal["status", "delay", "hang", "cut", "truncate", "refuse"]
    path: str = ".*"
    method: str = ".*"
    about: str = ""
    status: int = 500
    headers: dict[str, str] = {}
    body: str = ""
    seconds: float = 0.0
    times: int | None = None
    after: int = 0


@dataclass
class FaultProxy:
    """Forwards to `upstream` and applies the faults that are set. Also records every request line it saw."""

    upstream: str
    seen: list[Asked] = field(default_factory=list)
    _faults: list[tuple[Fault, list[int]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _released: threading.Event = field(default_factory=threading.Event)

    def set(self, *faults: Fault) -> None:
        """Replace all faults; requests that hang are let go."""
        with self._lock:
            self._released.set()
            self._released = threading.Event()
            self._faults = [(fault, [0]) for fault in faults]

    def answer(self, asked: Asked) -> Reply:
        with self._lock:
            self.seen.append(asked)
        fault = self._due(asked)
        if fault is None:
            return self._forward(asked)
        return _FAULTS[fault.kind](self, fault, asked)

    def _due(self, asked: Asked) -> Fault | None:
        with self._lock:
            for fault, count in self._faults:
                if not _meant(fault, asked):
                    continue
                count[0] += 1
                if count[0] > fault.after and (fault.times is None or count[0] <= fault.after + fault.times):
                    return fault
        return None

    def _forward(self, asked: Asked) -> Reply:
        parts = urlsplit(self.upstream)
        upstream = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        headers = {k: v for k, v in asked.headers.items() if k not in HOP_BY_HOP - {"host"}}
        upstream.request(asked.method, asked.target, asked.body or None, headers)
        response = upstream.getresponse()
        kept = {k: v for k, v in response.getheaders() if k.lower() not in HOP_BY_HOP}
        if (response.getheader("transfer-encoding") or "").lower() == "chunked":
            return Reply(response.status, headers=kept, stream=_relayed(upstream, response))
        with closing(upstream):
            return Reply(response.status, response.read(), kept)

    def _status(self, fault: Fault, asked: Asked) -> Reply:
        return Reply(fault.status, fault.body.encode(), fault.headers)

    def _delay(self, fault: Fault, asked: Asked) -> Reply:
        self._released.wait(fault.seconds)
        return self._forward(asked)

    def _hang(self, fault: Fault, asked: Asked) -> Reply:
        self._released.wait(fault.seconds or 120)
        raise ConnectionAbortedError("hung up after a hang")

    def _refuse(self, fault: Fault, asked: Asked) -> Reply:
        raise ConnectionAbortedError("refused")

    def _cut(self, fault: Fault, asked: Asked) -> Reply:
        whole = self._forward(asked)
        return Reply(whole.status, headers=whole.headers, stream=_half_then_hang_up(whole))

    def _truncate(self, fault: Fault, asked: Asked) -> Reply:
        whole = self._forward(asked)
        body = b"".join(whole.stream) if whole.stream is not None else whole.body
        return Reply(whole.status, body[: len(body) // 2], whole.headers)


def _meant(fault: Fault, asked: Asked) -> bool:
    line = re.fullmatch(fault.path, asked.path) and re.fullmatch(fault.method, asked.method)
    return bool(line and re.search(fault.about, asked.body.decode("utf-8", "replace")))


def _relayed(upstream: http.client.HTTPConnection, response: http.client.HTTPResponse) -> Iterator[bytes]:
    """What arrives, as it arrives; the connection upstream ends with the one in front."""
    with closing(upstream):
        yield from iter(lambda: response.read1(65536), b"")


def _half_then_hang_up(whole: Reply) -> Iterator[bytes]:
    body = b"".join(whole.stream) if whole.stream is not None else whole.body
    yield body[: len(body) // 2] or b" "
    raise ConnectionAbortedError("cut")


_FAULTS: dict[str, Callable[[FaultProxy, Fault, Asked], Reply]] = {
    "status": FaultProxy._status,
    "delay": FaultProxy._delay,
    "hang": FaultProxy._hang,
    "cut": FaultProxy._cut,
    "truncate": FaultProxy._truncate,
    "refuse": FaultProxy._refuse,
}
