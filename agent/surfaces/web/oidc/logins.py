"""Logins that are under way: each bound to one browser, good once and for ten minutes. In memory only."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LASTS = timedelta(minutes=10)
MOST = 1_000  # logins under way; the oldest is forgotten


@dataclass(frozen=True)
class Begun:
    """What the provider must bring back (`state`, `nonce`) and what only we know (`verifier`)."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    to: str
    until: datetime


@dataclass
class Logins:
    """By the digest of a cookie that only the browser has which began it."""

    _begun: dict[str, Begun] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, to: str, now: datetime) -> tuple[str, Begun]:
        """The cookie for the browser, and the login; `to` is where it goes afterwards."""
        cookie = secrets.token_urlsafe(32)
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        begun = Begun(state, nonce, verifier, to, now + LASTS)
        with self._lock:
            self._begun[_digest(cookie)] = begun
            while len(self._begun) > MOST:
                del self._begun[next(iter(self._begun))]
        return cookie, begun

    def take(self, cookie: str | None, now: datetime) -> Begun | None:
        """The login of this browser, once; None where there is none, or it is older than ten minutes."""
        with self._lock:
            begun = self._begun.pop(_digest(cookie or ""), None)
        return begun if begun and begun.until - LASTS <= now < begun.until else None


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
