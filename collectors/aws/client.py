"""The one way to AWS: an allow-list of operations, a record of every answer, failures by name, a thread for each ask.

Most calls are `POST /`, so the list names services and operations. It is enforced in botocore's `before-call`, where
nothing has left the house yet, for every client of the session, the SDK's own included.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from threading import Lock
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.session import get_session
from pydantic import BaseModel, JsonValue, ValidationError

from collectors.aws.failures import Wire, is_throttled, named_failures
from collectors.aws.session import patient
from collectors.aws.unworded import Unworded
from collectors.connections import AwsAccess, Connections, handed_on, not_configured, source
from collectors.errors import Malformed, NotConfigured, SourceError
from collectors.evidence import (
    Answer,
    Call,
    Completeness,
    Evidence,
    Facts,
    Request,
    Source,
    canonical,
    fingerprint,
    sha256,
)
from collectors.http import CallLog, NotAllowed
from collectors.several import in_order
from collectors.skew import DateHeard
from collectors.way import Network

OWN_HOSTS = ("amazonaws.com", "amazonaws.com.cn")
SETTING = "the AWS SDK's credentials (AWS_ACCESS_KEY_ID or AWS_PROFILE)"
THREADS = 64  # S3 has no list call for what we ask: 1000 buckets are 4000 calls
AHEAD = 96  # asks that are made or under way and not taken yet
_READING = Lock()
ATTEMPTS = 3  # in all; what botocore calls max_attempts counts the retries alone
# in place of the SDK's own, which it puts together anew, twice a call, out of eight parts
USER_AGENT = f"clearance-read-only Boto3/{boto3.__version__}"

# operation → the permission it needs; GetSecretValue, GetObject and every write are absent on purpose
ALLOWED: Mapping[tuple[str, str], str] = {
    ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
    ("s3", "GetBucketVersioning"): "s3:GetBucketVersioning",
    ("s3", "GetObjectLockConfiguration"): "s3:GetBucketObjectLockConfiguration",
    ("s3", "GetBucketReplication"): "s3:GetReplicationConfiguration",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "GetBucketPolicy"): "s3:GetBucketPolicy",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("secretsmanager", "ListSecrets"): "secretsmanager:ListSecrets",
    ("secretsmanager", "DescribeSecret"): "secretsmanager:DescribeSecret",
    ("secretsmanager", "ListSecretVersionIds"): "secretsmanager:ListSecretVersionIds",
    ("iam", "ListRoles"): "iam:ListRoles",
    ("iam", "ListUsers"): "iam:ListUsers",
    ("iam", "GetRole"): "iam:GetRole",
    ("iam", "GetUser"): "iam:GetUser",
    ("iam", "ListAccessKeys"): "iam:ListAccessKeys",
    ("iam", "GetAccessKeyLastUsed"): "iam:GetAccessKeyLastUsed",
    ("cloudtrail", "LookupEvents"): "cloudtrail:LookupEvents",
    ("budgets", "DescribeBudget"): "budgets:ViewBudget",
    ("budgets", "DescribeNotificationsForBudget"): "budgets:ViewBudget",
    ("budgets", "DescribeSubscribersForNotification"): "budgets:ViewBudget",
    ("backup", "ListRecoveryPointsByResource"): "backup:ListRecoveryPointsByResource",
    ("backup", "ListRestoreJobsByProtectedResource"): "backup:ListRestoreJobsByProtectedResource",
    ("cloudtrail", "GetTrail"): "cloudtrail:GetTrail",
    ("cloudtrail", "GetTrailStatus"): "cloudtrail:GetTrailStatus",
    ("cloudtrail", "GetEventSelectors"): "cloudtrail:GetEventSelectors",
    ("sts", "GetCallerIdentity"): "",
}
# what the SDK itself asks for on the way: logging in, and finding the Region of a bucket that lives in another
SDK_OWN = frozenset(
    {("sts", "AssumeRole"), ("sts", "AssumeRoleWithWebIdentity"), ("sso", "GetRoleCredentials"),
     ("sso-oidc", "CreateToken"), ("signin", "CreateOAuth2Token"), ("s3", "HeadBucket")}
)  # fmt: skip


Params = Mapping[str, object]


class Got(NamedTuple):
    """An answer: plain JSON (times as ISO 8601) and the bytes as they came."""

    body: dict[str, JsonValue]
    raw: bytes


def is_aws(address: str, prefix: str) -> bool:
    """Does AWS itself answer there for this service? Below amazonaws.com anybody may have a host too: a gateway, a load
    balancer, a machine.
    """
    one, region = re.escape(prefix), r"\.[a-z]+-[a-z0-9-]+"
    public = rf"{one}(-fips)?(\.dualstack)?({region})?"
    private = rf"([a-z0-9-]+\.)?vpce-[0-9a-z-]+\.{one}{region}\.vpce"
    whole = rf"({public}|{private})\.amazonaws\.com(\.cn)?"
    return re.fullmatch(whole, urlsplit(address).hostname or "") is not None


class Account:
    """A guarded boto3 client of one service. Usable from many threads; close it."""

    def __init__(self, conn: Connections, access: AwsAccess, service: str) -> None:
        self.service, self._now = service, threading.local()
        with named_failures(f"aws {service}", Wire()):
            held, self._client = _opened(conn, access).client(service, access.endpoint_url, _config(conn.timeout))
            # by wildcards, which botocore calls before its own handler that makes a 500 of a broken 200
            self._client.meta.events.register_first("before-parse.*.*", self._record)
            self._client.meta.events.register("before-send", self._wait_with_the_others)
            self._client.meta.events.register("needs-retry", self._tell_the_others)
            patient(self._client, conn.timeout)
        self._way = conn.way("aws", fingerprint(held.access_key) if held else "")
        address, prefix = self._client.meta.endpoint_url, self._client.meta.service_model.endpoint_prefix
        own = OWN_HOSTS if is_aws(address, prefix) else ()
        self.source = source("aws", address, held.access_key if held else "", own_hosts=own)

    def call(self, log: CallLog, operation: str, params: Params, absent: frozenset[str] = frozenset()) -> Got:
        """Ask once (with the SDK's bounded retries). Raises SourceError, and Absent for the codes in `absent`."""
        shown = {k: masked(str(v)) if k == "AccessKeyId" else v for k, v in params.items()}
        query = urlencode(shown)
        what = f"aws {self.service}:{operation}" + "".join(f" ({k} {v})" for k, v in [*shown.items()][:1])
        wire = self._now.wire = Wire()
        path = f"{self.service}:{operation}"
        self._now.log, self._now.query, self._now.told, self._now.path = log, query, what, path
        scope = ALLOWED.get((self.service, operation), "")
        with self._way.turn(what, path), named_failures(what, wire, scope=scope, absent=absent):
            parsed = getattr(self._client, xform_name(operation))(**params)
        if wire.status != 200:  # botocore takes every other 2xx for an answer, 206 among them
            raise Malformed(f"{what} answered {wire.status}, which no whole answer does", status=wire.status)
        if not wire.body:
            raise Malformed(f"{what} answered 200 with an empty body", status=200)
        body = {k: _plain(v) for k, v in parsed.items() if k != "ResponseMetadata"}
        try:
            canonical(body)
        except (ValueError, TypeError) as error:  # an element that stands twice is left by botocore as it was
            raise Malformed(f"{what} answered 200 with something that no seal can hold", status=200) from error
        return Got(body, wire.body)

    def _record(self, operation_model: Any, response_dict: Mapping[str, Any], **_: object) -> None:
        log: CallLog | None = getattr(self._now, "log", None)
        if log is None:  # the SDK logging in: its answer holds a credential, not evidence
            return
        wire: Wire = self._now.wire
        wire.status, body = response_dict["status_code"], response_dict["body"]
        wire.body = body if isinstance(body, bytes) else b""
        name = f"{operation_model.service_model.service_name}:{operation_model.name}"
        log.add(
            Call(method=operation_model.http["method"], path=name, query=self._now.query,
                 status=wire.status, body_sha256=sha256(wire.body))
        )  # fmt: skip

    def _wait_with_the_others(self, **_: object) -> None:
        """Before each attempt, the SDK's own second and third included."""
        if hasattr(self._now, "path"):
            self._way.wait_out(self._now.told, self._now.path)

    def _tell_the_others(self, response: Any, attempts: int, **_: object) -> None:
        """After each attempt: the SDK backs off in its own thread only. It decides; this returns nothing."""
        if response is None or not hasattr(self._now, "path"):
            return
        http, parsed = response
        if is_throttled(http.status_code, parsed):
            self._way.heard(self._now.path, 429, http.headers, attempts)

    def hear_dates(self, heard: DateHeard) -> None:
        """Let `heard` see the headers of every answer from now on, refusals included."""
        self._client.meta.events.register("after-call", lambda http_response, **_: heard.hear(http_response.headers))

    def close(self) -> None:
        self._client.close()


def masked(key_id: str) -> str:
    """The last four characters, which is how people tell access keys apart."""
    return "…" + key_id[-4:]


@dataclass(frozen=True)
class _Opened:
    """A guarded session of boto3's. It takes as long to make as two clients, and makes one at a time."""

    session: Any
    lock: Lock = field(default_factory=Lock)

    def client(self, service: str, url: str | None, config: Config) -> tuple[Any, Any]:
        """The credentials (None where there are none) and a client of the service."""
        with self.lock:
            _models(service)
            return self.session.get_credentials(), self.session.client(service, endpoint_url=url, config=config)


def _opened(conn: Connections, access: AwsAccess) -> _Opened:
    """One for all services of a run."""
    make = partial(_session, access, conn.network)
    return conn.sharing.made(("aws session", access, conn.network), make) if conn.sharing else make()


def _session(access: AwsAccess, network: Network) -> _Opened:
    if (access.access_key is None) != (access.secret_key is None):  # boto3 would go on with half of a pair
        raise NotConfigured("aws was not asked: of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set")
    session = boto3.Session(
        botocore_session=_through(network),
        aws_access_key_id=access.access_key, aws_secret_access_key=access.secret_key,
        aws_session_token=access.session_token, profile_name=access.profile, region_name=access.region,
    )  # fmt: skip
    session.events.register_first("before-call", _refuse_unlisted)
    return _Opened(session)


@cache
def _loader() -> Any:
    loader = get_session().get_component("data_loader")
    loader.file_loader = Unworded()
    return loader


def _models(service: str) -> None:
    """AWS's own descriptions of its services and hosts, which every session would else read from disk and keep again.

    One thread at a time: botocore remembers what was read, and two that read at once keep a copy each.
    """
    with _READING:
        _loader().load_data("endpoints")
        _loader().load_service_model(service, "service-2")


def _through(network: Network) -> Any:
    """Set on the session, so that the SDK goes the same way when it logs in."""
    session = get_session()
    session.register_component("data_loader", _loader())
    if network.proxy:
        session.set_default_client_config(Config(proxies={"http": network.proxy, "https": network.proxy}))
    if network.ca_bundle:
        session.set_config_variable("ca_bundle", str(network.ca_bundle))
    return session


def _config(timeout: float) -> Config:
    return Config(
        connect_timeout=min(2.0, timeout), read_timeout=timeout, max_pool_connections=THREADS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS}, user_agent=USER_AGENT,
        s3={"disable_s3_express_session_auth": True},
    )  # fmt: skip


