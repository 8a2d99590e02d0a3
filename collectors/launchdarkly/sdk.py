"""The vendor's server SDK over a way out that is ours.

Which allow-list covers the SDK: flags are fetched through the guarded client below (`SDK_ALLOWED`, one GET) and handed
to the SDK at its own extension point for transports, so the SDK itself opens no connection. Only where that address
is not served (a relay that streams and does not poll) does the SDK stream by itself, which no list of ours can wrap:
`tests/collectors/launchdarkly/test_evaluation.py` records both ways and proves that nothing but these two addresses
is asked, and that no event is sent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
from ldclient import Config, Context, LDClient
from ldclient.config import HTTPConfig
from ldclient.evaluation import EvaluationDetail
from ldclient.feature_store import InMemoryFeatureStore
from ldclient.interfaces import DataSourceErrorKind
from ldclient.versioned_data_kind import FEATURES, SEGMENTS
from pydantic import JsonValue

from collectors.connections import source
from collectors.errors import Denied, Gone, Malformed, SourceError, Unreachable, from_status
from collectors.evidence import Call, Source
from collectors.http import Allowed, CallLog, client, json_of, named_failures
from collectors.launchdarkly.client import OWN_HOSTS, VENDOR
from collectors.launchdarkly.reading import Json, object_at

POLL, STREAM = "/sdk/latest-all", "/all"
SDK_ALLOWED = (Allowed("GET", POLL),)
SDK_SCOPE = "a server SDK key of that environment"
READER = Context.builder("clearance").kind("service").build()


@dataclass(frozen=True)
class SdkAccess:
    """One environment. `url` None = the vendor's own addresses, which the SDK knows."""

    environment: str
    key: str
    url: str | None
    timeout: float

    def source(self) -> Source:
        base = self.url or Config(self.key).base_uri
        return source(VENDOR, base, self.key, own_hosts=OWN_HOSTS)

    @property
    def what(self) -> str:
        return f"LaunchDarkly, asked as an SDK of {self.environment}"


@dataclass(frozen=True)
class Evaluator:
    """An SDK client that is ready, and the store that it evaluates from."""

    sdk: LDClient
    store: InMemoryFeatureStore

    def detail(self, flag: str) -> EvaluationDetail:
        """What is served; `value` is None wherever the SDK would fall back to a default of the caller's."""
        return self.sdk.variation_detail(flag, READER, None)

    def stored(self, flag: str) -> Json | None:
        held = self.store.get(FEATURES, flag, lambda item: item)
        return None if held is None else dict(held.to_json_dict())


@contextmanager
def evaluator(access: SdkAccess, log: CallLog) -> Iterator[Evaluator]:
    """A ready client of one environment, closed at the end; SourceErrors when it cannot become ready."""
    _quiet()
    requester = _polled(access, log)
    store: InMemoryFeatureStore = InMemoryFeatureStore()  # type: ignore[no-untyped-call]
    sdk = LDClient(_config(access, store, requester), start_wait=access.timeout)
    try:
        if not sdk.is_initialized():
            raise _never_ready(sdk, access, polled=requester is not None)
        if requester is None:
            log.add(Call(method="GET", path=STREAM, status=200))
        yield Evaluator(sdk, store)
    finally:
        sdk.close()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Polled:
    """The SDK's requester of flags, which already has them."""

    flags: Json
    segments: Json

    def get_all_data(self) -> dict[object, Json]:
        return {FEATURES: self.flags, SEGMENTS: self.segments}


def fetch(access: SdkAccess, log: CallLog) -> Polled:
    """Every flag of the environment, as SDKs are given them."""
    if not access.key.isascii() or not access.key.isprintable():
        raise Denied(f"{access.what}: the key holds characters that no SDK key has", scope=SDK_SCOPE)
    headers = {"authorization": access.key, "accept": "application/json"}
    with client(access.source().base_url, SDK_ALLOWED, log, headers=headers, timeout=access.timeout) as http:
        what = f"{access.what}: GET {POLL}"
        body = json_of(_get(http, what), what, scope=SDK_SCOPE)
    return Polled(_keyed(body, "flags", access), _keyed(body, "segments", access))


def _get(http: httpx2.Client, what: str) -> httpx2.Response:
    with named_failures(what):
        return http.get(POLL)


def _keyed(body: Json, name: str, access: SdkAccess) -> Json:
    """Flags or segments by key, each in the shape without which the SDK would silently not become ready."""
    held = object_at(body, name, f"the flags of {access.environment}")
    for key, item in held.items():
        if not isinstance(item, dict) or not _whole(item.get("version")) or item.get("key") != key:
            raise Malformed(f"{access.what}, {name[:-1]} {key[:80]!r} has no key or version of its own", status=200)
    return held


def _whole(value: JsonValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _polled(access: SdkAccess, log: CallLog) -> Polled | None:
    """The environment's flags; None where the address does not serve them in one piece."""
    try:
        return fetch(access, log)
    except Gone:
        return None


def _config(access: SdkAccess, store: InMemoryFeatureStore, requester: Polled | None) -> Config:
    own = Config(access.key)
    return Config(
        access.key, base_uri=access.url or own.base_uri, stream_uri=access.url or own.stream_base_uri,
        events_uri=access.url or own.events_base_uri, stream=requester is None, feature_store=store,
        feature_requester_class=lambda _: requester, send_events=False, diagnostic_opt_out=True,
        http=HTTPConfig(connect_timeout=access.timeout, read_timeout=access.timeout),
    )  # fmt: skip


def _never_ready(sdk: LDClient, access: SdkAccess, *, polled: bool) -> SourceError:
    """Why the client never became ready, as far as its data source tells."""
    if polled:
        return Malformed(f"{access.what}: the SDK could not take the flags it was given", status=200)
    error, what = sdk.data_source_status_provider.status.error, f"{access.what}: GET {STREAM}"
    if error is not None and error.kind == DataSourceErrorKind.ERROR_RESPONSE:
        return from_status(error.status_code, what, scope=SDK_SCOPE)
    if error is not None and error.kind == DataSourceErrorKind.INVALID_DATA:
        return Malformed(f"{what} sent what is not JSON", status=200)
    return Unreachable(f"{what} did not become ready within {access.timeout:g} s")


def _quiet() -> None:
    """The SDK warns through logging; without any handler Python would print that on the terminal."""
    logger = logging.getLogger("ldclient")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
