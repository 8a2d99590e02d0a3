"""Every setting, from the environment or `clearance.toml` in the home; nothing else reads either."""

from __future__ import annotations

import re
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from agent import clock, periods
from agent.errors import ConfigError

if TYPE_CHECKING:
    from collectors.connections import (
        AwsAccess,
        DatadogAccess,
        GitHubAccess,
        LangSmithAccess,
        LaunchDarklyAccess,
        OktaAccess,
        PagerDutyAccess,
        SlackAccess,
    )
    from collectors.way import Network

NAMES = (
    "CLEARANCE_HOME", "CLEARANCE_DATABASE_URL", "CLEARANCE_CONFIG", "CLEARANCE_KEY", "CLEARANCE_CLOCK",
    "CLEARANCE_TIMEOUT", "CLEARANCE_PROXY", "CLEARANCE_CA_BUNDLE",
    "PAGERDUTY_API_KEY", "CLEARANCE_PAGERDUTY_URL",
    "LAUNCHDARKLY_ACCESS_TOKEN", "CLEARANCE_LAUNCHDARKLY_URL", "LAUNCHDARKLY_SDK_KEY", "CLEARANCE_LAUNCHDARKLY_SDK_URL",
    "DD_API_KEY", "DD_APP_KEY", "DD_SITE", "CLEARANCE_DATADOG_URL",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION",
    "AWS_ENDPOINT_URL", "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "LANGSMITH_API_KEY", "CLEARANCE_LANGSMITH_URL", "GITHUB_TOKEN", "CLEARANCE_GITHUB_URL",
    "SLACK_BOT_TOKEN", "CLEARANCE_SLACK_URL", "OKTA_TOKEN", "CLEARANCE_OKTA_URL",
    "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CLEARANCE_MODEL", "CLEARANCE_READER_MODEL", "CLEARANCE_MODEL_WHEN_MET",
    "CLEARANCE_BUDGET_PER_REVIEW", "CLEARANCE_BUDGET_PER_SWEEP",
    "CLEARANCE_BATCH_WITHIN", "CLEARANCE_BATCH_LATE", "CLEARANCE_DIGEST_TO",
    "CLEARANCE_MODEL_AT", "CLEARANCE_BEDROCK_REGION", "AWS_BEARER_TOKEN_BEDROCK", "CLEARANCE_BEDROCK_PROFILE",
    "ANTHROPIC_BEDROCK_BASE_URL", "CLEARANCE_VERTEX_REGION", "CLEARANCE_VERTEX_PROJECT", "CLEARANCE_VERTEX_TOKEN",
    "ANTHROPIC_VERTEX_BASE_URL",
    "CLEARANCE_TELL_SLACK_TOKEN", "CLEARANCE_TELL_SLACK_URL", "CLEARANCE_SMTP_URL", "CLEARANCE_SMTP_FROM",
    "CLEARANCE_CHAT_SLACK_TOKEN", "CLEARANCE_CHAT_SLACK_SECRET", "CLEARANCE_CHAT_SLACK_TEAM",
    "CLEARANCE_CHAT_SLACK_APP_TOKEN", "CLEARANCE_CHAT_SLACK_URL",
    "CLEARANCE_OIDC_ISSUER", "CLEARANCE_OIDC_CLIENT_ID", "CLEARANCE_OIDC_CLIENT_SECRET", "CLEARANCE_OIDC_ROLES_CLAIM",
    "CLEARANCE_PAGE_URL", "CLEARANCE_PAGE_LISTEN", "CLEARANCE_PAGE_TLS_CERT", "CLEARANCE_PAGE_TLS_KEY",
    "CLEARANCE_PAGE_TRUSTS",
    "CLEARANCE_PUBLISH", "CLEARANCE_PUBLISH_URL", "CLEARANCE_PUBLISH_REGION", "CLEARANCE_PUBLISH_KEY_ID",
    "CLEARANCE_PUBLISH_SECRET", "CLEARANCE_PUBLISH_PROFILE",
    "CLEARANCE_SEAL", "CLEARANCE_SEAL_REGION", "CLEARANCE_SEAL_KEY_ID", "CLEARANCE_SEAL_SECRET",
    "CLEARANCE_SEAL_PROFILE", "CLEARANCE_SWITCH_SDK_KEY", "CLEARANCE_SWITCH_SDK_URL",
)  # fmt: skip
# Where a machine lends its role to what runs on it; the SDK finds the credentials itself.
AMBIENT_AWS = ("AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
SECRET = ("KEY", "TOKEN", "SECRET", "PROXY", "SMTP_URL")  # such a URL may hold a password
DEFAULT_MODEL = "claude-sonnet-5-5"
DEFAULT_MODEL_WHEN_MET = "claude-haiku-5-5"
BATCH_WITHIN = "1 hour"  # most batches end sooner, says the vendor; none takes more than a day
TOKENS_A_REVIEW = 100_000  # two calls with everything open come to about half


@dataclass(frozen=True)
class Settings:
    """What was set, and where each value came from (environment, clearance.toml)."""

    values: Mapping[str, str] = field(repr=False)
    origins: Mapping[str, str]
    sdk_keys: Mapping[str, str] = field(repr=False)
    home: Path

    def get(self, name: str) -> str | None:
        return self.values.get(name) or None

    def url(self, name: str, default: str) -> str:
        """A base URL; plain http is for loopback only."""
        from collectors.connections import is_loopback

        value = (self.get(name) or default).rstrip("/")
        if not value.startswith("https://") and not (value.startswith("http://") and is_loopback(value)):
            raise ConfigError(f"{name}: {value!r} must be https:// (http:// is for loopback addresses only)")
        return value

    @property
    def database_url(self) -> str:
        return self.get("CLEARANCE_DATABASE_URL") or f"sqlite:///{self.home.absolute() / 'clearance.db'}"

    @property
    def overlay(self) -> Path | None:
        value = self.get("CLEARANCE_CONFIG")
        return Path(value) if value else None

    @property
    def key_file(self) -> Path:
        """The caller's own private key: who signs and states is whose key this is."""
        return Path(self.get("CLEARANCE_KEY") or self.home / "key.pem")

    @property
    def model(self) -> str:
        return self.get("CLEARANCE_MODEL") or DEFAULT_MODEL

    @property
    def reader_model(self) -> str | None:
        """None = nobody reads: documents go to a model only where somebody has named the one that they may go to."""
        return self.get("CLEARANCE_READER_MODEL")

    @property
    def model_when_met(self) -> str:
        """The model for a review in which nothing is open. Who names one model and not the other has one for both."""
        default = self.model if self.get("CLEARANCE_MODEL") else DEFAULT_MODEL_WHEN_MET
        return self.get("CLEARANCE_MODEL_WHEN_MET") or default

    @property
    def tokens_a_review(self) -> int:
        """How many tokens the models may use for one review; 0 = no model is asked."""
        return (
            self._tokens("CLEARANCE_BUDGET_PER_REVIEW") if self.get("CLEARANCE_BUDGET_PER_REVIEW") else TOKENS_A_REVIEW
        )

    @property
    def tokens_a_sweep(self) -> int | None:
        """How many tokens the models may use for all reviews of a sweep together; None = no bound."""
        return self._tokens("CLEARANCE_BUDGET_PER_SWEEP") if self.get("CLEARANCE_BUDGET_PER_SWEEP") else None

    @property
    def batch_within(self) -> timedelta:
        """How long a sweep waits for a Message Batch."""
        value = self.get("CLEARANCE_BATCH_WITHIN") or BATCH_WITHIN
        try:
            found = periods.length(value)
        except (ValueError, OverflowError) as error:
            raise ConfigError(f"CLEARANCE_BATCH_WITHIN: {value!r} is not a span of time, such as 1 hour") from error
        if found > timedelta(hours=24):
            raise ConfigError("CLEARANCE_BATCH_WITHIN: no batch is longer under way than 24 hours; give less")
        return found

    @property
    def digest_to(self) -> tuple[str, ...]:
        """Ids in people.yaml of those who are told of a sweep's end."""
        return tuple(one.strip() for one in (self.get("CLEARANCE_DIGEST_TO") or "").split(",") if one.strip())

    @property
    def batch_late(self) -> Literal["direct", "templates"]:
        """What takes over from a batch that is late."""
        value = self.get("CLEARANCE_BATCH_LATE") or "direct"
        if value not in ("direct", "templates"):
            raise ConfigError(f"CLEARANCE_BATCH_LATE: {value!r} is neither direct nor templates")
        return "templates" if value == "templates" else "direct"

    def _tokens(self, name: str) -> int:
        value = self.get(name) or ""
        if not re.fullmatch(r"[0-9]{1,12}", value):
            raise ConfigError(f"{name}: must be a whole number of tokens, for example {TOKENS_A_REVIEW}")
        return int(value)

    @property
    def timeout(self) -> float:
        try:
            return float(self.get("CLEARANCE_TIMEOUT") or 10)
        except ValueError as error:
            raise ConfigError("CLEARANCE_TIMEOUT: must be a number of seconds, for example 10") from error

    def network(self) -> Network:
        """The proxy that every source is asked through, and the certificates that count instead of the system's."""
        from collectors.way import Network

        return Network(self._proxy(), self._ca_bundle())

    def _proxy(self) -> str | None:
        value = self.get("CLEARANCE_PROXY")
        if value and not _is_proxy(value):  # not quoted: it may hold a password
            raise ConfigError("CLEARANCE_PROXY: must be http:// or https://, a host and a port: http://proxy.acme:3128")
        return value

    def _ca_bundle(self) -> Path | None:
        value = self.get("CLEARANCE_CA_BUNDLE")
        if not value:
            return None
        try:
            ssl.create_default_context(cafile=value)
        except OSError as error:  # a file that is not there, may not be read, or holds no certificate
            raise ConfigError(
                f"CLEARANCE_CA_BUNDLE: {value} is not a file of PEM certificates that can be read: {error}"
            ) from error
        return Path(value)

    def pagerduty(self) -> PagerDutyAccess | None:
        from collectors.connections import PagerDutyAccess

        token = self.get("PAGERDUTY_API_KEY")
        return PagerDutyAccess(token, self.url("CLEARANCE_PAGERDUTY_URL", PagerDutyAccess.base_url)) if token else None

    def launchdarkly(self) -> LaunchDarklyAccess | None:
        from collectors.connections import LaunchDarklyAccess

        token = self.get("LAUNCHDARKLY_ACCESS_TOKEN")
        if not token and not self.sdk_keys:
            return None
        sdk_url = self.url("CLEARANCE_LAUNCHDARKLY_SDK_URL", "") if self.get("CLEARANCE_LAUNCHDARKLY_SDK_URL") else None
        base = self.url("CLEARANCE_LAUNCHDARKLY_URL", LaunchDarklyAccess.base_url)
        return LaunchDarklyAccess(token, base, dict(self.sdk_keys), sdk_url)

    def datadog(self) -> DatadogAccess | None:
        from collectors.connections import DatadogAccess

        api, app = self.get("DD_API_KEY"), self.get("DD_APP_KEY")
        site = self.get("DD_SITE") or "datadoghq.com"
        base = self.url("CLEARANCE_DATADOG_URL", f"https://api.{site}")
        return DatadogAccess(api, app, base) if api and app else None

    def aws(self) -> AwsAccess | None:
        from collectors.connections import AwsAccess

        key, profile = self.get("AWS_ACCESS_KEY_ID"), self.get("AWS_PROFILE")
        ambient = next((self.get(name) for name in AMBIENT_AWS if self.get(name)), None)
        if not key and not profile and not ambient:
            return None
        endpoint = self.url("AWS_ENDPOINT_URL", "") if self.get("AWS_ENDPOINT_URL") else None
        return AwsAccess(
            key, self.get("AWS_SECRET_ACCESS_KEY"), self.get("AWS_SESSION_TOKEN"), profile,
            self.get("AWS_REGION") or "us-east-1", endpoint, ambient,
        )  # fmt: skip

    def langsmith(self) -> LangSmithAccess | None:
        from collectors.connections import LangSmithAccess

        key = self.get("LANGSMITH_API_KEY")
        return LangSmithAccess(key, self.url("CLEARANCE_LANGSMITH_URL", LangSmithAccess.base_url)) if key else None

    def github(self) -> GitHubAccess | None:
        from collectors.connections import GitHubAccess

        token = self.get("GITHUB_TOKEN")
        return GitHubAccess(token, self.url("CLEARANCE_GITHUB_URL", GitHubAccess.base_url)) if token else None

    def slack(self) -> SlackAccess | None:
        from collectors.connections import SlackAccess

        token = self.get("SLACK_BOT_TOKEN")
        return SlackAccess(token, self.url("CLEARANCE_SLACK_URL", SlackAccess.base_url)) if token else None

    def okta(self) -> OktaAccess | None:
        """Needs the organisation's own address as well: there is none for everybody."""
        from collectors.connections import OktaAccess

        token, address = self.get("OKTA_TOKEN"), self.get("CLEARANCE_OKTA_URL")
        return OktaAccess(token, self.url("CLEARANCE_OKTA_URL", "")) if token and address else None

    def base_urls(self) -> list[str]:
        """Where every configured source is: all must be loopback before the clock may be set."""
        urls = [a.base_url for a in (self.pagerduty(), self.launchdarkly(), self.datadog()) if a]
        urls += [a.base_url for a in (self.langsmith(), self.github(), self.slack(), self.okta()) if a]
        aws, launchdarkly = self.aws(), self.launchdarkly()
        urls += [aws.endpoint_url or "https://amazonaws.com"] if aws else []
        if launchdarkly and launchdarkly.sdk_keys:
            urls.append(launchdarkly.sdk_url or "https://sdk.launchdarkly.com")
        return urls

    def outward_urls(self) -> list[str]:
        """Where messages and reports go, other than to this machine's own files."""
        from agent import outward

        return outward.urls(self)

    def clock(self) -> clock.Clock:
        from collectors.connections import is_loopback

        start = self.get("CLEARANCE_CLOCK")
        if not start:
            return clock.machine_clock
        elsewhere = [url for url in [*self.base_urls(), *self.outward_urls()] if not is_loopback(url)]
        if elsewhere:
            raise ConfigError(
                f"CLEARANCE_CLOCK: the clock may be set only in a sandbox, and {elsewhere[0]} is a real source"
            )
        at = instant("CLEARANCE_CLOCK", start)
        if not self.base_urls() and not clock.is_known(at, self.home):
            raise ConfigError("CLEARANCE_CLOCK: the clock may be set only in a sandbox, and no sandbox is configured")
        return clock.set_clock(at, self.home)


def _is_proxy(value: str) -> bool:
    parts = urlsplit(value)
    try:
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        return False


def instant(name: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{name}: {text!r} is not an instant; write for example 2026-06-12T16:00:00-04:00") from error
    if at.tzinfo is None:
        raise ConfigError(f"{name}: {text!r} has no zone; write for example 2026-06-12T16:00:00-04:00 or …Z")
    return at


def read(environ: Mapping[str, str]) -> Settings:
    """The settings of this process. The environment wins over the file."""
    home = Path(environ.get("CLEARANCE_HOME") or ".clearance")
    from_file, keys = _file(home / "clearance.toml")
    if "AWS_DEFAULT_REGION" in environ and "AWS_REGION" not in environ:
        environ = {**environ, "AWS_REGION": environ["AWS_DEFAULT_REGION"]}
    values = {**from_file, **{name: environ[name] for name in NAMES if environ.get(name)}}
    origins = {name: "environment" if environ.get(name) else str(home / "clearance.toml") for name in values}
    sdk_keys = {}
    for where, variable in keys.items():
        if environ.get(variable):
            sdk_keys[where] = environ[variable]
    if values.get("LAUNCHDARKLY_SDK_KEY"):
        sdk_keys.setdefault("*", values["LAUNCHDARKLY_SDK_KEY"])
    return Settings(values, origins, sdk_keys, home)


def _file(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    if not path.exists():
        return {}, {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from error
    keys = data.pop("launchdarkly", {}).get("sdk_keys", {})
    unknown = sorted(set(data) - set(NAMES))
    if unknown:
        raise ConfigError(
            f"{path}: {unknown[0]} is not a setting; allowed: {', '.join(NAMES)} and [launchdarkly.sdk_keys]"
        )
    return {name: str(value) for name, value in data.items()}, {str(k): str(v) for k, v in keys.items()}
