"""The way out to Datadog: the vendor's client behind an allow-list, with a deadline, bounded retries and a record."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlencode, urlsplit

import urllib3
from datadog_api_client.api_client import ApiClient
from datadog_api_client.configuration import Configuration
from datadog_api_client.rest import RESTClientObject
from pydantic import JsonValue

from collectors import errors
from collectors.connections import Connections, DatadogAccess, answer_each, not_configured
from collectors.connections import source as source_of
from collectors.evidence import (
    Answer,
    Call,
    Completeness,
    Evidence,
    Facts,
    Request,
    Source,
    canonical,
    sha256,
)
from collectors.http import LONGEST_WAIT, Allowed, CallLog, check_allowed

ALLOWED = (
    Allowed("GET", r"/api/v1/validate"),
    Allowed("POST", r"/api/v2/query/(scalar|timeseries)"),
    Allowed("GET", r"/api/v1/dashboard/[\w%-]+"),
    Allowed("GET", r"/api/v1/monitor(/\d+)?"),
    Allowed("POST", r"/api/v2/(logs|audit)/events/search"),
    Allowed("GET", r"/api/v1/logs/config/indexes/(?!\.+$)[\w%.-]+"),
    Allowed("GET", r"/api/v2/logs/config/archives"),
)
OWN_HOSTS = ("datadoghq.com", "datadoghq.eu", "ddog-gov.com")
SETTINGS = "DD_API_KEY and DD_APP_KEY"
ATTEMPTS = 3
NO_ANSWER = 0  # the status under which a call is recorded that the other side never answered

R = TypeVar("R", bound=Request)
Api = TypeVar("Api")
Reply = urllib3.BaseHTTPResponse


class GuardedRest(RESTClientObject):
    """Refuses what is not allowed, retries what may pass, records every attempt. Never raises for a status."""

    def __init__(self, configuration: Configuration, log: CallLog) -> None:
        super().__init__(configuration)  # type: ignore[no-untyped-call]
        self._log = log

    def request(
        self, method: str, url: str, query_params: Sequence[tuple[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None, body: Any = None, post_params: object = None,
        preload_content: bool = True, request_timeout: float | None = None,
    ) -> Reply:  # fmt: skip
        check_allowed(ALLOWED, method, urlsplit(url).path)
        query = urlencode(query_params or ())
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                reply = self._once(method, url, query, dict(headers or {}), body, request_timeout)
            except urllib3.exceptions.HTTPError as error:
                if last or _out_of_time(error):
                    raise
                time.sleep(_backoff(attempt))
                continue
            wait = _wait(reply, attempt)
            if last or wait is None or wait > LONGEST_WAIT:
                return reply
            time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _once(
        self, method: str, url: str, query: str, headers: dict[str, str], body: JsonValue, seconds: float | None
    ) -> Reply:
        status, answer = NO_ANSWER, b""
        try:
            reply: Reply = self.pool_manager.request(
                method, f"{url}?{query}" if query else url, headers=headers, redirect=False,
                body=None if body is None else json.dumps(body), timeout=urllib3.Timeout(total=seconds),
            )  # fmt: skip
            status, answer = reply.status, reply.data
        finally:
            self._record(method, urlsplit(url).path, query, body, status, answer)
        return reply

    def _record(self, method: str, path: str, query: str, body: JsonValue, status: int, answer: bytes) -> None:
        asked = query if body is None else canonical(body).decode()
        self._log.add(Call(method=method, path=path, query=asked, status=status, body_sha256=sha256(answer)))


class GuardedClient(ApiClient):
    """The vendor's client with the guarded transport; answers come back as raw replies, never as its models."""

    def __init__(self, access: DatadogAccess, timeout: float, log: CallLog) -> None:
        self._log = log
        configuration = Configuration(  # type: ignore[no-untyped-call]
            host=access.base_url.rstrip("/"), request_timeout=timeout, preload_content=False,
            retry_policy=urllib3.Retry(total=False, redirect=False),
        )  # fmt: skip
        # Set afterwards: the constructor takes what is empty from whatever DD_* variables happen to be around.
        configuration.api_key = {"apiKeyAuth": access.api_key, "appKeyAuth": access.app_key}
        super().__init__(configuration)

    def _build_rest_client(self) -> GuardedRest:
        return GuardedRest(self.configuration, self._log)


def _out_of_time(error: Exception) -> bool:
    """A hang is an answer: asking again would only multiply the wait."""
    return isinstance(error, urllib3.exceptions.TimeoutError) and not isinstance(
        error, urllib3.exceptions.NewConnectionError
    )


def _backoff(attempt: int) -> float:
    return float(0.1 * 2 ** (attempt - 1) * (1 + random.random()))


