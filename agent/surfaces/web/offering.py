"""Which statements each item of a review takes on the page, and the fields of their forms."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain import Verdict
from agent.gates import ItemSpec
from agent.service import statements
from agent.service.finishing import Shown
from agent.surfaces.web.fields import Field, fields_of
from agent.surfaces.web.visit import Visit

QUIZ = ("quiz", "quiz_mark")  # they have a page of their own


@dataclass(frozen=True)
class StatementForm:
    kind: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Offer:
    """`quiz`: this item is answered and marked on the page of the quiz. `why_no_waiver` says so, or ""."""

    forms: tuple[StatementForm, ...] = ()
    quiz: bool = False
    why_no_waiver: str = ""


def offers(visit: Visit, at: Shown) -> dict[int, Offer]:
    """By the item's number; nothing where the review takes nothing any more."""
    takes = at.row.state == "signing" and not at.row.rehearsal
    numbers = {item.number: item.verdict for item in at.document.items}
    return {number: _offer(visit, at, number, verdict) if takes else Offer() for number, verdict in numbers.items()}


def _offer(visit: Visit, at: Shown, number: int, verdict: Verdict) -> Offer:
    kinds, spec = statements.kinds_for(visit.deps, at.row.gate, number), at.gate.item(number)
    forms = tuple(
        StatementForm(kind, fields_of(kind)) for kind in kinds if kind not in QUIZ and _fits(kind, verdict, spec)
    )
    blocks = verdict in (Verdict.NOT_MET, Verdict.UNDETERMINED)
    refused = blocks and spec is not None and not spec.waivable
    return Offer(forms, "quiz" in kinds, "This item takes no waiver." if refused else "")


def _fits(kind: str, verdict: Verdict, spec: ItemSpec | None) -> bool:
    """Only a warning is taken on, and only what blocks and may be waived is waived."""
    if kind == "open_item":
        return verdict is Verdict.WARNING
    if kind == "waiver":
        return verdict in (Verdict.NOT_MET, Verdict.UNDETERMINED) and spec is not None and spec.waivable
    return True
