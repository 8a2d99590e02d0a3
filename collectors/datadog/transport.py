"""The vendor's own client with a guarded transport: an allow-list, a deadline, bounded retries and a record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import urllib3
from datadog_api_client.api_client import ApiClient
from datadog_api_client.configuration import Configuration
from datadog_api_client.rest import RESTClientObject
from pydantic import JsonValue

from collectors.connections import DatadogAccess
from collectors.evidence import Call, canonical, sha256
from collectors.http import USER_AGENT, Allowed, CallLog, check_allowed
from collectors.patient_response import patient
from collectors.pauses import backoff
from collectors.way import Way
from collectors.whole import OutOfTime, in_time

ATTEMPTS = 3
PART = 65536  # bytes
CONNECTIONS = 16  # kept open at most: as many calls as may be under way at once
NO_ANSWER = 0  # the status under which a call is recorded that the other side never answered

Reply = urllib3.BaseHTTPResponse


class GuardedRest(RESTClientObject):
    """Refuses what is not allowed, waits its turn, retries what may pass, records every attempt.

    Never raises for a status.
    """

    def __init__(self, configuration: Configuration, allowed: tuple[Allowed, ...], log: CallLog, way: Way) -> None:
        super().__init__(configuration, maxsize=CONNECTIONS)  # type: ignore[no-untyped-call]
        self.pool_manager.pool_classes_by_scheme = patient(self.pool_manager.pool_classes_by_scheme)
        self._allowed, self._log, self._way = allowed, log, way

    def request(
        self, method: str, url: str, query_params: Sequence[tuple[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None, body: Any = None, post_params: object = None,
        preload_content: bool = True, request_timeout: float | None = None,
    ) -> Reply:  # fmt: skip
        check_allowed(self._allowed, method, urlsplit(url).path)
        query = urlencode(query_params or ())
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                reply = self._once(method, url, query, dict(headers or {}), body, request_timeout)
            except urllib3.exceptions.HTTPError as error:
                if last or out_of_time(error):
                    raise
                self._way.sleep(backoff(attempt))
                continue
            wait = self._way.heard(urlsplit(url).path, reply.status, reply.headers, attempt)
            if last or wait is None:
                return reply
            self._way.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _once(
        self, method: str, url: str, query: str, headers: dict[str, str], body: JsonValue, seconds: float | None
    ) -> Reply:
        path = urlsplit(url).path
        with self._way.turn(f"Datadog {method} {path}", path):
            return self._sent(method, url, query, headers, body, seconds)

    def _sent(
        self, method: str, url: str, query: str, headers: dict[str, str], body: JsonValue, seconds: float | None
    ) -> Reply:
        status, answer = NO_ANSWER, b""
        try:
            coming: Reply = self.pool_manager.request(
                method, f"{url}?{query}" if query else url, headers=headers, redirect=False, preload_content=False,
                body=None if body is None else json.dumps(body), timeout=urllib3.Timeout(total=seconds),
            )  # fmt: skip
            reply = _whole(coming, seconds)
            status, answer = reply.status, reply.data
        finally:
            self._record(method, urlsplit(url).path, query, body, status, answer)
        return reply

    def _record(self, method: str, path: str, query: str, body: JsonValue, status: int, answer: bytes) -> None:
        asked = query if body is None else canonical(body).decode()
        self._log.add(Call(method=method, path=path, query=asked, status=status, body_sha256=sha256(answer)))


def _whole(coming: Reply, seconds: float | None) -> Reply:
    """The reply with its body, decoded; a time-out of urllib3's where that does not come in time."""
    try:
        data = b"".join(in_time(iter(lambda: coming.read1(PART, decode_content=True), b""), seconds))
    except OutOfTime as error:
        raise urllib3.exceptions.ReadTimeoutError(None, None, "the answer did not end in time") from error  # type: ignore[arg-type]
    finally:
        coming.release_conn()
    return urllib3.HTTPResponse(BytesIO(data), headers=coming.headers, status=coming.status, decode_content=False)


class GuardedClient(ApiClient):
    """The vendor's client with the guarded transport; answers come back as raw replies, never as its models."""

    def __init__(
        self, access: DatadogAccess, allowed: tuple[Allowed, ...], timeout: float, log: CallLog, way: Way
    ) -> None:
        self._allowed, self._log, self._way = allowed, log, way
        bundle = way.network.ca_bundle
        configuration = Configuration(  # type: ignore[no-untyped-call]
            host=access.base_url.rstrip("/"), request_timeout=timeout, preload_content=False,
            retry_policy=urllib3.Retry(total=False, redirect=False), ssl_ca_cert=str(bundle) if bundle else None,
        )  # fmt: skip
        # Set afterwards: the constructor takes what is empty from whatever DD_* variables happen to be around.
        configuration.api_key = {"apiKeyAuth": access.api_key, "appKeyAuth": access.app_key}
        configuration.proxy, configuration.proxy_headers = proxied(way.network.proxy)
        super().__init__(configuration)
        self.user_agent = USER_AGENT

    def _build_rest_client(self) -> GuardedRest:
        return GuardedRest(self.configuration, self._allowed, self._log, self._way)


def out_of_time(error: Exception) -> bool:
    """A hang is an answer: asking again would only multiply the wait."""
    return isinstance(error, urllib3.exceptions.TimeoutError) and not isinstance(
        error, urllib3.exceptions.NewConnectionError
    )


def proxied(proxy: str | None) -> tuple[str | None, dict[str, str] | None]:
    """The proxy's address and, as headers, its name and password: urllib3 does not take them from the address."""
    if proxy is None:
        return None, None
    parts = urlsplit(proxy)
    if parts.username is None:
        return proxy, None
    who = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), urllib3.make_headers(proxy_basic_auth=who)
