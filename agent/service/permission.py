"""Use case: may this version be deployed? Only signatures that still stand say yes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from agent.cards import Card
from agent.deps import Deps
from agent.domain import Decision
from agent.errors import Refused
from agent.service import grounds
from agent.service.decided import still_signed
from agent.service.finishing import Shown, finish, shown
from agent.service.signing import Caller
from agent.signing import own_words
from agent.store import log
from agent.store.registry import Standing
from agent.workflow import signatures
from agent.workflow.binding import midnight
from agent.workflow.document import decision_ends
from agent.workflow.exporting import export_registry

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
        by, why = deps.reviews.get(standing.review).ended_by, log.reason(deps.engine, standing.review)
        told = f"{name}: the decision of {standing.review} was revoked by {by}, who said: {why}"
        return Permission(20, told, standing.review)
    return _standing(deps, name, standing)


def _standing(deps: Deps, name: str, standing: Standing) -> Permission:
    state = shown(deps, standing.review)
    review, link = standing.review, state.row.bundle
    decision, ends = signatures.final(state.document, state.signed), decision_ends(state.document)
    if not still_signed(state, standing):
        return Permission(20, f"{name}: the signatures of {review} do not hold any more; assess and sign again", review)
    if why := grounds.lost(deps, state.document, state.gate, as_seen=False):
        return Permission(20, f"{name}: {why}; assess and sign again", review)
    if decision is Decision.BLOCKED:
        return Permission(20, f"{name}: signed as blocked in {review}", review, link)
    if deps.clock() >= ends:
        return Permission(
            20, f"{name}: the decision of {review} held until {_utc(ends)}; assess and sign again", review
        )
    by = f"{', '.join(dict.fromkeys(one.name for one in state.signed))} in {review}"
    told = f"{name}: {decision}, signed by {by}, {_place(deps, state)}, holds until {_utc(ends)}"
    sandbox = "; SANDBOX: from stand-ins, it says nothing of a real system" if state.document.sandbox else ""
    return Permission(0 if decision is Decision.CLEARED else 10, told + sandbox, review, link)


def _place(deps: Deps, state: Shown) -> str:
    """Where the subject stands: approved until its launch day, in production from then on."""
    day = Card.model_validate(state.document.card).launch.date
    launched = deps.clock() >= midnight(day, state.document.zone)
    return f"in Production since {day}" if launched else f"approved for {day}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _known_by(who: Caller) -> dict[str, str]:
    if who.login:
        return {"issuer": who.login.issuer, "subject": who.login.subject}
    return {"key": who.key.fingerprint}


def revoke(deps: Deps, who: Caller, review: str, reason: str) -> None:
    """Any signer of a review takes its decision back; the report stays."""
    finish(deps)
    state = shown(deps, review)
    if not any(s.person == who.person for s in state.signed):
        raise Refused(f"{who.name} did not sign {review}; only its signers can revoke it")
    if own_words.words(reason) < own_words.FEWEST:
        raise Refused("say with --reason why the decision is taken back")
    if why := own_words.unreadable(reason):
        raise Refused(f"the reason {why}; nothing was revoked")
    body = {"by": who.person, "reason": reason, **_known_by(who)}
    if not deps.decisions.revoke(review, who.person, who.name, dict(body), deps.clock()):
        raise Refused(f"{review} is not a decision that stands ({state.row.state}); there is nothing to revoke")
    export_registry(deps)
