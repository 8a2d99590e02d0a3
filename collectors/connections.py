"""What a collector needs to ask: how to reach each source, the clock, and who listens to the calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from secrets import token_hex
from typing import Concatenate, Literal, ParamSpec, TypeVar
from urllib.parse import urlsplit

from pydantic import AwareDatetime, Field

from collectors.call_log import CallLog
from collectors.errors import NotConfigured, SourceError
from collectors.evidence import Answer, Call, Model, Request, Source, canonical, fingerprint, sha256
from collectors.rate import Limits
from collectors.sharing import Sharing
from collectors.way import Network, Way


@dataclass(frozen=True)
class PagerDutyAccess:
    token: str = field(repr=False)
    base_url: str = "https://api.pagerduty.com"


@dataclass(frozen=True)
class LaunchDarklyAccess:
    """`sdk_keys` maps "project/environment" (or "*", the only one there is) to a server SDK key.

    `sdk_url` serves streaming and polling.
    """

    token: str | None = field(default=None, repr=False)
    base_url: str = "https://app.launchdarkly.com"
    sdk_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    sdk_url: str | None = None

    def sdk_key(self, environment: str) -> str | None:
        """The key for "project/environment"."""
        return self.sdk_keys.get(environment) or self.sdk_keys.get("*")


@dataclass(frozen=True)
class DatadogAccess:
    api_key: str = field(repr=False)
    app_key: str = field(repr=False)
    base_url: str = "https://api.datadoghq.com"


@dataclass(frozen=True)
class AwsAccess:
    """The AWS SDK's own settings, as read from the environment; `endpoint_url` only for stand-ins.

    `ambient` names the role that the machine lends, where no key or profile is given: the SDK asks for it itself.
    """

    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    profile: str | None = None
    region: str = "us-east-1"
    endpoint_url: str | None = None
    ambient: str | None = None


@dataclass(frozen=True)
class LangSmithAccess:
    api_key: str = field(repr=False)
    base_url: str = "https://api.smith.langchain.com"


@dataclass(frozen=True)
class GitHubAccess:
    token: str = field(repr=False)
    base_url: str = "https://api.github.com"


@dataclass(frozen=True)
class SlackAccess:
    """The token of the app that schedules: no other sees what it scheduled."""

    token: str = field(repr=False)
    base_url: str = "https://slack.com"


@dataclass(frozen=True)
class OktaAccess:
    """`base_url` is the organisation's own (https://acme.okta.com): there is none for everybody."""

    token: str = field(repr=False)
    base_url: str


@dataclass(frozen=True)
class Proven:
    """Whose signature an attestation carries."""

    person: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class AttestationAccess:
    """`folder` holds the overlay's attestations of one subject; `stored` gives the envelopes made by `attest`.

    `prove` says whose key signed an envelope over these payload bytes, or None when nobody's we know did.
    """

    folder: Callable[[str], Path | None]
    stored: Callable[[str], Sequence[bytes]]
    prove: Callable[[bytes], tuple[bytes, Proven | None]]
    name_of: Callable[[str], str]


@dataclass(frozen=True)
class Decided:
    """What people signed last at a gate, over the document `digest`. `holds_until` None where it lets nothing through.

    "unsigned": its signatures do not count any more, or what they were over has been changed.
    """

    review: str
    decision: Literal["cleared", "conditional", "blocked", "revoked", "unsigned"]
    holds_until: datetime | None
    sandbox: bool
    digest: str


@dataclass(frozen=True)
class DecisionAccess:
    """Our own registry. `decided` takes subject, version and gate; None = nothing is signed there."""

    home: str
    decided: Callable[[str, str, str], Decided | None]


@dataclass(frozen=True)
class Connections:
    """Everything a collector may use. A source that is None is not configured.

    `limits` are counted for as long as this object, and copies of it, are in use: share it among threads. `sharing`
    is what one run asks once for all its collectors; None = each asks for itself. `one_by_one`: whoever asks takes each
    answer when it is made, so that what a batch brings is never in memory as a whole; else a collector gives a list.
    """

    clock: Callable[[], datetime]
    pagerduty: PagerDutyAccess | None = None
    launchdarkly: LaunchDarklyAccess | None = None
    datadog: DatadogAccess | None = None
    aws: AwsAccess | None = None
    langsmith: LangSmithAccess | None = None
    github: GitHubAccess | None = None
    slack: SlackAccess | None = None
    okta: OktaAccess | None = None
    documents: Path | None = None
    attestations: AttestationAccess | None = None
    clearance: DecisionAccess | None = None
    timeout: float = 10.0
    observe: Callable[[str, Call], None] | None = None
    network: Network = field(default_factory=Network)
    limits: Limits = field(default_factory=Limits, compare=False)
    sharing: Sharing | None = field(default=None, compare=False)
    one_by_one: bool = False

    def of_a_run(self) -> Connections:
        """The same for one sweep or one review's asking, whose collectors share what they all need."""
        return replace(self, sharing=Sharing())

    def way(self, vendor: str, credential: str) -> Way:
        """How `vendor` is reached with a credential of this fingerprint."""
        return Way(vendor, credential, self.network, self.limits)

    def log(self, vendor: str) -> CallLog:
        return CallLog(vendor, self.observe)


