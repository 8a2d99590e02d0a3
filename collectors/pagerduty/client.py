"""The way to PagerDuty: the vendor's own client behind our allow-list, asked once per question, failures by name."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar, cast

import httpx2
import pagerduty
from pydantic import JsonValue

from collectors import connections, errors, several
from collectors.connections import Connections, PagerDutyAccess
from collectors.evidence import Call, Source, Window, canonical
from collectors.http import Allowed, CallLog, GuardedTransport, json_of, named_failures
from collectors.pagerduty.redaction import redact
from collectors.sharing import Sharing
from collectors.skew import DateHeard
from collectors.way import Way

SETTING = "PAGERDUTY_API_KEY"
OWN_HOSTS = ("pagerduty.com",)
_ID = r"[A-Za-z0-9_-]{1,64}"
# call → the permission that it needs; config/policies/pagerduty.json lists the same ones
PERMISSIONS: Mapping[Allowed, str] = {
    Allowed("GET", "/abilities"): "abilities.read",
    Allowed("GET", "/escalation_policies"): "escalation_policies.read",
    Allowed("GET", f"/escalation_policies/{_ID}"): "escalation_policies.read",
    Allowed("GET", "/incidents"): "incidents.read",
    Allowed("GET", f"/incidents/{_ID}/log_entries"): "incidents.read",
    Allowed("GET", "/maintenance_windows"): "services.read",
    Allowed("GET", "/oncalls"): "oncalls.read",
    Allowed("GET", "/priorities"): "priorities.read",
    Allowed("GET", "/schedules"): "schedules.read",
    Allowed("GET", f"/schedules/{_ID}"): "schedules.read",
    Allowed("GET", "/services"): "services.read",
    Allowed("GET", f"/services/{_ID}"): "services.read",
    Allowed("GET", "/users"): "users.read",
    Allowed("GET", f"/users/{_ID}"): "users.read",
    Allowed("GET", "/v3/schedules"): "schedules.read",
    Allowed("GET", f"/v3/schedules/{_ID}"): "schedules.read",
}
ALLOWED = tuple(PERMISSIONS)

Params = Mapping[str, str | int | list[str]]
K = TypeVar("K")
logging.getLogger("pagerduty").addHandler(logging.NullHandler())  # what fails is told once, by the gap


@dataclass(frozen=True)
class Got:
    """One question's answer: an object, or items of a list; `removed` names the redacted fields.

    `more` and `total` are what one page says of the whole list; `total` is None where PagerDuty tells none.
    """

    body: dict[str, JsonValue] = field(default_factory=dict)
    items: tuple[JsonValue, ...] = ()
    pages: int = 1
    removed: frozenset[str] = frozenset()
    more: bool = False
    total: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of one question, with the calls it took; kept so that nobody asks it again in this batch."""

    calls: tuple[Call, ...]
    got: Got | None = None
    failure: errors.SourceError | None = None


@dataclass
class Trail:
    """The calls and pages that one answer rests on, a shared call once."""

    calls: dict[int, Call] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    pages: int = 0

    def take(self, outcome: Outcome) -> Got:
        """The answer; raises the failure that was kept in its place."""
        self.calls.update({id(call): call for call in outcome.calls})
        if outcome.got is None:
            raise outcome.failure or AssertionError("an outcome is an answer or a failure")
        self.removed |= outcome.got.removed
        self.pages += outcome.got.pages
        return outcome.got

    def asked(self) -> tuple[Call, ...]:
        return tuple(self.calls.values())


@dataclass(frozen=True)
class Desk:
    """What readers of one run share, and `whom` they ask: no others have their answers."""

    sharing: Sharing
    whom: tuple[str, ...]
    log: CallLog
    clock: Callable[[], datetime]


