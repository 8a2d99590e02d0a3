"""Models that a cloud serves, by the vendor's own clients for them. Everything is imported when it is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.errors import ConfigError

if TYPE_CHECKING:
    import httpx2
    from anthropic import AnthropicBedrock, AnthropicVertex


class NotSignedIn(Exception):
    """There are no credentials for the cloud, or they are not taken. Says which setting to look at."""


@dataclass(frozen=True)
class Bedrock:
    """Amazon Bedrock, by a bearer token or by a profile of its own: never with the credentials that read evidence."""

    region: str
    token: str = field(default="", repr=False)
    profile: str = ""
    base_url: str | None = None

    @property
    def host(self) -> str:
        return self.base_url or f"https://bedrock-runtime.{self.region}.amazonaws.com"

    def client(self, http: httpx2.Client, timeout: float, retries: int) -> AnthropicBedrock:
        from anthropic import AnthropicBedrock

        if not self.token:
            self._check()
        return AnthropicBedrock(
            aws_region=self.region, api_key=self.token or None, aws_profile=None if self.token else self.profile,
            base_url=self.host, timeout=timeout, max_retries=retries, http_client=http,
        )  # fmt: skip

    def _check(self) -> None:
        import boto3
        from botocore.exceptions import BotoCoreError

        try:
            found = boto3.Session(profile_name=self.profile).get_credentials()
        except BotoCoreError as error:
            raise NotSignedIn("Check CLEARANCE_BEDROCK_PROFILE.") from error
        if found is None:
            raise NotSignedIn("The profile of CLEARANCE_BEDROCK_PROFILE has no credentials.")


@dataclass(frozen=True)
class Vertex:
    """Google Vertex AI, by an access token or by the machine's application default credentials."""

    region: str
    project: str
    token: str = field(default="", repr=False)
    base_url: str | None = None

    @property
    def host(self) -> str:
        return self.base_url or "https://aiplatform.googleapis.com"

    def client(self, http: httpx2.Client, timeout: float, retries: int) -> AnthropicVertex:
        from anthropic import AnthropicVertex

        return AnthropicVertex(
            region=self.region, project_id=self.project, access_token=self.token or self._found(),
            base_url=self.base_url, timeout=timeout, max_retries=retries, http_client=http,
        )  # fmt: skip

    def _found(self) -> str:
        """A token of the application default credentials, which google-auth fetches on its own way."""
        try:
            import google.auth
            from google.auth.exceptions import GoogleAuthError
            from google.auth.transport.requests import Request
        except ImportError as error:
            raise NotSignedIn("Install clearance[vertex], or set CLEARANCE_VERTEX_TOKEN.") from error
        try:
            found, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
            found.refresh(Request())
        except GoogleAuthError as error:
            raise NotSignedIn("Sign in with application default credentials, or set CLEARANCE_VERTEX_TOKEN.") from error
        return str(found.token)


Cloud = Bedrock | Vertex
NAMES = (
    "CLEARANCE_MODEL_AT", "CLEARANCE_BEDROCK_REGION", "AWS_BEARER_TOKEN_BEDROCK", "CLEARANCE_BEDROCK_PROFILE",
    "ANTHROPIC_BEDROCK_BASE_URL", "CLEARANCE_VERTEX_REGION", "CLEARANCE_VERTEX_PROJECT", "CLEARANCE_VERTEX_TOKEN",
    "ANTHROPIC_VERTEX_BASE_URL",
)  # fmt: skip


def of(values: dict[str, str]) -> Cloud | None:
    """The cloud that CLEARANCE_MODEL_AT names; None = the Messages API. ConfigError says what it lacks."""
    at = values["CLEARANCE_MODEL_AT"]
    if at in ("", "messages"):
        return None
    if at == "bedrock":
        token, profile = values["AWS_BEARER_TOKEN_BEDROCK"], values["CLEARANCE_BEDROCK_PROFILE"]
        if not (token or profile):
            raise ConfigError(
                "CLEARANCE_MODEL_AT: bedrock needs AWS_BEARER_TOKEN_BEDROCK or CLEARANCE_BEDROCK_PROFILE; the "
                "credentials that read evidence are not used for it"
            )
        region, url = _needed(values, "CLEARANCE_BEDROCK_REGION"), values["ANTHROPIC_BEDROCK_BASE_URL"]
        return Bedrock(region, token, profile, url or None)
    if at == "vertex":
        region, project = _needed(values, "CLEARANCE_VERTEX_REGION"), _needed(values, "CLEARANCE_VERTEX_PROJECT")
        return Vertex(region, project, values["CLEARANCE_VERTEX_TOKEN"], values["ANTHROPIC_VERTEX_BASE_URL"] or None)
    raise ConfigError("CLEARANCE_MODEL_AT: must be messages, bedrock or vertex")


def _needed(values: dict[str, str], name: str) -> str:
    if not values[name]:
        raise ConfigError(f"{name}: must be set, because CLEARANCE_MODEL_AT is {values['CLEARANCE_MODEL_AT']}")
    return values[name]
