"""The one way out over httpx2: allow-list, deadline, bounded retries, a record of every call, failures by name.

The record holds method, path, query, status and the digest of the body. Out of scope for it: rate-limit headers, which
are heeded as they come and say nothing of the answer; its time and source stand once, on the evidence.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

import httpx2
from pydantic import JsonValue

from collectors import errors
from collectors.call_log import CallLog as CallLog
from collectors.evidence import Call, sha256
from collectors.patient_stream import patient
from collectors.pauses import backoff
from collectors.way import Way
from collectors.whole import OutOfTime, in_time

# What other modules call the client and its answers, so that none of them depends on the library behind.
Client: TypeAlias = httpx2.Client
Response: TypeAlias = httpx2.Response

USER_AGENT = "clearance (read-only evidence collector)"


class NotAllowed(RuntimeError):
    """A collector tried a call that is not on its allow-list. This is a mistake of ours and never leaves the house."""


class Allowed(NamedTuple):
    """One call that a vendor's client may make. `path` must match the whole path, the query is not part of it."""

    method: str
    path: str

    def matches(self, method: str, path: str) -> bool:
        return self.method == method.upper() and re.fullmatch(self.path, path) is not None


def check_allowed(allowed: tuple[Allowed, ...], method: str, path: str) -> None:
    if not any(rule.matches(method, path) for rule in allowed):
        raise NotAllowed(f"{method} {path} is not on the allow-list of this source")


class GuardedTransport(httpx2.BaseTransport):
    """Refuses what is not allowed, waits its turn, retries what may pass, records what was asked."""

    def __init__(
        self, allowed: tuple[Allowed, ...], log: CallLog, *, attempts: int = 3, base_url: str | None = None,
        way: Way | None = None,
    ) -> None:  # fmt: skip
        self._allowed, self._log, self._attempts = allowed, log, attempts
        self._base = httpx2.URL(base_url) if base_url else None
        self._way = way or Way()
        self._inner = outward(self._way)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        check_allowed(self._allowed, request.method, request.url.path)
        request.headers["user-agent"] = USER_AGENT  # PagerDuty's client insists on its own
        if self._base is not None:  # a client that insists on https, pointed at a loopback stand-in
            request.url = request.url.copy_with(scheme=self._base.scheme, host=self._base.host, port=self._base.port)
            request.headers["host"] = request.url.netloc.decode()
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts
            try:
                response = self._once(request)
            except httpx2.TransportError:
                if last:
                    raise
                self._way.sleep(backoff(attempt))
                continue
            wait = self._way.heard(request.url.path, response.status_code, response.headers, attempt)
            if last or wait is None:
                return response
            response.close()
            self._way.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        with self._way.turn(f"{self._log.vendor} {request.method} {path}", path):
            began = time.monotonic()
            response = bounded(self._inner.handle_request(request), timeout_of(request))
            try:
                response.read()
            finally:
                response.close()
        response.elapsed = timedelta(seconds=time.monotonic() - began)  # the PagerDuty client insists on it
        self._log.add(
            Call(
                method=request.method, path=request.url.path, query=request.url.query.decode(),
                status=response.status_code, body_sha256=sha256(response.content),
            )
        )  # fmt: skip
        return response

    def close(self) -> None:
        self._inner.close()


@dataclass(frozen=True)
class _InTime(httpx2.SyncByteStream):
    """A body that is given up when all of it takes too long."""

    inner: httpx2.SyncByteStream
    timeout: float | None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from in_time(self.inner, self.timeout)
        except OutOfTime as error:
            raise httpx2.ReadTimeout("the answer did not end in time") from error

    def close(self) -> None:
        self.inner.close()


def bounded(response: httpx2.Response, timeout: float | None) -> httpx2.Response:
    """The response, whose body has PATIENCE times `timeout` (seconds, None = none) to come."""
    if isinstance(response.stream, httpx2.SyncByteStream):
        response.stream = _InTime(response.stream, timeout)
    return response


def timeout_of(request: httpx2.Request) -> float | None:
    """How long one read may take, as the client was told."""
    read: float | None = request.extensions.get("timeout", {}).get("read")
    return read


def outward(way: Way) -> httpx2.HTTPTransport:
    """A plain transport through this network's proxy, trusting its certificates."""
    bundle = way.network.ca_bundle
    changed = bundle.stat().st_mtime_ns if bundle else 0
    return patient(httpx2.HTTPTransport(verify=_trusted(bundle, changed), proxy=way.network.proxy))


@lru_cache(maxsize=4)
def _trusted(bundle: Path | None, _changed: int) -> ssl.SSLContext:
    """Whose certificates count. Reading them takes 50 ms, and every batch has a client of its own."""
    return ssl.create_default_context(cafile=str(bundle)) if bundle else httpx2.create_ssl_context()


def client(
    base_url: str, allowed: tuple[Allowed, ...], log: CallLog, *, headers: Mapping[str, str], timeout: float,
    way: Way | None = None,
) -> httpx2.Client:  # fmt: skip
    """A plain client of one source. Close it (it is a context manager)."""
    return httpx2.Client(
        base_url=base_url, headers={"user-agent": USER_AGENT, **headers}, timeout=timeout,
        transport=GuardedTransport(allowed, log, way=way),
    )  # fmt: skip


@contextmanager
def named_failures(what: str) -> Iterator[None]:
    """Turn httpx2's failures into ours; `what` names the source and the question."""
    try:
        yield
    except httpx2.TimeoutException as error:
        raise errors.Unreachable(f"{what} did not answer in time") from error
    except (httpx2.RemoteProtocolError, httpx2.DecodingError) as error:
        raise errors.Unreachable(f"{what}: the connection was cut before the answer was complete") from error
    except httpx2.TransportError as error:
        raise errors.Unreachable(f"{what} could not be reached ({type(error).__name__})") from error


def json_of(response: httpx2.Response, what: str, *, scope: str = "") -> dict[str, JsonValue]:
    """The object that a 200 holds; everything else by name."""
    if response.status_code != 200:
        raise errors.from_status(response.status_code, what, scope=scope)
    try:
        body = response.json()
    except ValueError as error:
        raise errors.Malformed(f"{what} answered 200 with a body that is not JSON", status=200) from error
    if not isinstance(body, dict):
        raise errors.Malformed(f"{what} answered 200 with {type(body).__name__} instead of an object", status=200)
    return body


def value_of(response: httpx2.Response, what: str, *, scope: str = "") -> JsonValue:
    """Whatever JSON a 200 holds, for sources that answer with lists; everything else by name."""
    if response.status_code != 200:
        raise errors.from_status(response.status_code, what, scope=scope)
    try:
        value: JsonValue = response.json()
    except ValueError as error:
        raise errors.Malformed(f"{what} answered 200 with a body that is not JSON", status=200) from error
    return value