class Reader:
    """Reads one account. Thread-safe; every failure is a SourceError."""

    def __init__(self, client: pagerduty.RestApiV2Client, desk: Desk) -> None:
        self._client, self._desk = client, desk

    def hear_dates(self, heard: DateHeard) -> None:
        """Let `heard` see the headers of every answer from now on."""
        heard.listen(self._client)

    @property
    def log(self) -> CallLog:
        return self._desk.log

    def shared(self, path: str, params: Params, *, scope: str, about: str = "") -> Got:
        """The same as `get` for what several types of questions need: asked once in a run."""
        key = (*self._desk.whom, path, canonical(params))
        ask = partial(self.get, path, params, scope=scope, about=about)
        return self._desk.sharing.once(key, ask, self.log, self.log.calls, self._desk.clock())

    def get(self, path: str, params: Params, *, scope: str, about: str = "") -> Got:
        """The object at `path`, redacted; `scope` is the permission it takes, `about` is added to error sentences."""
        what = f"PagerDuty GET {path}{about}"
        with named_failures(what):
            response = self._send(path, params)
        if response.status_code == 401:
            raise errors.Denied(
                f"{what} answered 401: the key is not accepted (it needs {scope})", scope=scope, status=401,
                advice=f"Put a valid REST API key of this account and service region into {SETTING}.",
            )  # fmt: skip
        try:
            body, removed = redact(json_of(response, what, scope=scope))
            canonical(body)
        except (
            ValueError,
            RecursionError,
        ) as error:  # NaN, half characters, endless nesting: JSON that nobody can keep
            raise errors.Malformed(f"{what} answered 200 with JSON that cannot be kept", status=200) from error
        return Got(body, removed=removed)

    def one(self, kind: str, collection: str, id: str, params: Params, *, shared: bool = False) -> Got:
        """The object of `kind` with this id; `shared` where several types of questions need it."""
        if not re.fullmatch(_ID, id):
            raise errors.Gone(f"PagerDuty has no {kind} {id[:80]!r}: that is not a PagerDuty id")
        path = f"/{collection}/{id}"
        got = (self.shared if shared else self.get)(path, params, scope=f"{collection.removeprefix('v3/')}.read")
        found = got.body.get(kind)
        if not isinstance(found, dict) or found.get("id") != id:
            raise errors.Malformed(f"PagerDuty GET {path} answered 200 without the {kind} that was asked", status=200)
        return Got(found, removed=got.removed)

    def each(self, keys: Iterable[K], ask: Callable[[K], Got]) -> dict[K, Outcome]:
        """What came of `ask` for every key, several at a time."""
        unique = list(dict.fromkeys(keys))
        return {key: _kept(came) for key, came in zip(unique, several.outcomes(self.log, unique, ask), strict=True)}

    def _send(self, path: str, params: Params) -> httpx2.Response:
        try:
            response: httpx2.Response = self._client.get(path, params=dict(params))
        except pagerduty.HttpError as error:  # 401 and redirects; its text holds a part of the key
            return cast(httpx2.Response, error.response)
        except pagerduty.Error as error:
            if isinstance(error.__cause__, httpx2.TransportError):
                raise error.__cause__ from None
            raise
        return response


def _kept(came: several.Outcome[Got]) -> Outcome:
    if isinstance(came.result, errors.SourceError):
        return Outcome(came.calls, failure=came.result)
    return Outcome(came.calls, came.result)


def utc(instant: datetime) -> str:
    """An instant as PagerDuty is asked for it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def span(window: Window) -> str:
    """The window, for error sentences."""
    return f" for {window.start.isoformat()} to {window.end.isoformat()}"


def source(access: PagerDutyAccess) -> Source:
    return connections.source("pagerduty", access.base_url, access.token, own_hosts=OWN_HOSTS)


@contextmanager
def reading(conn: Connections, access: PagerDutyAccess) -> Iterator[Reader]:
    """A reader of the account that `access` opens; NotConfigured when the token would travel in the clear."""
    if not access.base_url.startswith("https://") and not connections.is_loopback(access.base_url):
        raise errors.NotConfigured("PagerDuty was not asked: CLEARANCE_PAGERDUTY_URL must be https outside loopback")
    asked, log = source(access), conn.log("pagerduty")
    desk = Desk(conn.sharing or Sharing(), (asked.base_url, asked.credential), log, conn.clock)
    with _client(access, log, conn.timeout, conn.way("pagerduty", asked.credential)) as client:
        yield Reader(client, desk)


def _client(access: PagerDutyAccess, log: CallLog, timeout: float, way: Way) -> pagerduty.RestApiV2Client:
    """The vendor's client with its own retries off: ours are bounded and heed the rate-limit headers."""
    https = access.base_url.startswith("https://")
    client = pagerduty.RestApiV2Client(
        access.token, base_url=access.base_url if https else None,
        transport=GuardedTransport(ALLOWED, log, base_url=None if https else access.base_url, way=way),
    )  # fmt: skip
    client.timeout = timeout  # type: ignore[assignment]  # the vendor's class says int, httpx2 takes seconds as float
    client.max_network_attempts = 0
    client.max_http_attempts = -1
    client.retry[429] = 1  # any entry bounds it: without one the client retries a 429 for ever
    return client
