"""Use case: tokens with which programs ask the HTTP API. Nothing signs with one."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

from agent.deps import Deps
from agent.errors import UsageError
from agent.store import tokens
from agent.store.database import stamp
from agent.store.tokens import Token

SCOPES = {"read": "look at everything", "assess": "start assessments"}
PREFIX = "clr"
NOBODY = Token("", "", hashlib.sha256(b"nobody's").hexdigest(), "", "", "", "", "")


def new(deps: Deps, name: str, scopes: tuple[str, ...], days: int, by: str) -> tuple[Token, str]:
    """The token as it is kept, and the token itself, which is shown once. `days` 0: it does not end by itself."""
    wrong = sorted(set(scopes) - set(SCOPES))
    if wrong or not scopes:
        raise UsageError(f"--scope {wrong[0] if wrong else ''}: choose among {', '.join(SCOPES)}")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", name):
        raise UsageError(f"{name!r}: name it with letters, digits, dots and dashes, for example github-actions")
    now = deps.clock()
    id = secrets.token_hex(6)
    given = f"{PREFIX}_{id}_{secrets.token_urlsafe(32)}"
    ends = stamp(now + timedelta(days=days)) if days else ""
    kept = Token(id, name, _digest(given), " ".join(sorted(set(scopes))), stamp(now), by, ends, "")
    tokens.add(deps.engine, kept)
    return kept, given


def holder(deps: Deps, given: str) -> Token | None:
    """Whose token this is, None where it is nobody's, was revoked or has run out; it takes the same time for all."""
    found = re.fullmatch(rf"{PREFIX}_([0-9a-f]{{12}})_[A-Za-z0-9_-]{{43}}", given)
    kept = (tokens.get(deps.engine, found[1]) if found else None) or NOBODY
    same = hmac.compare_digest(kept.digest, _digest(given))
    return kept if same and kept.good(deps.clock()) else None


def every(deps: Deps) -> list[Token]:
    return tokens.every(deps.engine)


def revoke(deps: Deps, name: str) -> None:
    """UsageError where no token of that name or id counts any more."""
    if not tokens.revoke(deps.engine, name, deps.clock()):
        raise UsageError(f"there is no token {name!r} that still counts; `clearance tokens list` says which there are")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
