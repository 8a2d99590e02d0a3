"""Who may sign in which role: its holder as the card names them, or their deputy inside the deputy's dates."""

from __future__ import annotations

from agent.cards import Card
from agent.deps import Deps
from agent.errors import Refused, UsageError, nearest
from agent.gates import SignerSpec
from agent.people import Deputy
from agent.periods import utc
from agent.service.caller import Caller
from agent.service.finishing import Shown
from agent.workflow import document as documents
from agent.workflow import signatures


def check(deps: Deps, state: Shown, who: Caller, role: str) -> None:
    """Refused where the caller may not give this signature, in a sentence that says why."""
    spec = _spec(state, role)
    card = Card.model_validate(state.document.card)
    if signatures.takes_both_sides(spec, card, who.person, _stands_in_for(deps, state, who, spec)):
        raise Refused(_not_held(state, who, role))
    if not who.assurance.reaches(spec.least_assurance):
        raise Refused(
            f"{state.row.id}: who signs as {role} must be known by {spec.least_assurance} at least, and this is "
            f"{who.assurance} only; sign with your own key: clearance sign {state.row.id} --role {role} …"
        )
    given = next((s for s in state.signed if s.role == role), None)
    if given:
        signed = f"{given.name} signed as {role} at {utc(given.at)} ({given.decision})"
        raise Refused(f"{state.row.id}: {signed}; a role signs once")
    spent = state.spent_by(role)
    if spent:
        signed = f"{spent.name} signed as {role} at {utc(spent.at)}, and that counts no more"
        raise Refused(f"{state.row.id}: {signed}; a role signs once. Assess again: {state.again}")


def on_behalf(deps: Deps, state: Shown, who: Caller, role: str) -> tuple[str, str]:
    """Id and name of the holder for whom the caller would sign; "" and "" for a holder."""
    behalf = _stands_in_for(deps, state, who, _spec(state, role))
    return (behalf, deps.configuration.people().name_of(behalf)) if behalf else ("", "")


def _spec(state: Shown, role: str) -> SignerSpec:
    specs = {spec.role: spec for spec in state.gate.signers}
    if role not in specs:
        raise UsageError(f"gate {state.gate.id} has no role {role!r}. {nearest(role, specs)}")
    return specs[role]


def _stands_in_for(deps: Deps, state: Shown, who: Caller, spec: SignerSpec) -> str:
    """The holder for whom the caller stands in, "" for a holder; Refused where the caller is neither."""
    people, now = deps.configuration.people(), deps.clock()
    holders = documents.holders_of(spec, Card.model_validate(state.document.card))
    if who.person in holders and spec.role in who.roles:
        return ""
    entries = [(h, entry) for h in holders for entry in people.deputised(who.person, h, spec.role)]
    for holder, entry in entries:
        if entry.covers(spec.role, now):
            return holder
    if entries:
        holder, entry = entries[-1]
        raise Refused(_not_now(who, people.name_of(holder), spec.role, entry))
    raise Refused(_not_held(state, who, spec.role))


def _not_now(who: Caller, holder: str, role: str, entry: Deputy) -> str:
    dates = f"{entry.since:%Y-%m-%d %H:%M %Z} and {entry.until:%Y-%m-%d %H:%M %Z}"
    return f"{who.name} stands in for {holder} as {role} between {dates} only, and it is not then"


def _not_held(state: Shown, who: Caller, role: str) -> str:
    mine = [spec.role for spec in state.gate.signers if spec.role in who.roles]
    told = f"you hold {', '.join(mine)}" if mine else "you hold no role of this gate"
    return f"{who.name} does not hold the role {role} for {state.document.subject}: {told}"