class BlindSpot(Model):
    """What a source cannot know for one type of request; `since` is the instant from which on it knows."""

    request: str
    sentence: str
    since: AwareDatetime | None = None


class Tried(Model):
    """How one thing that a card names answered to a permission; "not seen": its answer shows neither."""

    permission: str
    about: str
    state: Literal["held", "missing", "not seen", "not needed"]
    sentence: str = Field("", description="why it is not held, and what to do")


class SourceCheck(Model):
    """What `clearance doctor` says of one source: does it answer, as whom, and what to do when it does not."""

    vendor: str
    state: Literal["ok", "refused", "unreachable", "not configured"]
    account: str = ""
    sentence: str
    held: tuple[str, ...] = Field((), description="permissions seen to be there, as collectors.needs names them")
    missing: tuple[str, ...] = Field((), description="permissions that were seen to be missing")
    tried: tuple[Tried, ...] = Field((), description="permissions on the things that cards name")
    blind: tuple[BlindSpot, ...] = ()
    clock_ahead_s: float | None = Field(None, description="our clock less the source's; None when it told no time")


def is_loopback(base_url: str) -> bool:
    return urlsplit(base_url).hostname in {"127.0.0.1", "localhost", "::1"}


def source(vendor: str, base_url: str, credential: str, *, own_hosts: tuple[str, ...], account: str = "") -> Source:
    """The source as evidence names it. `own_hosts` are the suffixes of the vendor's own host names."""
    host = urlsplit(base_url).hostname or ""
    own = any(host == suffix or host.endswith("." + suffix) for suffix in own_hosts)
    return Source(
        vendor=vendor, base_url=base_url, account=account, credential=fingerprint(credential) if credential else "",
        sandbox=not own,
    )  # fmt: skip


R = TypeVar("R", bound=Request)
P = ParamSpec("P")


def not_configured(vendor: str, asks: Sequence[R], at: datetime, setting: str) -> list[Answer]:
    """The gap of every question to a source for which `setting` is missing."""
    several = " and " in setting or "credentials" in setting
    failure = NotConfigured(f"{vendor} was not asked: {setting} {'are' if several else 'is'} not set")
    return [failure.gap(ask, Source(vendor=vendor, base_url=""), at) for ask in asks]


def handed_on(
    make: Callable[Concatenate[Connections, P], Iterator[Answer]],
) -> Callable[Concatenate[Connections, P], Iterable[Answer]]:
    """The answers as whoever asks takes them: as a list, or one by one as `make` makes them."""

    @wraps(make)
    def given(conn: Connections, /, *args: P.args, **more: P.kwargs) -> Iterable[Answer]:
        made = make(conn, *args, **more)
        return made if conn.one_by_one else list(made)

    return given


def answer_each(
    asks: Sequence[R], conn: Connections, asked: Source, log: CallLog, answer: Callable[[R], Answer]
) -> Iterator[Answer]:
    """One answer a question, in order, each made when it is taken; a failure of one leaves the others alone.

    Whoever cites a call that was made for a question before it is no younger than that one. A gap cites the calls of
    its own question and those that its failure rests on.
    """
    for ask in asks:
        at, mark = conn.clock(), len(log.calls)
        try:
            found = answer(ask)
        except SourceError as failure:
            found = failure.gap(ask, asked, conn.clock(), log.calls[mark:])
        log.note(log.calls[mark:], at)
        yield found
        del found  # whoever took it says for how long it is held


def identity(conn: Connections, vendor: str) -> str:
    """A digest of who would be asked and as whom: evidence is shared only between equal ones. No secret leaves it.

    "" = nobody, or nobody knows as whom: nothing is shared.
    """
    access = _access(conn, vendor)
    if access is None or not is_dataclass(access):
        return ""
    named = {f.name: fingerprint(repr(getattr(access, f.name))) for f in fields(access)}
    if isinstance(access, AwsAccess) and access.profile:
        from collectors.aws.profile import meaning

        named["meaning"] = meaning(access.profile)
        if not named["meaning"]:
            return ""
    return sha256(canonical({"vendor": vendor, **named}))


_SHORT = 16  # hexadecimal digits: to be compared with one other, never looked up


def identities(conn: Connections, vendors: Iterable[str]) -> dict[str, str]:
    """By vendor, who would be asked and as whom, "" = nobody. Where nobody knows as whom, it equals no other."""
    return {vendor: identity(conn, vendor)[:_SHORT] or _nobody_knows(conn, vendor) for vendor in sorted(vendors)}


_UNKNOWN = "unknown-"


def unknown(given: Mapping[str, str]) -> tuple[str, ...]:
    """The vendors of `identities` that are asked, and nobody knows as whom."""
    return tuple(sorted(vendor for vendor, who in given.items() if who.startswith(_UNKNOWN)))


def _nobody_knows(conn: Connections, vendor: str) -> str:
    return f"{_UNKNOWN}{token_hex(8)}" if _access(conn, vendor) is not None else ""


def _access(conn: Connections, vendor: str) -> object:
    return {"aws": conn.aws, "s3": conn.aws, "cloudtrail": conn.aws}.get(vendor, getattr(conn, vendor, None))
