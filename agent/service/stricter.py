"""A later set of signatures that lets less through than the registry says, while its report is not written yet.

What lets a subject through waits for its report to be published; what stops it waits for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.deps import Deps
from agent.domain import Decision
from agent.store.registry import Standing
from agent.store.reviews import ReviewRow
from agent.workflow import frozen, signatures

SIGNED = ("signing", "complete", "reported")


@dataclass(frozen=True)
class Stricter:
    """`row`: the review; `decision`: what everybody signed in it."""

    row: ReviewRow
    decision: Decision

    @property
    def sentence(self) -> str:
        written = "" if self.row.state == "reported" else "; its report is not written yet"
        return f"signed as {self.decision} in {self.row.id}{written}"


def stricter(deps: Deps, standing: Standing) -> Stricter | None:
    """What everybody signed after this decision and about the same, if it is stricter; StoreError where it cannot be
    read.

    A reported one is among them: the registry may have been read just before it was told.
    """
    since, word = deps.reviews.get(standing.review).seq, Decision(standing.decision).strictness
    for row in deps.reviews.of(standing.subject, standing.version, standing.gate):
        if row.seq > since and row.state in SIGNED and not row.rehearsal:
            decision = _final(deps, row)
            if decision is not None and decision.strictness > word:
                return Stricter(row, decision)
    return None


def _final(deps: Deps, row: ReviewRow) -> Decision | None:
    """The word of a whole set; None while somebody is missing.

    Once complete it stays so: who blocked it then still does where the signature cannot be checked here, or counts no
    more since a key was revoked. For what lets a subject through, neither would do.
    """
    waits = row.state == "signing"
    if waits and not deps.reviews.signoffs(row.id, row.digest):
        return None
    now = frozen.standing(deps, row)
    if waits:
        return None if now.missing else signatures.final(now.document, now.signed)
    return signatures.final(now.document, (*now.signed, *now.spent))
