"""Use case: what people signed at a gate, for another gate that asks for it, looked at as `may-deploy` looks at it."""

from __future__ import annotations

from datetime import datetime

from agent.deps import Deps
from agent.domain import Decision
from agent.service import grounds
from agent.service.finishing import Shown, shown
from agent.service.stricter import stricter
from agent.store.registry import Standing
from agent.workflow import signatures
from collectors.connections import Decided


def decided(deps: Deps, subject: str, version: str, gate: str) -> Decided | None:
    """The last decision of a subject, version and gate; None where nothing is signed there."""
    standing = deps.registry.get(subject, version, gate)
    if standing is None:
        return None
    state = shown(deps, standing.review)
    until = datetime.fromisoformat(standing.valid_until) if standing.valid_until else None
    about = (state.row.sandbox, state.row.digest)
    if standing.status == "revoked":
        return Decided(standing.review, "revoked", None, *about)
    if later := stricter(deps, standing):
        return Decided(later.row.id, later.decision.value, None, later.row.sandbox, later.row.digest)
    if not still_signed(state, standing) or grounds.lost(deps, state.document, state.gate, as_seen=False):
        return Decided(standing.review, "unsigned", None, *about)
    return Decided(standing.review, Decision(standing.decision).value, until, *about)


def still_signed(state: Shown, standing: Standing) -> bool:
    """Does every signature that it needs count still, and say what the registry says?"""
    decision = signatures.final(state.document, state.signed)
    return not state.missing and state.row.state == "reported" and decision == standing.decision
