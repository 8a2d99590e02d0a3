"""Which statements each item of a review takes on the page, and the fields of their forms."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain import Verdict
from agent.gates import ItemSpec
from agent.service import statements
from agent.service.finishing import Shown
from agent.surfaces.web.fields import Field, fields_of

BLOCKS = (Verdict.NOT_MET, Verdict.UNDETERMINED)
QUIZ = ("quiz", "quiz_mark")  # they have a page of their own
BY_FORM = ("not_applicable", "debt", "tests")  # a file of several rows, for `clearance attest … --from`


@dataclass(frozen=True)
class StatementForm:
    kind: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Offer:
    """`quiz`: this item is answered and marked on the page of the quiz. `why_no_waiver` says so, or "".

    `by_form`: kinds that are stated on the command line, from a file.
    """

    forms: tuple[StatementForm, ...] = ()
    quiz: bool = False
    why_no_waiver: str = ""
    by_form: tuple[str, ...] = ()


def offers(at: Shown) -> dict[int, Offer]:
    """By the item's number; nothing where the review takes nothing any more."""
    takes = at.row.state == "signing" and not at.row.rehearsal
    numbers = {item.number: item.verdict for item in at.document.items}
    specs = {number: at.gate.item(number) if takes else None for number in numbers}
    return {number: _offer(spec, numbers[number]) if spec else Offer() for number, spec in specs.items()}


def _offer(spec: ItemSpec, verdict: Verdict) -> Offer:
    kinds = statements.kinds_of(spec)
    offered = (kind for kind in kinds if kind not in (*QUIZ, *BY_FORM) and _fits(kind, verdict, spec))
    refused = verdict in BLOCKS and not spec.waivable
    forms = tuple(StatementForm(kind, fields_of(kind)) for kind in offered)
    by_form = tuple(kind for kind in kinds if kind in BY_FORM)
    return Offer(forms, "quiz" in kinds, "This item takes no waiver." if refused else "", by_form)


def _fits(kind: str, verdict: Verdict, spec: ItemSpec) -> bool:
    """Only a warning is taken on, and only what blocks and may be waived is waived."""
    if kind == "open_item":
        return verdict is Verdict.WARNING
    return kind != "waiver" or (verdict in BLOCKS and spec.waivable)
