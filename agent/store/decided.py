"""What people signed at a gate, for another gate that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from agent.domain import Decision
from agent.store.registry import Registry
from agent.store.reviews import Reviews
from collectors.connections import Decided


def decided(registry: Registry, reviews: Reviews) -> Callable[[str, str, str], Decided | None]:
    """Looks up the last decision of a subject, version and gate; a registry row needs every signature."""

    def look(subject: str, version: str, gate: str) -> Decided | None:
        standing = registry.get(subject, version, gate)
        if standing is None:
            return None
        until = datetime.fromisoformat(standing.valid_until) if standing.valid_until else None
        sandbox = reviews.get(standing.review).sandbox
        if standing.status == "revoked":
            return Decided(standing.review, "revoked", None, sandbox)
        return Decided(standing.review, Decision(standing.decision).value, until, sandbox)

    return look
