"""Finishes reviews whose set of sign-offs is complete but whose report is missing. Every command does this first."""

from __future__ import annotations

from dataclasses import dataclass

from agent.deps import Deps
from agent.domain import ReviewDocument, SignerNeeded, SignOff
from agent.errors import ClearanceError, Refused
from agent.gates import Gate
from agent.service.launching import launch_due
from agent.service.running import held, resume, take
from agent.store import log
from agent.store.reviews import ENDED, ReviewRow
from agent.workflow import frozen, signatures
from agent.workflow.exporting import exported


@dataclass(frozen=True)
class Shown:
    """A review that waits for people or is done: what is shown, which signatures count, and which are missing.

    `spent`: signatures that count no more, so that their roles cannot be signed for over this review.
    """

    row: ReviewRow
    document: ReviewDocument
    gate: Gate
    signed: tuple[SignOff, ...]
    missing: tuple[SignerNeeded, ...]
    reason: str = ""  # why it was sent back or revoked
    spent: tuple[SignOff, ...] = ()

    def spent_by(self, role: str) -> SignOff | None:
        return next((one for one in self.spent if one.role == role), None)

    @property
    def again(self) -> str:
        """The command that makes a new review of the same, which takes every signature anew."""
        return f"clearance assess {self.row.subject} --gate {self.row.gate}"


def shown(deps: Deps, review: str) -> Shown:
    row = deps.reviews.get(review)
    if row.state == "pruned":
        raise Refused(f"{review} {ENDED['pruned'].format(by=row.ended_by)}; its log is still there")
    if not row.document:
        raise Refused(
            f"{review} is not assessed to its end yet; "
            f"`clearance assess {row.subject} --gate {row.gate}` goes on with it"
        )
    standing = frozen.standing(deps, row)
    reason = log.reason(deps.engine, review)
    return Shown(row, standing.document, standing.gate, standing.signed, standing.missing, reason, standing.spent)


def finish(deps: Deps) -> list[str]:
    """Write every report that is due; sentences about what was finished, or why it could not be."""
    said = [*launch_due(deps), *filter(None, [exported(deps)])]
    for row in deps.reviews.begun():
        try:
            if finish_one(deps, row.id):
                said.append(f"{row.id}: all signatures were there and its report was missing; it is written now")
        except ClearanceError as error:
            said.append(f"{row.id}: its report could not be written yet: {error}")
    return said


def finish_one(deps: Deps, review: str) -> bool:
    """Resume one review if its set is complete and nobody else is at it. True when this call wrote the report."""
    state = shown(deps, review)
    if state.missing or state.row.state not in ("signing", "complete"):
        return False
    lease = take(deps, state.row)
    if lease is None:
        return False
    with held(deps, review, lease) as own:
        decision = signatures.final(state.document, state.signed).value
        to = {"publish": target} if (target := deps.settings.get("CLEARANCE_PUBLISH")) else {}
        body = {"digest": state.row.digest, "decision": decision, **to}
        deps.reviews.move(review, "complete", "complete", body, deps.clock(), when=("signing",), lease=lease)
        again = deps.reviews.get(review)
        if again.state != "complete":  # reported by another process, sent back or superseded in the meantime
            return False
        deps.progress("complete", "the set of signatures is complete")
        resume(own, again, decision)
    return True
