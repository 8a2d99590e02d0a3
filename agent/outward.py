"""What leaves the house, from its settings: messages and published reports, never with evidence's credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from agent.errors import ConfigError
from agent.outputs.publish_s3 import Bucket
from agent.outputs.telling.channel import SECONDS, Channel, Channels
from agent.outputs.telling.chat import Chat
from agent.outputs.telling.mail import Mail, server_of
from agent.outputs.telling.slack import DEFAULT_URL, Slack
from agent.settings import Settings
from agent.signing.kms import Kms, named
from agent.writing_account import WritingAccount
from collectors.connections import is_loopback
from collectors.way import Network

AWS_URL = "https://amazonaws.com"
_CHAT = ("TOKEN", "SECRET", "TEAM", "APP_TOKEN")
BESIDE_US = 20  # seconds for a stand-in of Slack, which shares a busy machine with us
LAUNCHDARKLY_STREAM = "https://stream.launchdarkly.com"


def urls(own: Settings) -> list[str]:
    """Every address that something is sent to, or that says who somebody is, as URLs."""
    slack = own.url("CLEARANCE_TELL_SLACK_URL", DEFAULT_URL) if own.get("CLEARANCE_TELL_SLACK_TOKEN") else None
    mail = own.get("CLEARANCE_SMTP_URL")
    server = server_of(mail) if mail else None
    s3 = own.url("CLEARANCE_PUBLISH_URL", AWS_URL) if (own.get("CLEARANCE_PUBLISH") or "").startswith("s3://") else None
    told = f"https://{server.host}" if server and not server.loopback else None
    issuer = own.url("CLEARANCE_OIDC_ISSUER", "") if own.get("CLEARANCE_OIDC_ISSUER") else None
    kms, flag = seal(own), switch(own)
    signs = (kms.account.endpoint or AWS_URL) if kms else None
    chat = own.url("CLEARANCE_CHAT_SLACK_URL", DEFAULT_URL) if own.get("CLEARANCE_CHAT_SLACK_TOKEN") else None
    heard = flag.url if flag else None
    return [url for url in (slack, told, s3, issuer, signs, chat, heard) if url]


@dataclass(frozen=True)
class SwitchAccess:
    """Where the flag that switches Clearance itself is heard. `url`: one address that streams."""

    key: str
    url: str
    timeout: float
    network: Network


def switch(own: Settings) -> SwitchAccess | None:
    """None = no LaunchDarkly is configured for Clearance's own switch; the key is never one that reads evidence."""
    key = own.get("CLEARANCE_SWITCH_SDK_KEY")
    if not key:
        if own.get("CLEARANCE_SWITCH_SDK_URL"):
            raise ConfigError("CLEARANCE_SWITCH_SDK_URL: needs CLEARANCE_SWITCH_SDK_KEY beside it")
        return None
    if key in own.sdk_keys.values() or key == own.get("LAUNCHDARKLY_ACCESS_TOKEN"):
        raise ConfigError(
            "CLEARANCE_SWITCH_SDK_KEY: is a key that reads evidence; Clearance's own flag has an environment, and so a "
            "server SDK key, of its own"
        )
    if not key.isascii() or not key.isprintable():
        raise ConfigError("CLEARANCE_SWITCH_SDK_KEY: holds characters that no SDK key has")
    return SwitchAccess(key, own.url("CLEARANCE_SWITCH_SDK_URL", LAUNCHDARKLY_STREAM), own.timeout, own.network())


def channels(own: Settings) -> Channels:
    """Slack first, then e-mail; neither configured: the console."""
    network, found = own.network(), list[Channel]()
    token, mail = own.get("CLEARANCE_TELL_SLACK_TOKEN"), own.get("CLEARANCE_SMTP_URL")
    if token and token == own.get("SLACK_BOT_TOKEN"):
        raise ConfigError("CLEARANCE_TELL_SLACK_TOKEN: is the token that reads evidence; one that posts is another")
    if token:
        found.append(Slack(token, own.url("CLEARANCE_TELL_SLACK_URL", DEFAULT_URL), own.timeout, network))
    if mail:
        sender = own.get("CLEARANCE_SMTP_FROM")
        if not sender:
            raise ConfigError("CLEARANCE_SMTP_FROM: must be the address that messages come from")
        found.append(Mail(server_of(mail), sender, own.timeout, network.ca_bundle))
    asked = chat(own)
    return Channels(tuple(found), seconds=BESIDE_US if asked and _is_sandbox(own) else SECONDS, chat=asked)


