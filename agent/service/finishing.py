"""Finishes reviews whose set of sign-offs is complete but whose report is missing. Every command does this first."""

from __future__ import annotations

from dataclasses import dataclass

from agent.deps import Deps
from agent.domain import ReviewDocument, SignerNeeded, SignOff
from agent.errors import ClearanceError, Refused
from agent.gates import Gate
from agent.people import People
from agent.service.running import held, resume, take
from agent.store.reviews import ReviewRow
from agent.workflow import signatures


@dataclass(frozen=True)
class Shown:
    """A review that waits for people or is done: what is shown, which signatures count, and which are missing."""

    row: ReviewRow
    document: ReviewDocument
    gate: Gate
    signed: tuple[SignOff, ...]
    missing: tuple[SignerNeeded, ...]


def shown(deps: Deps, review: str) -> Shown:
    row = deps.reviews.get(review)
    if not row.document:
        raise Refused(
            f"{review} is not assessed to its end yet; "
            f"`clearance assess {row.subject} --gate {row.gate}` goes on with it"
        )
    document = ReviewDocument.model_validate_json(deps.locker.get(row.document))
    gate = Gate.model_validate_json(deps.locker.get(document.gate_digest))
    people = People.model_validate_json(deps.locker.get(document.people_digest))
    signed = signatures.counted(document, deps.reviews.signoffs(review), people, deps.configuration.people())
    return Shown(row, document, gate, tuple(signed), tuple(signatures.missing(document, gate, signed, people)))


def finish(deps: Deps) -> list[str]:
    """Write every report that is due; sentences about what was finished, or why it could not be."""
    said = []
    for row in deps.reviews.all(states=("signing", "complete")):
        if row.state == "signing" and not deps.reviews.signoffs(row.id, row.digest):
            continue
        try:
            if finish_one(deps, row.id):
                said.append(f"{row.id}: all signatures were there and its report was missing; it is written now")
        except ClearanceError as error:
            said.append(f"{row.id}: its report could not be written yet: {error}")
    return said


def finish_one(deps: Deps, review: str) -> bool:
    """Resume one review if its set is complete and nobody else is at it. True when this call wrote the report."""
    state = shown(deps, review)
    if state.missing or state.row.state not in ("signing", "complete") or not take(deps, state.row):
        return False
    with held(deps, review):
        again = deps.reviews.get(review)
        if again.state == "reported":
            return False
        decision = signatures.final(state.document, state.signed).value
        deps.reviews.move(
            review,
            "complete",
            "complete",
            {"digest": again.digest, "decision": decision},
            deps.clock(),
            when=("signing",),
        )
        deps.progress("complete", "the set of signatures is complete")
        resume(deps, again, decision)
    return True
