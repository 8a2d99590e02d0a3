"""Signature Version 4 from the receiving side: whose key id, and was the request signed with its secret?"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from collectors.sandbox.server import Asked

_FORM = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?"
    r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})"
)


class Signed(NamedTuple):
    key: str
    day: str
    region: str
    service: str
    headers: str
    signature: str


def signed_by(asked: Asked) -> Signed | None:
    """What the Authorization header claims; None for a request that is not signed."""
    found = _FORM.fullmatch(asked.headers.get("authorization", ""))
    return Signed(*found.groups()) if found else None


def is_genuine(asked: Asked, signed: Signed, secret: str) -> bool:
    """True when `secret` made the signature."""
    scope = f"{signed.day}/{signed.region}/{signed.service}/aws4_request"
    digest = hashlib.sha256(_canonical(asked, signed).encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", asked.headers.get("x-amz-date", ""), scope, digest))
    key = f"AWS4{secret}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(key.hex(), signed.signature)


def _canonical(asked: Asked, signed: Signed) -> str:
    parts = urlsplit(asked.target)
    path = parts.path if signed.service == "s3" else quote(parts.path, safe="/~")
    pairs = sorted((k, v) for k, _, v in (pair.partition("=") for pair in parts.query.split("&") if pair))
    headers = "".join(f"{n}:{' '.join(asked.headers.get(n, '').split())}\n" for n in signed.headers.split(";"))
    payload = asked.headers.get("x-amz-content-sha256") or hashlib.sha256(asked.body).hexdigest()
    query = "&".join(f"{k}={v}" for k, v in pairs)
    return "\n".join((asked.method, path, query, headers, signed.headers, payload))
