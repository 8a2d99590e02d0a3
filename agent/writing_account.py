"""An account at AWS that is written to or signs: credentials of its own, never those that read evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from collectors.way import Network

ATTEMPTS = 3  # in all; what botocore calls max_attempts counts the retries alone


@dataclass(frozen=True)
class WritingAccount:
    """Key and secret, or a profile. `endpoint` None = the vendor's own; `timeout` in seconds."""

    key_id: str | None
    secret: str | None = field(repr=False)
    profile: str | None
    region: str
    endpoint: str | None
    timeout: float
    network: Network

    def client(self, service: str) -> Any:
        """A client of one service, by the proxy and the certificates that are set."""
        import boto3
        from botocore.config import Config

        session = boto3.session.Session(
            aws_access_key_id=self.key_id, aws_secret_access_key=self.secret, profile_name=self.profile,
            region_name=self.region,
        )  # fmt: skip
        proxy = {"proxies": {"https": self.network.proxy, "http": self.network.proxy}} if self.network.proxy else {}
        config = Config(
            connect_timeout=self.timeout, read_timeout=self.timeout,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            s3={"addressing_style": "path"} if self.endpoint else None, **proxy,
        )  # fmt: skip
        verify = str(self.network.ca_bundle) if self.network.ca_bundle else None
        return session.client(service, endpoint_url=self.endpoint, config=config, verify=verify)
