"""On its launch day a subject whose decision stands is in Production; one whose decision ran out is a Pilot again."""

from __future__ import annotations

from agent.cards import Card
from agent.deps import Deps
from agent.errors import ClearanceError
from agent.service import grounds
from agent.service.stricter import stricter
from agent.store.database import stamp
from agent.store.registry import EAST, PILOT, PRODUCTION, Standing
from agent.workflow import frozen, signatures
from agent.workflow.binding import midnight
from agent.workflow.document import decision_ends


def launch_due(deps: Deps) -> list[str]:
    """Bring the registry up to the day; sentences about what changed."""
    said = []
    for standing in deps.registry.due(stamp(deps.clock() + EAST)[:10]):
        try:
            to = _standing_now(deps, standing)
        except ClearanceError as error:
            said.append(f"{standing.review}: whether it launched cannot be told: {error}")
            continue
        if to and deps.decisions.launch(standing.review, to, deps.clock()):
            where = f"in {to}" if to == PRODUCTION else f"a {to} again"
            said.append(f"{standing.subject} {standing.version} is {where}, by {standing.review}")
    return said


def _standing_now(deps: Deps, standing: Standing) -> str:
    """Production, Pilot, or "" where nothing changes: before the day, while signatures or grounds do not hold, and
    where people signed something stricter since. A decision that has ended lets nothing through, whatever its day.
    """
    row = deps.reviews.get(standing.review)
    now = frozen.standing(deps, row)
    if deps.clock() >= decision_ends(now.document):
        return PILOT
    day = Card.model_validate(now.document.card).launch.date
    if deps.clock() < midnight(day, now.document.zone):
        return ""
    decided = signatures.final(now.document, now.signed).value == standing.decision
    if not decided or now.missing or row.state != "reported" or stricter(deps, standing):
        return ""
    return "" if grounds.lost(deps, now.document, now.gate, as_seen=False) else PRODUCTION
