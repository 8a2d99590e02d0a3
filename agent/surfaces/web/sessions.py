"""Who is logged in: one-time links, sessions and the tokens of their forms. In memory only; a restart ends them all."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from agent.domain import LoggedIn

LINK_LASTS = timedelta(minutes=10)
IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=12)


@dataclass(frozen=True)
class Session:
    """One browser of one person. `secret` never leaves this process. `login`: how they logged in, where it was not by
    the link; `roles`: those the provider vouches for, None = people.yaml's.
    """

    person: str
    started: datetime
    seen: datetime
    secret: bytes = field(repr=False)
    login: LoggedIn | None = None
    roles: tuple[str, ...] | None = None

    def token(self, path: str) -> str:
        """What a form that posts to `path` must carry: bound to this session and to that path."""
        return hmac.new(self.secret, path.encode(), hashlib.sha256).hexdigest()

    def alive(self, now: datetime) -> bool:
        return self.started <= now < self.started + LONGEST and now < self.seen + IDLE


@dataclass
class Sessions:
    """Keeps digests of tokens, never the tokens. At most one link is good at a time."""

    _link: tuple[str, datetime] | None = None
    _open: dict[str, Session] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def new_link(self, now: datetime) -> str:
        """The token of a link that logs in once; the one before it is gone."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._link = (_digest(token), now + LINK_LASTS)
        return token

    def link_is_out(self, now: datetime) -> bool:
        with self._lock:
            return self._link is not None and now < self._link[1]

    def redeem(self, token: str, person: str, now: datetime) -> str | None:
        """The new session's cookie; None when the link was used, is too old or never was."""
        with self._lock:
            link = self._link
            if link is None or not hmac.compare_digest(link[0], _digest(token)):
                return None
            self._link = None
            if now >= link[1]:
                return None
        return self.open(person, now)

    def open(
        self, person: str, now: datetime, login: LoggedIn | None = None, roles: tuple[str, ...] | None = None
    ) -> str:
        """The cookie of a new session; what browsers brought with them never becomes one."""
        cookie = secrets.token_urlsafe(32)
        with self._lock:
            self._open = {key: one for key, one in self._open.items() if one.alive(now)}
            self._open[_digest(cookie)] = Session(person, now, now, secrets.token_bytes(32), login, roles)
        return cookie

    def of(self, cookie: str | None, now: datetime) -> Session | None:
        """The session of a cookie, if it still stands; looking keeps it alive."""
        if not cookie:
            return None
        with self._lock:
            found = self._open.get(_digest(cookie))
            if found is None:
                return None
            if not found.alive(now):
                del self._open[_digest(cookie)]
                return None
            self._open[_digest(cookie)] = replace(found, seen=now)
        return found

    def end(self, cookie: str | None) -> None:
        with self._lock:
            self._open.pop(_digest(cookie or ""), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
