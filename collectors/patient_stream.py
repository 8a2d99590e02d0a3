"""httpx2's own sockets, but that a whole answer has a time of its own, its headers and interim answers included.

What the library times is one read: an answer that comes byte by byte would never be late. httpx2 has no public place
for another network backend; that it is used is tested with servers that never come to an answer.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpcore2
import httpx2

from collectors.whole import PATIENCE


@dataclass
class _Stream(httpcore2.NetworkStream):
    """The reads between two writes are one answer."""

    inner: httpcore2.NetworkStream
    _until: float | None = field(default=None, init=False)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if timeout is None:
            return self.inner.read(max_bytes, None)
        if self._until is None:
            self._until = time.monotonic() + PATIENCE * timeout
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the answer did not end in time")
        return self.inner.read(max_bytes, min(timeout, left))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._until = None
        self.inner.write(buffer, timeout)

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:  # fmt: skip
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


@dataclass
class _Backend(httpcore2.NetworkBackend):
    inner: httpcore2.NetworkBackend

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:  # fmt: skip
        return _Stream(self.inner.connect_tcp(host, port, timeout, local_address, socket_options))


def patient(transport: httpx2.HTTPTransport) -> httpx2.HTTPTransport:
    """The transport, on whose connections no answer takes longer than PATIENCE times the time-out of a read."""
    pool = transport._pool
    pool._network_backend = _Backend(pool._network_backend)
    return transport