def _wait(reply: Reply, attempt: int) -> float | None:
    """Seconds before the next attempt, or None when the answer stands."""
    if reply.status != 429 and reply.status < 500:
        return None
    reset = reply.headers.get("x-ratelimit-reset", "")
    if reply.status == 429 and re.fullmatch(r"\d+(\.\d+)?", reset):
        return float(reset) + random.random() * 0.1
    return _backoff(attempt)


@dataclass(frozen=True)
class Session:
    """One batch's conversation with Datadog."""

    client: GuardedClient
    log: CallLog
    source: Source
    conn: Connections
    secrets: tuple[str, ...]

    def api(self, kind: Callable[[ApiClient], Api]) -> Api:
        """One of the vendor's API classes over this session."""
        return kind(self.client)

    def ask(self, what: str, scope: str, call: Callable[[], object]) -> JsonValue:
        """The JSON of a 200; everything else as a SourceError. `what` names the question, `scope` what it needs."""
        told = f"Datadog {what}"
        with _named_failures(told):
            reply = call()
        if not isinstance(reply, urllib3.BaseHTTPResponse):
            raise TypeError("the client answered with a model instead of a raw reply")
        if reply.status != 200:
            raise self._refusal(reply, told, scope)
        body = parse(reply.data, told)
        refused = body.get("errors") if isinstance(body, dict) else None
        if refused:
            raise errors.Malformed(f"{told} answered 200 with an error: {self._quoted(refused)}", status=200)
        return body

    def evidence(
        self, ask: Request, facts: Facts, body: dict[str, JsonValue], *, link: str, calls: Sequence[Call],
        completeness: Completeness, redacted: tuple[str, ...] = (),
    ) -> Evidence:  # fmt: skip
        """The answer to `ask`; `link` is the path of the vendor's page where a person can look."""
        return Evidence(
            request_type=ask.type, params=ask.params(), source=self.source, collected_at=self.conn.clock(),
            link=app_url(self.source.base_url) + link, facts=facts, calls=tuple(calls), completeness=completeness,
            body=body, redacted=redacted,
        )  # fmt: skip

    def _refusal(self, reply: Reply, told: str, scope: str) -> errors.SourceError:
        failure = errors.from_status(reply.status, told, scope=scope)
        if isinstance(failure, errors.Throttled) and (reset := reply.headers.get("x-ratelimit-reset", "")).isdigit():
            failure.what += f"; its limit resets in {reset} s"
        if reply.status == 400:
            failure.next_step = "Check the query, name or window on the card against what the source says of it."
        try:
            body = json.loads(reply.data)
        except ValueError:
            return failure
        if isinstance(body, dict) and body.get("errors"):
            failure.what += f"; it says {self._quoted(body['errors'])}"
        return failure

    def _quoted(self, said: JsonValue) -> str:
        """What the vendor says about a failure: one line, capped, without our keys."""
        first = said[0] if isinstance(said, list) else said
        if isinstance(first, dict):
            first = first.get("detail") or first.get("title")
        text = " ".join(str(first).split())
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return f'"{text[:160]}"'


def parse(data: bytes, told: str) -> JsonValue:
    """The JSON of an answer; numbers that JSON does not know are refused, since no seal could hold them."""
    try:
        body: JsonValue = json.loads(data, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise errors.Malformed(f"{told} answered 200 with a body that is not JSON", status=200) from error
    return body


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is beyond every number")
    return value


@contextmanager
def _named_failures(told: str) -> Iterator[None]:
    """Turn urllib3's failures into ours."""
    try:
        yield
    except (urllib3.exceptions.ProtocolError, urllib3.exceptions.DecodeError) as error:
        raise errors.Unreachable(f"{told}: the connection was cut before the answer was complete") from error
    except urllib3.exceptions.HTTPError as error:
        if _out_of_time(error):
            raise errors.Unreachable(f"{told} did not answer in time") from error
        raise errors.Unreachable(f"{told} could not be reached ({type(error).__name__})") from error


@contextmanager
def session(conn: Connections, access: DatadogAccess) -> Iterator[Session]:
    """A client for one batch, closed afterwards."""
    log = conn.log("datadog")
    asked = source_of("datadog", access.base_url, f"{access.api_key}:{access.app_key}", own_hosts=OWN_HOSTS)
    with GuardedClient(access, conn.timeout, log) as client:
        yield Session(client, log, asked, conn, (access.api_key, access.app_key))


def answer_batch(
    conn: Connections, asks: Sequence[R], answering: Callable[[Session], Callable[[R], Answer]]
) -> list[Answer]:
    """One answer a question, in order, over one session; `answering` makes the function that answers one."""
    access = conn.datadog
    if access is None or not (access.api_key and access.app_key):
        return not_configured("datadog", asks, conn.clock(), SETTINGS)
    with session(conn, access) as dd:
        return answer_each(asks, conn, dd.source, dd.log, answering(dd))


def app_url(base_url: str) -> str:
    """Where a person looks: the site that belongs to an API host."""
    return re.sub(r"^(https?://)api\.", r"\1app.", base_url.rstrip("/"))
