"""What leaves the house, from its settings: messages and published reports, never with evidence's credentials."""

from __future__ import annotations

from pathlib import Path

from agent.errors import ConfigError
from agent.outputs.publish_s3 import Bucket
from agent.outputs.telling.channel import Channel, Channels
from agent.outputs.telling.mail import Mail, server_of
from agent.outputs.telling.slack import DEFAULT_URL, Slack
from agent.settings import Settings

AWS_URL = "https://amazonaws.com"


def urls(own: Settings) -> list[str]:
    """Every address that something is sent to, or that says who somebody is, as URLs."""
    slack = own.url("CLEARANCE_TELL_SLACK_URL", DEFAULT_URL) if own.get("CLEARANCE_TELL_SLACK_TOKEN") else None
    mail = own.get("CLEARANCE_SMTP_URL")
    server = server_of(mail) if mail else None
    s3 = own.url("CLEARANCE_PUBLISH_URL", AWS_URL) if (own.get("CLEARANCE_PUBLISH") or "").startswith("s3://") else None
    told = f"https://{server.host}" if server and not server.loopback else None
    issuer = own.url("CLEARANCE_OIDC_ISSUER", "") if own.get("CLEARANCE_OIDC_ISSUER") else None
    return [url for url in (slack, told, s3, issuer) if url]


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
    return Channels(tuple(found))


def published_to(own: Settings) -> Path | Bucket | None:
    """Where reports go besides the home: a folder, a bucket, or nowhere."""
    target = own.get("CLEARANCE_PUBLISH")
    if not target or not target.startswith("s3://"):
        return Path(target).absolute() if target else None
    name, _, prefix = target.removeprefix("s3://").partition("/")
    key, profile = own.get("CLEARANCE_PUBLISH_KEY_ID"), own.get("CLEARANCE_PUBLISH_PROFILE")
    if not name or not (key or profile):
        raise ConfigError(
            "CLEARANCE_PUBLISH: s3://bucket/prefix needs CLEARANCE_PUBLISH_KEY_ID and CLEARANCE_PUBLISH_SECRET, "
            "or CLEARANCE_PUBLISH_PROFILE"
        )
    if (key and key == own.get("AWS_ACCESS_KEY_ID")) or (profile and profile == own.get("AWS_PROFILE")):
        raise ConfigError("CLEARANCE_PUBLISH: its credentials are those that read evidence; use others that may write")
    return Bucket(
        name, prefix.strip("/"), key, own.get("CLEARANCE_PUBLISH_SECRET"), profile,
        own.get("CLEARANCE_PUBLISH_REGION") or "us-east-1",
        own.url("CLEARANCE_PUBLISH_URL", "") if own.get("CLEARANCE_PUBLISH_URL") else None, own.timeout, own.network(),
    )  # fmt: skip
