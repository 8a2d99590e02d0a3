"""Use case: may this version be deployed? Only signatures that still stand say yes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from agent.cards import Card
from agent.deps import Deps
from agent.domain import Decision
from agent.errors import Refused
from agent.service import grounds
from agent.service.decided import still_signed
from agent.service.finishing import Shown, finish, shown
from agent.service.signing import Caller
from agent.service.stricter import stricter
from agent.signing import own_words
from agent.store import log
from agent.store.registry import Standing
from agent.workflow import signatures
from agent.workflow.binding import midnight
from agent.workflow.document import decision_ends
from agent.workflow.exporting import exported

NO_SIGNATURE = 50
_STAND_INS = (
    "the decision of {review} is SANDBOX: what it was signed over came from stand-ins and says nothing of a real "
    "system; assess against the real sources and have that signed"
)
MEANT = ", or say that the sandbox is meant (--sandbox, by HTTP sandbox=true)"


@dataclass(frozen=True)
class Permission:
    """`code` is the exit code: 0 cleared, 10 conditional, 20 blocked, no longer valid or from stand-ins, 50 nothing is
    signed. `sandbox`: the decision that stands rests on stand-ins.
    """

    code: int
    sentence: str
    review: str = ""
    link: str = ""
    sandbox: bool = False


def may_deploy(deps: Deps, subject: str, version: str, gate: str, *, sandbox: bool = False) -> Permission:
    """The answer for exactly this version, from signatures checked again now.

    `sandbox`: the caller says that a decision which rests on stand-ins is meant. No setting says it for them.
    """
    finish(deps)
    name = f"{subject}@{version}"
    standing = deps.registry.get(subject, version, gate)
    if standing is None:
        return _unsigned(deps, subject, version, gate)
    if standing.status == "revoked":
        by, why = deps.reviews.get(standing.review).ended_by, log.reason(deps.engine, standing.review)
        told = f"{name}: the decision of {standing.review} was revoked by {by}, who said: {why}"
        return Permission(20, told, standing.review)
    if later := stricter(deps, standing):
        return Permission(20, f"{name}: {later.sentence}", later.row.id, later.row.bundle, later.row.sandbox)
    state = shown(deps, standing.review)
    return replace(_standing(deps, name, standing, state, sandbox), sandbox=state.document.sandbox)


def _unsigned(deps: Deps, subject: str, version: str, gate: str) -> Permission:
    """No decision: which review waits for one, where there is one already."""
    others = sorted(set(deps.registry.versions(subject)) - {version})
    told = f" (signed: {', '.join(f'{subject}@{v}' for v in others)})" if others else ""
    said = f"{subject}@{version}: nothing is signed for gate {gate}{told}"
    waits = [row.id for row in deps.reviews.of(subject, version, gate) if row.state == "signing" and not row.rehearsal]
    if not waits:
        return Permission(NO_SIGNATURE, f"{said}. Assess it and have it signed")
    return Permission(
        NO_SIGNATURE, f"{said}; {waits[-1]} waits for signatures, `clearance reviews show {waits[-1]}`", waits[-1]
    )


def _standing(deps: Deps, name: str, standing: Standing, state: Shown, sandbox: bool) -> Permission:
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
    if state.document.sandbox and not sandbox:
        return Permission(20, f"{name}: {_STAND_INS.format(review=review)}{MEANT}", review, link)
    by = f"{', '.join(dict.fromkeys(one.name for one in state.signed))} in {review}"
    told = f"{name}: {decision}, signed by {by}, {_place(deps, state)}, holds until {_utc(ends)}"
    marked = "; SANDBOX: from stand-ins, it says nothing of a real system" if state.document.sandbox else ""
    return Permission(0 if decision is Decision.CLEARED else 10, told + marked, review, link)


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


def revoke(deps: Deps, who: Caller, review: str, reason: str) -> str:
    """Any signer of a review takes its decision back, also before its report is written; one that is there stays.

    It is done when this returns. What did not follow, "" for nothing: other readers' copy of the registry.
    """
    from agent.workflow.publishing import standing_of

    finish(deps)
    state = shown(deps, review)
    if not any(s.person == who.person for s in state.signed):
        raise Refused(f"{who.name} did not sign {review}; only its signers can revoke it")
    if own_words.words(reason) < own_words.FEWEST:
        raise Refused("say with --reason why the decision is taken back")
    if why := own_words.unreadable(reason):
        raise Refused(f"the reason {why}; nothing was revoked")
    body = {"by": who.person, "reason": reason, **_known_by(who)}
    standing = standing_of(state.document, signatures.final(state.document, state.signed))
    if not deps.decisions.revoke(review, who.person, who.name, dict(body), deps.clock(), standing):
        raise Refused(f"{review} is not a decision that stands ({state.row.state}); there is nothing to revoke")
    return exported(deps)
