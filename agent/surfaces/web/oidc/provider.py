"""The provider of OpenID Connect: its settings, its keys, and the exchange of a code for a token. Never a redirect
followed, never more than a megabyte read; the client's secret goes to the token endpoint alone, in a header or body.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from pydantic import Field, JsonValue, ValidationError

from agent.errors import ConfigError, Refused
from agent.settings import Settings
from collectors.connections import is_loopback
from collectors.evidence import Model
from collectors.way import Network

LARGEST = 1_000_000  # bytes of an answer
SCOPE = "openid email profile"
ROLES = "CLEARANCE_OIDC_ROLES_CLAIM"


class Endpoints(Model, extra="ignore"):
    """What we use of a provider's settings; it may tell much more."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    names_itself: bool = Field(False, alias="authorization_response_iss_parameter_supported")


@dataclass(frozen=True)
class Provider:
    """`secret` None: a public client, which PKCE alone protects. `roles_claim` "": roles are those of people.yaml."""

    issuer: str
    client_id: str
    secret: str | None = field(repr=False)
    roles_claim: str = ""
    timeout: float = 10
    network: Network = field(default_factory=Network)

    def endpoints(self) -> Endpoints:
        """Asks for the provider's settings. Refused where they are another's, or name a place that is not safe."""
        told = self._json(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            found = Endpoints.model_validate(told)
        except ValidationError as error:
            raise Refused(f"{self.issuer}: what it tells of itself is not OpenID Connect's form of it") from error
        if found.issuer != self.issuer:
            raise Refused(
                f"{self.issuer}: it says that it is {found.issuer[:200]!r}; set CLEARANCE_OIDC_ISSUER to that"
            )
        for url in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            if not url.startswith("https://") and not (url.startswith("http://") and is_loopback(url)):
                raise Refused(f"{self.issuer}: it names {url[:200]!r}, which is not https://")
        return found

    def keys(self, at: Endpoints) -> JsonValue:
        """The provider's public keys, as it publishes them (JWKS)."""
        return self._json(at.jwks_uri)

    def address(self, at: Endpoints, back: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to log in; it comes back to `back`."""
        client = self._client(at, back, None)
        url, _ = client.create_authorization_url(
            at.authorization_endpoint, state=state, code_verifier=verifier, nonce=nonce
        )
        return str(url)

    def exchange(self, at: Endpoints, back: str, code: str, verifier: str) -> dict[str, Any]:
        """The tokens for a code. Refused in a sentence where the provider gives none."""
        with self._http() as http:
            try:
                got = self._client(at, back, _Post(http)).fetch_token(
                    at.token_endpoint, code=code, code_verifier=verifier, grant_type="authorization_code"
                )
            except OAuth2Error as error:
                raise Refused(
                    f"{self.issuer}: it did not take the code of this login ({_word(error.error)})"
                ) from error
            except (httpx2.HTTPError, ValueError) as error:
                raise Refused(f"{self.issuer}: its answer to the code is not one ({type(error).__name__})") from error
        return dict(got)

    def _client(self, at: Endpoints, back: str, session: _Post | None) -> OAuth2Client:
        taken = at.token_endpoint_auth_methods_supported
        how = "client_secret_basic" if "client_secret_basic" in taken else "client_secret_post"
        return OAuth2Client(
            session, client_id=self.client_id, client_secret=self.secret, scope=SCOPE, redirect_uri=back,
            token_endpoint_auth_method=how if self.secret else "none", code_challenge_method="S256",
        )  # fmt: skip

    def _http(self) -> httpx2.Client:
        bundle, proxy = self.network.ca_bundle, self.network.proxy
        verify = ssl.create_default_context(cafile=str(bundle)) if bundle else True
        transport = httpx2.HTTPTransport(verify=verify, proxy=proxy)
        return httpx2.Client(timeout=self.timeout, transport=transport, follow_redirects=False)

    def _json(self, url: str) -> JsonValue:
        try:
            with self._http() as http, http.stream("GET", url, headers={"Accept": "application/json"}) as answer:
                body = _read(answer)
        except httpx2.HTTPError as error:
            raise Refused(f"{url}: the provider of the login could not be asked ({type(error).__name__})") from error
        if answer.status_code != 200:
            raise Refused(f"{url}: the provider of the login answered with status {answer.status_code}")
        try:
            told: JsonValue = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Refused(f"{url}: the provider of the login did not answer with JSON") from error
        return told


@dataclass(frozen=True)
class _Post:
    """What authlib's client posts through: our own transport, with our limits."""

    http: httpx2.Client

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> httpx2.Response:
        from urllib.parse import urlencode

        url, told, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        with self.http.stream("POST", url, headers=told, content=body.encode()) as answer:
            text = _read(answer)
        return httpx2.Response(answer.status_code, content=text, request=answer.request)


def _read(answer: httpx2.Response) -> bytes:
    body = b""
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > LARGEST:
            raise httpx2.DecodingError("the answer is larger than a megabyte", request=answer.request)
    return body


def _word(text: object) -> str:
    """An error code of the protocol, or the word that stands for anything else that a stranger may write."""
    told = str(text)
    return told if told.replace("_", "").isalpha() and told.isascii() and len(told) < 60 else "no code"


def provider_of(own: Settings) -> Provider | None:
    """The provider that is configured, or None. ConfigError where a part of it is missing."""
    if not own.get("CLEARANCE_OIDC_ISSUER"):
        for name in ("CLEARANCE_OIDC_CLIENT_ID", "CLEARANCE_OIDC_CLIENT_SECRET", ROLES):
            if own.get(name):
                raise ConfigError(f"{name}: is set and CLEARANCE_OIDC_ISSUER is not, so nobody can log in with it")
        return None
    own.url("CLEARANCE_OIDC_ISSUER", "")
    client = own.get("CLEARANCE_OIDC_CLIENT_ID")
    if not client:
        raise ConfigError("CLEARANCE_OIDC_CLIENT_ID: must name this page as the provider of the login knows it")
    return Provider(
        own.get("CLEARANCE_OIDC_ISSUER") or "", client, own.get("CLEARANCE_OIDC_CLIENT_SECRET"), own.get(ROLES) or "",
        own.timeout, own.network(),
    )  # fmt: skip
