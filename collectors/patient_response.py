"""urllib3's own answers, but that the whole of one, its headers included, has a time of its own.

What urllib3 and botocore time is one read: headers that come byte by byte would never be late.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Mapping
from http.client import HTTPResponse
from typing import Any

from collectors.whole import PATIENCE


class _Until(io.RawIOBase):
    """What comes from a socket, as long as there is time."""

    def __init__(self, raw: Any, sock: socket.socket, seconds: float) -> None:
        super().__init__()
        self._raw, self._sock, self._seconds = raw, sock, seconds
        self._until = time.monotonic() + PATIENCE * seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer did not end in time")
        self._sock.settimeout(min(self._seconds, left))
        read: int | None = self._raw.readinto(buffer)
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()


class PatientResponse(HTTPResponse):
    """An answer that has PATIENCE times the socket's time-out from here on."""

    def __init__(self, sock: socket.socket, *given: Any, **named: Any) -> None:
        super().__init__(sock, *given, **named)
        seconds = sock.gettimeout()
        if seconds is not None:
            self.fp = io.BufferedReader(_Until(self.fp.detach(), sock, seconds))


def patient(pools: Mapping[str, Any]) -> dict[str, Any]:
    """The same classes of pools by scheme, whose connections read answers so."""
    return {scheme: _pool(pool) for scheme, pool in pools.items()}


def _pool(pool: Any) -> Any:
    connection = type(pool.ConnectionCls.__name__, (pool.ConnectionCls,), {"response_class": PatientResponse})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})
