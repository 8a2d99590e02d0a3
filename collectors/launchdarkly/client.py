"""The way to LaunchDarkly's REST API: one guarded client a batch, the calls it may make, and sealed answers.

The token needs the Reader role, or a custom role that may view the project, and nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import httpx2

from collectors.connections import Connections, LaunchDarklyAccess, answer_each, handed_on, not_configured, source
from collectors.errors import resting_on
from collectors.evidence import Answer, Call, Completeness, Evidence, Facts, Request, Source, canonical
from collectors.http import Allowed, CallLog, client, json_of, named_failures
from collectors.launchdarkly.facts import FlagAsk, FlagHistoryAsk, RolloutAsk
from collectors.launchdarkly.reading import FlagNamed, Json, Place, place_of
from collectors.launchdarkly.redaction import Redactor
from collectors.launchdarkly.shelf import Listed, listed
from collectors.several import ahead
from collectors.sharing import Sharing
from collectors.way import Way

VENDOR = "launchdarkly"
OWN_HOSTS = ("launchdarkly.com", "launchdarkly.us", "launchdarkly.eu")
API_VERSION = "20240415"
SCOPE = "the Reader role on the project"
# call → the action that it needs; config/policies/launchdarkly.json lists the same ones
PERMISSIONS: Mapping[Allowed, str] = {
    Allowed("GET", "/api/v2/caller-identity"): "",
    Allowed("GET", "/api/v2/projects"): "viewProject",
    Allowed("GET", "/api/v2/projects/[A-Za-z0-9._-]+/environments"): "viewProject",
    Allowed("GET", "/api/v2/flags/[A-Za-z0-9._-]+"): "viewProject",
    Allowed("GET", "/api/v2/flags/[A-Za-z0-9._-]+/[A-Za-z0-9._-]+"): "viewProject",
    Allowed("GET", "/api/v2/auditlog"): "viewProject",
    Allowed("GET", "/api/v2/auditlog/[A-Za-z0-9_-]+"): "viewProject",
}
ALLOWED = tuple(PERMISSIONS)
N = TypeVar("N", FlagAsk, FlagHistoryAsk, RolloutAsk)


def secrets_of(access: LaunchDarklyAccess) -> tuple[str, ...]:
    return (access.token or "", *access.sdk_keys.values())


def rest_source(access: LaunchDarklyAccess) -> Source:
    return source(VENDOR, access.base_url, access.token or "", own_hosts=OWN_HOSTS)


def rest_client(access: LaunchDarklyAccess, log: CallLog, timeout: float, way: Way | None = None) -> httpx2.Client:
    headers = {"authorization": access.token or "", "ld-api-version": API_VERSION, "accept": "application/json"}
    return client(access.base_url, ALLOWED, log, headers=headers, timeout=timeout, way=way)


@dataclass(frozen=True)
class Rest:
    """One batch's conversation. `secrets` never get into what is sealed; `listed` is what lists showed of flags."""

    http: httpx2.Client
    log: CallLog
    source: Source
    clock: Callable[[], datetime]
    secrets: tuple[str, ...]
    sharing: Sharing = field(default_factory=Sharing)
    listed: Mapping[Place, Listed] = field(default_factory=dict)

    def get(self, path: str, what: str, params: Mapping[str, str | int] | None = None) -> Json:
        """The object at `path`; SourceErrors name LaunchDarkly and `what` was asked."""
        asked = f"LaunchDarkly, asked for {what}: GET {path}"
        with named_failures(asked):
            response = self.http.get(path, params=params)
        return json_of(response, asked, scope=SCOPE)

    def shared(self, path: str, what: str, params: Mapping[str, str | int] | None = None) -> Json:
        """The same as `get` for what several types of questions need: asked once in a run."""
        key = (self.source.base_url, self.source.credential, path, canonical(params))
        return self.sharing.once(key, partial(self.get, path, what, params), self.log, self.log.calls, self.clock())

    def collected(self, calls: Iterable[Call]) -> datetime:
        """The instant as of which an answer holds that is sealed now and rests on these calls."""
        return self.log.collected(calls, self.clock())

    def redactor(self) -> Redactor:
        return Redactor(self.secrets)

    def calls_for(self, ask: FlagNamed, mark: int, shared: Iterable[Call] = ()) -> tuple[Call, ...]:
        """The calls since the first `mark`, those by which the flag was listed, and others made for several flags."""
        held = self.listed.get(place_of(ask))
        return (*(held.calls if held else ()), *shared, *self.log.calls[mark:])


@handed_on
def ask_all(
    conn: Connections, asks: Sequence[N], answering: Callable[[Rest], Callable[[N], Answer]]
) -> Iterator[Answer]:
    """One answer a question over one client; not configured without a token.

    `answering` may first ask for all; what it gives is called by several threads at a time.
    """
    access = conn.launchdarkly
    if access is None or not access.token:
        yield from not_configured(VENDOR, asks, conn.clock(), "LAUNCHDARKLY_ACCESS_TOKEN")
        return
    log, asked = conn.log(VENDOR), rest_source(access)
    with rest_client(access, log, conn.timeout, conn.way(VENDOR, asked.credential)) as http:
        rest = Rest(http, log, asked, conn.clock, secrets_of(access), conn.sharing or Sharing())
        known = replace(rest, listed=listed(rest.shared, log, asks))
        answer = answering(known)

        def listed_first(ask: N) -> Answer:
            with resting_on(known.calls_for(ask, len(log.calls))):
                return answer(ask)

        with ahead(log, asks, listed_first) as taken:
            yield from answer_each(asks, conn, asked, log, taken)


def sealed(
    ask: Request, asked: Source, at: datetime, facts: Facts, body: Json, *, calls: Iterable[Call], link: str,
    redacted: tuple[str, ...], completeness: Completeness | None = None,
) -> Evidence:  # fmt: skip
    return Evidence(
        request_type=ask.type, params=ask.params(), source=asked, collected_at=at, link=link, facts=facts,
        calls=tuple(calls), completeness=completeness or Completeness(items=1), body=body, redacted=redacted,
    )  # fmt: skip


def page_of(asked: Source, ask: FlagNamed) -> str:
    """Where a person sees the flag."""
    return f"{asked.base_url.rstrip('/')}/{ask.project}/{ask.environment}/features/{ask.flag}"
