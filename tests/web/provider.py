"""A provider of OpenID Connect on loopback that lets everybody in at once, and lies in whatever way a test says.

It checks what a real one checks: the client, its secret, where the browser is sent back to, PKCE, and that a code is
used once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "clearance-page", "the-secret-of-the-page"
OURS, THEIRS = RSAKey.generate_key(2048, {"kid": "one"}), RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class Idp:
    """`claims` go over those of an honest token; `header`, `key` sign it; `settings` go over those it publishes."""

    issuer: str
    subject: str = "mike"
    claims: dict[str, object] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)
    header: dict[str, str] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    key: RSAKey | OctKey = field(default_factory=lambda: OURS)
    sends_back: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: int = 0

    def honest(self) -> None:
        """Forget every lie."""
        fresh = Idp(self.issuer)
        for name in ("subject", "claims", "settings", "header", "key", "sends_back"):
            setattr(self, name, getattr(fresh, name))

    def published(self) -> dict[str, object]:
        own = {name: f"{self.issuer}/{path}" for name, path in PLACES.items()}
        return {"issuer": self.issuer, **own, **self.settings}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes back to."""
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.asked[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"], **self.sends_back})

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Mapping[str, object]]:
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        begun = self.asked.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        if authorization != f"Basic {basic}":
            return 401, {"error": "invalid_client"}
        if not begun or begun["code_challenge"] != proof or begun["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        self.tokens += 1
        now = int(time.time())
        said = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "exp": now + 300, "iat": now,
            "nonce": begun["nonce"], **self.claims,
        }  # fmt: skip
        made = {name: value for name, value in said.items() if value is not None}
        if self.header["alg"] == "none":
            parts = (json.dumps(part).encode() for part in (self.header, made))
            token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
        else:
            token = jwt.encode(self.header, made, self.key)
        return 200, {"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": token}


PLACES = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}


@contextmanager
def provider(host: str = "localhost") -> Iterator[Idp]:
    """On another host name than the page, as in life: another site to the browser."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.idp = Idp(f"http://{host}:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.idp  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        idp, parts = self._idp(), urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/authorize":
            self.send_response(303)
            self.send_header("Location", idp.authorize(asked))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif parts.path == "/keys":
            self._json(200, {"keys": [OURS.as_dict(private=False)]})
        else:
            self._json(200, idp.published())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._json(*self._idp().token(form, self.headers.get("Authorization", "")))

    def _idp(self) -> Idp:
        idp: Idp = self.server.idp  # type: ignore[attr-defined]
        idp.heard.append(self.path)
        return idp

    def _json(self, status: int, told: Mapping[str, object]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""