def _is_sandbox(own: Settings) -> bool:
    """A clock of its own is taken only where every address is on this machine."""
    return bool(own.get("CLEARANCE_CLOCK"))


def chat(own: Settings) -> Chat | None:
    """The Slack app that is asked in chat; None = there is none. ConfigError where only a part of it is set."""
    token, secret, team, app = (own.get(f"CLEARANCE_CHAT_SLACK_{name}") or "" for name in _CHAT)
    if not (token or secret or team or app):
        return None
    if not (token and team and (secret or app)):
        raise ConfigError(_missing(token, team))
    if token == own.get("SLACK_BOT_TOKEN"):
        raise ConfigError("CLEARANCE_CHAT_SLACK_TOKEN: is the token that reads evidence; one that posts is another")
    if not re.fullmatch("[TE][A-Z0-9]{2,30}", team):
        raise ConfigError("CLEARANCE_CHAT_SLACK_TEAM: must be the id of your workspace, such as T0123ABCD")
    if app and not re.fullmatch(r"xapp-[\w-]+", app, re.ASCII):
        raise ConfigError("CLEARANCE_CHAT_SLACK_APP_TOKEN: must be an app-level token, which begins with xapp-")
    url = own.url("CLEARANCE_CHAT_SLACK_URL", DEFAULT_URL)
    made = Chat(token, secret, team, url, own.network(), app_token=app)
    return replace(made, timeout=BESIDE_US) if _is_sandbox(own) else made


def _missing(token: str, team: str) -> str:
    needs = "CLEARANCE_CHAT_SLACK_SECRET (Slack calls the page) or CLEARANCE_CHAT_SLACK_APP_TOKEN (Socket Mode)"
    name = "TOKEN" if not token else "TEAM" if not team else "SECRET"
    with_ = f"CLEARANCE_CHAT_SLACK_TOKEN, CLEARANCE_CHAT_SLACK_TEAM, and {needs}"
    return f"CLEARANCE_CHAT_SLACK_{name}: is needed with the others: {with_}"


def published_to(own: Settings) -> Path | Bucket | None:
    """Where reports go besides the home: a folder, a bucket, or nowhere."""
    target = own.get("CLEARANCE_PUBLISH")
    if not target or not target.startswith("s3://"):
        return Path(target).absolute() if target else None
    name, _, prefix = target.removeprefix("s3://").partition("/")
    if not name:
        raise ConfigError("CLEARANCE_PUBLISH: write s3://bucket/prefix, or a folder")
    endpoint = own.url("CLEARANCE_PUBLISH_URL", "") if own.get("CLEARANCE_PUBLISH_URL") else None
    return Bucket(name, prefix.strip("/"), _account(own, "CLEARANCE_PUBLISH", "write", endpoint))


def seal(own: Settings) -> Kms | None:
    """The key in a KMS that seals reports; None = the file in the home."""
    uri = own.get("CLEARANCE_SEAL")
    if not uri:
        return None
    host, key, region = named(uri)
    endpoint = f"{'http' if is_loopback(f'http://{host}') else 'https'}://{host}" if host else None
    return Kms(key, _account(own, "CLEARANCE_SEAL", "sign", endpoint, region))


def _account(own: Settings, name: str, may: str, endpoint: str | None, region: str = "") -> WritingAccount:
    """The account that the settings beginning with `name` tell of; `may` is what its credentials are for."""
    key, profile = own.get(f"{name}_KEY_ID"), own.get(f"{name}_PROFILE")
    if not (key or profile):
        raise ConfigError(f"{name}: needs {name}_KEY_ID and {name}_SECRET, or {name}_PROFILE")
    if (key and key == own.get("AWS_ACCESS_KEY_ID")) or (profile and profile == own.get("AWS_PROFILE")):
        raise ConfigError(f"{name}: its credentials are those that read evidence; use others that may {may}")
    region = region or own.get(f"{name}_REGION") or "us-east-1"
    return WritingAccount(key, own.get(f"{name}_SECRET"), profile, region, endpoint, own.timeout, own.network())
