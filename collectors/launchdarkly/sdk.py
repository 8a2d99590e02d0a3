"""The vendor's server SDK over a way out that is ours.

Which allow-list covers the SDK: `SDK_ALLOWED` below, two GETs. The flags are fetched through our own clients and handed
to the SDK at its own extension point for sources of flags, so the SDK itself opens no connection at all, sends no event
and starts no thread. `tests/collectors/launchdarkly/test_flag_evaluation.py` records every request at a proxy and
proves it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from ldclient import Config, Context, LDClient
from ldclient.evaluation import EvaluationDetail
from ldclient.feature_store import InMemoryFeatureStore
from ldclient.interfaces import FeatureStore, UpdateProcessor
from ldclient.versioned_data_kind import FEATURES, SEGMENTS, VersionedDataKind
from pydantic import JsonValue

from collectors.connections import source
from collectors.errors import Denied, Gone, Malformed
from collectors.evidence import Source
from collectors.http import Allowed, CallLog, client, json_of, named_failures
from collectors.launchdarkly.client import OWN_HOSTS, VENDOR
from collectors.launchdarkly.reading import Json, object_at
from collectors.launchdarkly.stream import first_put
from collectors.way import Way

POLL, STREAM = "/sdk/latest-all", "/all"
SDK_ALLOWED = (Allowed("GET", POLL), Allowed("GET", STREAM))
SDK_SCOPE = "a server SDK key of that environment"
READER = Context.builder("clearance").kind("service").build()


@dataclass(frozen=True)
class SdkAccess:
    """One environment. `url` None = the vendor's own addresses, which the SDK knows."""

    environment: str
    key: str
    url: str | None
    timeout: float
    way: Way = field(default_factory=Way)

    @property
    def poll_url(self) -> str:
        return self.url or Config(self.key).base_uri

    @property
    def stream_url(self) -> str:
        return self.url or Config(self.key).stream_base_uri

    def source(self) -> Source:
        return source(VENDOR, self.poll_url, self.key, own_hosts=OWN_HOSTS)

    @property
    def what(self) -> str:
        whose = "with LAUNCHDARKLY_SDK_KEY" if self.environment == "*" else f"of {self.environment}"
        return f"LaunchDarkly, asked as an SDK {whose}"


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


@dataclass(frozen=True)
class Given:
    """What an environment gives to its SDKs."""

    flags: Json
    segments: Json


@dataclass(frozen=True)
class Handed(UpdateProcessor):
    """The SDK's source of flags, which has them already: it hands them over in the thread that asks, and nobody waits.

    The SDK's own sources have a thread each, and what a busy machine starts too late would look like a wrong answer.
    """

    given: Given
    store: FeatureStore
    ready: Event

    def start(self) -> None:
        """Where the SDK stumbles over the shape of a flag, its store is not initialised, as with its own sources."""
        everything: dict[VersionedDataKind, Any] = {FEATURES: self.given.flags, SEGMENTS: self.given.segments}
        with suppress(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
            self.store.init(everything)
        self.ready.set()

    def initialized(self) -> bool:
        return self.store.initialized


@contextmanager
def evaluator(access: SdkAccess, log: CallLog) -> Iterator[Evaluator]:
    """A ready client of one environment, closed at the end; SourceErrors when it cannot become ready."""
    _quiet()
    given = fetch(access, log)
    store: InMemoryFeatureStore = InMemoryFeatureStore()  # type: ignore[no-untyped-call]
    sdk = LDClient(_config(access, store, given), start_wait=0)  # they are there, or never will be
    try:
        if not sdk.is_initialized():
            raise Malformed(f"{access.what}: the SDK could not take the flags it was given", status=200)
        yield Evaluator(sdk, store)
    finally:
        sdk.close()  # type: ignore[no-untyped-call]


def fetch(access: SdkAccess, log: CallLog) -> Given:
    """Every flag of the environment, as SDKs are given them: in one piece, or as a stream begins."""
    if not access.key.isascii() or not access.key.isprintable():
        raise Denied(f"{access.what}: the key holds characters that no SDK key has", scope=SDK_SCOPE)
    try:
        body = _polled(access, log)
    except Gone:  # a relay that streams and does not poll
        what = f"{access.what}: GET {STREAM}"
        body = first_put(
            access.stream_url, STREAM, SDK_ALLOWED, log, access.key, access.timeout, what, SDK_SCOPE, access.way
        )  # fmt: skip
    return Given(_keyed(body, "flags", access), _keyed(body, "segments", access))


def _polled(access: SdkAccess, log: CallLog) -> Json:
    what = f"{access.what}: GET {POLL}"
    headers = {"authorization": access.key, "accept": "application/json"}
    with client(access.poll_url, SDK_ALLOWED, log, headers=headers, timeout=access.timeout, way=access.way) as http:
        with named_failures(what):
            response = http.get(POLL)
        return json_of(response, what, scope=SDK_SCOPE)


def _keyed(body: Json, name: str, access: SdkAccess) -> Json:
    """Flags or segments by key, each in the shape without which the SDK would silently not become ready."""
    held = object_at(body, name, f"the flags of {access.environment}")
    for key, item in held.items():
        if not isinstance(item, dict) or not _whole(item.get("version")) or item.get("key") != key:
            raise Malformed(f"{access.what}, {name[:-1]} {key[:80]!r} has no key or version of its own", status=200)
    return held


def _whole(value: JsonValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _config(access: SdkAccess, store: InMemoryFeatureStore, given: Given) -> Config:
    """It takes what was fetched; the addresses are set all the same, so that nothing could go elsewhere."""
    return Config(
        access.key, base_uri=access.poll_url, stream_uri=access.stream_url, events_uri=access.poll_url, stream=False,
        update_processor_class=lambda _, held, ready: Handed(given, held, ready), feature_store=store,
        send_events=False, diagnostic_opt_out=True,
    )  # fmt: skip


def _quiet() -> None:
    """The SDK warns through logging; without any handler Python would print that on the terminal."""
    logger = logging.getLogger("ldclient")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