def _refuse_unlisted(model: Any, **_: object) -> None:
    asked = (model.service_model.service_name, model.name)
    if asked not in ALLOWED and asked not in SDK_OWN:
        raise NotAllowed(f"{asked[0]}:{asked[1]} is not on the allow-list of aws")


def _plain(value: Any) -> JsonValue:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    plain: JsonValue = value
    return plain


@dataclass(frozen=True)
class Asking:
    """One question on its way, with its own record of calls."""

    account: Account
    log: CallLog
    at: datetime

    def call(self, operation: str, params: Params, absent: frozenset[str] = frozenset()) -> Got:
        return self.account.call(self.log, operation, params, absent)

    @property
    def source(self) -> Source:
        return self.account.source

    def sealed(
        self, ask: Request, facts: Facts, body: dict[str, JsonValue], *, page: str = "", account: str = "",
        completeness: Completeness | None = None, redacted: Sequence[str] = (),
    ) -> Evidence:  # fmt: skip
        """The answer as evidence, as old as the oldest of its shared calls. `page` is the console's address, left out
        where AWS itself was not asked."""
        return Evidence(
            request_type=ask.type, params=ask.params(), source=self.source.model_copy(update={"account": account}),
            collected_at=self.log.collected(self.log.calls, self.at), link="" if self.source.sandbox else page,
            facts=facts, calls=tuple(self.log.calls),
            completeness=completeness or Completeness(), body=body, redacted=tuple(redacted),
        )  # fmt: skip


