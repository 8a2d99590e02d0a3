"""Asking Datadog: what may be asked, one batch's session, and its failures by name.

Out of scope: the lists of application and API keys. No request needs them, and that of a service account's keys takes a
permission that also writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import urllib3
from datadog_api_client.api_client import ApiClient
from pydantic import JsonValue

from collectors import errors
from collectors.connections import Connections, DatadogAccess, answer_each, handed_on, not_configured
from collectors.connections import source as source_of
from collectors.datadog.patience import TURNS, Patience, Unanswered
from collectors.datadog.transport import GuardedClient, Reply, out_of_time
from collectors.evidence import (
    Answer,
    Call,
    Completeness,
    Evidence,
    Facts,
    Request,
    Source,
    canonical,
)
from collectors.http import Allowed, CallLog
from collectors.several import ahead

# call → the permission that it needs; config/policies/datadog.json lists the same ones
PERMISSIONS: Mapping[Allowed, str] = {
    Allowed("GET", r"/api/v1/validate"): "",
    Allowed("POST", r"/api/v2/query/(scalar|timeseries)"): "timeseries_query",
    Allowed("GET", r"/api/v1/dashboard"): "dashboards_read",
    Allowed("GET", r"/api/v1/dashboard/[\w%-]+"): "dashboards_read",
    Allowed("GET", r"/api/v1/monitor(/\d+)?"): "monitors_read",
    Allowed("GET", r"/api/v2/monitor/notification_rule"): "monitors_read",
    Allowed("POST", r"/api/v2/logs/events/search"): "logs_read_data",
    Allowed("POST", r"/api/v2/audit/events/search"): "audit_logs_read",
    Allowed("GET", r"/api/v1/logs/config/indexes(/(?!\.+$)[\w%.-]+)?"): "logs_read_config",
    Allowed("GET", r"/api/v1/logs/config/index-order"): "logs_read_config",
    Allowed("GET", r"/api/v2/logs/config/archives"): "logs_read_archives",
    Allowed("GET", r"/api/v1/slo(/[\w%-]+(/history|/corrections)?)?"): "slos_read",
    Allowed("GET", r"/api/v1/synthetics/tests(/[\w%-]+(/results)?)?"): "synthetics_read",
}
ALLOWED = tuple(PERMISSIONS)
OWN_HOSTS = ("datadoghq.com", "datadoghq.eu", "ddog-gov.com")
SETTINGS = "DD_API_KEY and DD_APP_KEY"

R = TypeVar("R", bound=Request)
Api = TypeVar("Api")


@dataclass(frozen=True)
class Session:
    """One batch's conversation with Datadog."""

    client: GuardedClient
    log: CallLog
    source: Source
    conn: Connections
    secrets: tuple[str, ...]
    patience: Patience

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
        """The answer to `ask`, as old as the oldest of its shared calls; `link` is the path of the vendor's page."""
        return Evidence(
            request_type=ask.type, params=ask.params(), source=self.source,
            collected_at=self.log.collected(calls, self.conn.clock()),
            link=app_url(self.source.base_url) + link, facts=facts, calls=tuple(calls), completeness=completeness,
            body=body, redacted=redacted,
        )  # fmt: skip

    def _refusal(self, reply: Reply, told: str, scope: str) -> errors.SourceError:
        failure = errors.from_status(reply.status, told, scope=scope)
        reset = reply.headers.get("x-ratelimit-reset", "")
        if isinstance(failure, errors.Throttled) and re.fullmatch(r"\d{1,6}", reset):
            failure.what += f"; its limit resets in {reset} s"
        if reply.status == 400:
            failure.next_step = "Check the query, name or window on the card against what the source says of it."
        try:
            body = json.loads(reply.data)
        except (ValueError, RecursionError):  # what the vendor adds is welcome, not needed
            return failure
        if isinstance(body, dict) and body.get("errors"):
            failure.what += f"; it says {self._quoted(body['errors'])}"
        return failure

    def _quoted(self, said: JsonValue) -> str:
        """What the vendor says about a failure: one line, capped, without our keys."""
        first = said[0] if isinstance(said, list) else said
        if isinstance(first, dict):
            first = first.get("detail") or first.get("title") or first.get("error")
        text = " ".join(str(first).encode(errors="replace").decode().split())
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return f'"{text[:160]}"'


def parse(data: bytes, told: str) -> JsonValue:
    """The JSON of an answer; what no seal could hold, such as NaN or half a character, is refused here."""
    try:
        body: JsonValue = json.loads(data)
        canonical(body)
    except (ValueError, RecursionError) as error:
        raise errors.Malformed(f"{told} answered 200 with a body that is not JSON", status=200) from error
    return body


@contextmanager
def _named_failures(told: str) -> Iterator[None]:
    """Turn urllib3's failures into ours."""
    try:
        yield
    except (urllib3.exceptions.ProtocolError, urllib3.exceptions.DecodeError) as error:
        raise Unanswered(f"{told}: the connection was cut before the answer was complete") from error
    except urllib3.exceptions.HTTPError as error:
        if out_of_time(error):
            raise Unanswered(f"{told} did not answer in time") from error
        raise errors.Unreachable(f"{told} could not be reached ({type(error).__name__})") from error


@contextmanager
def session(conn: Connections, access: DatadogAccess) -> Iterator[Session]:
    """A client for one batch, closed afterwards."""
    log = conn.log("datadog")
    asked = source_of("datadog", access.base_url, f"{access.api_key}:{access.app_key}", own_hosts=OWN_HOSTS)
    way = conn.way("datadog", asked.credential)
    with GuardedClient(access, ALLOWED, conn.timeout, log, way) as client:
        patience = Patience(TURNS * conn.timeout, conn.limits.now)
        yield Session(client, log, asked, conn, (access.api_key, access.app_key), patience)


@handed_on
def answer_batch(
    conn: Connections, asks: Sequence[R], answering: Callable[[Session], Callable[[R], Answer]], at_once: int = 1
) -> Iterator[Answer]:
    """One answer a question, in order, over one session; `answering` makes the function that answers one.

    That function is called by several threads where `at_once` is more than one: for questions that share no request.
    """
    access = conn.datadog
    if access is None or not (access.api_key and access.app_key):
        yield from not_configured("datadog", asks, conn.clock(), SETTINGS)
        return
    with session(conn, access) as dd, ahead(dd.log, asks, answering(dd), at_once) as answer:
        yield from answer_each(asks, conn, dd.source, dd.log, answer)


def app_url(base_url: str) -> str:
    """Where a person looks: the site that belongs to an API host."""
    return re.sub(r"^(https?://)api\.", r"\1app.", base_url.rstrip("/"))
