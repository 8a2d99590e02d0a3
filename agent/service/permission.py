"""Use case: may this version be deployed? Only signatures that still stand say yes."""

from __future__ import annotations

from dataclasses import dataclass

from agent.deps import Deps
from agent.domain import Decision
from agent.errors import Refused
from agent.outputs.publish import replace_file
from agent.service.finishing import finish, shown
from agent.service.signing import Caller
from agent.store.database import instant
from agent.store.registry import Standing
from agent.workflow import signatures

NO_SIGNATURE = 50


@dataclass(frozen=True)
class Permission:
    """`code` is the exit code: 0 cleared, 10 conditional, 20 blocked or no longer valid, 50 nothing is signed."""

    code: int
    sentence: str
    review: str = ""
    link: str = ""


def may_deploy(deps: Deps, subject: str, version: str, gate: str) -> Permission:
    """The answer for exactly this version, from signatures checked again now."""
    finish(deps)
    name = f"{subject}@{version}"
    standing = deps.registry.get(subject, version, gate)
    if standing is None:
        others = sorted(set(deps.registry.versions(subject)) - {version})
        told = f" (signed: {', '.join(f'{subject}@{v}' for v in others)})" if others else ""
        return Permission(
            NO_SIGNATURE, f"{name}: nothing is signed for gate {gate}{told}. Assess it and have it signed"
        )
    if standing.status == "revoked":
        by = deps.reviews.get(standing.review).ended_by
        return Permission(20, f"{name}: the decision of {standing.review} was revoked by {by}", standing.review)
    return _standing(deps, name, standing)


def _standing(deps: Deps, name: str, standing: Standing) -> Permission:
    state = shown(deps, standing.review)
    decision = signatures.final(state.document, state.signed)
    if state.missing or state.row.state != "reported" or decision != standing.decision:
        return Permission(
            20,
            f"{name}: the signatures of {standing.review} do not hold any more; assess and sign again",
            standing.review,
        )
    if decision is Decision.BLOCKED:
        return Permission(20, f"{name}: signed as blocked in {standing.review}", standing.review, state.row.bundle)
    if standing.valid_until and deps.clock() > instant(standing.valid_until):
        return Permission(
            20,
            f"{name}: the decision of {standing.review} held until {standing.valid_until}; assess and sign again",
            standing.review,
        )
    code = 0 if decision is Decision.CLEARED else 10
    until = f", holds until {instant(standing.valid_until):%Y-%m-%d %H:%M} UTC" if standing.valid_until else ""
    return Permission(
        code,
        f"{name}: {decision} by {len(state.signed)} signatures in {standing.review}, launch {standing.launch}{until}",
        standing.review,
        state.row.bundle,
    )


def revoke(deps: Deps, who: Caller, review: str, reason: str) -> None:
    """Any signer of a review takes its decision back; the report stays."""
    finish(deps)
    state = shown(deps, review)
    if not any(s.person == who.person for s in state.signed):
        raise Refused(f"{who.name} did not sign {review}; only its signers can revoke it")
    if len(reason.split()) < 3:
        raise Refused("say with --reason why the decision is taken back")
    body = {"by": who.person, "reason": reason, "key": who.key.fingerprint}
    if not deps.reviews.move(
        review, "revoked", "revoked", dict(body), deps.clock(), when=("reported",), ended_by=who.person
    ):
        raise Refused(f"{review} is not a decision that stands ({state.row.state}); there is nothing to revoke")
    standing = deps.registry.get(state.row.subject, state.row.version, state.row.gate)
    if standing and standing.review == review:
        deps.registry.put(Standing(**{**standing.__dict__, "status": "revoked"}), deps.clock())
        replace_file(deps.settings.home / "registry.json", deps.registry.export())