W = TypeVar("W", bound=BaseModel)
R = TypeVar("R", bound=Request)


def read(shape: type[W], body: JsonValue, what: str) -> W:
    """A part of an answer in its shape; Malformed, naming the fields, when it is not that."""
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(str(p) for p in e["loc"]) or "body" for e in error.errors()}))
        raise Malformed(f"{what} is not what the contract says: {fields}", status=200) from error


@handed_on
def answer_all(
    conn: Connections, asks: Sequence[R], service: str, answer: Callable[[Asking, R], Evidence]
) -> Iterator[Answer]:
    """One answer an ask, in order, a few of them ahead of whoever takes them; a failure of one leaves the others alone.

    Close it where it is not taken to its end: what is under way is then waited for, and the rest is not asked.
    """
    if conn.aws is None:
        yield from not_configured("aws", asks, conn.clock(), SETTING)
        return
    try:
        account = Account(conn, conn.aws, service)
    except SourceError as failure:
        asked = Source(vendor="aws", base_url=conn.aws.endpoint_url or "")
        yield from (failure.gap(ask, asked, conn.clock()) for ask in asks)
        return

    def one(ask: R) -> Answer:
        asking = Asking(account, conn.log("aws"), conn.clock())
        try:
            return answer(asking, ask)
        except SourceError as failure:
            return failure.gap(ask, asking.source, conn.clock(), asking.log.calls)

    with closing(account), ThreadPoolExecutor(max(1, min(THREADS, len(asks)))) as pool:
        yield from in_order(pool, one, asks, AHEAD)
