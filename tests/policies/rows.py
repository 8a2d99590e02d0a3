"""Gates of plain verdicts, and one policy of each kind over them."""

from __future__ import annotations

from decimal import Decimal

from agent.domain import ItemResult, Verdict
from agent.policies.specs import (
    AllOfPolicy,
    Band,
    Label,
    Labels,
    MatrixPolicy,
    PercentagePolicy,
    Policy,
    Stage,
    StagesPolicy,
    Threshold,
    WeightedCategory,
    WeightedPolicy,
)
from tests.builders import item

LABELS = Labels(done=Label(label="READY"), short=Label(label="NEEDS WORK"), stopped=Label(label="BLOCKED"))
PERCENTAGE = PercentagePolicy(
    name="percentage",
    bands=(
        Band(label="DEPLOY", at_least=Decimal(100)),
        Band(label="DEFER", at_least=Decimal(90), says="Address gaps."),
        Band(label="DEFER", at_least=Decimal(0), says="Not ready."),
    ),
    by_a_person=(Label(label="CANCEL"),),
)
WEIGHTED = WeightedPolicy(
    name="weighted", needs=Threshold(at_least=Decimal(80)), labels=LABELS,
    categories=(
        WeightedCategory(id="a", weight=Decimal(50), needs=Threshold(at_least=Decimal(90))),
        WeightedCategory(id="b", weight=Decimal(30)), WeightedCategory(id="c", weight=Decimal(20)),
    ),
)  # fmt: skip
ALL_OF = AllOfPolicy(name="all_of", labels=LABELS)
STAGES = StagesPolicy(
    name="stages", done=Label(label="DEPLOY"),
    stages=(
        Stage(id="before", title="Prerequisites", categories=("a",), short=Label(label="STOP")),
        Stage(
            id="squares", title="Squares", categories=("b", "c"), short=Label(label="DO NOT DEPLOY"),
            needs=Threshold(at_least=Decimal("75")),
        ),
    ),
)  # fmt: skip
MATRIX = MatrixPolicy(name="matrix", items=tuple(range(1, 13)), warnings_allowed=2, open_items_within_days=14)
COUNTING: tuple[Policy, ...] = (PERCENTAGE, WEIGHTED, ALL_OF, STAGES)
EVERY: tuple[Policy, ...] = (*COUNTING, MATRIX)


def row(
    number: int, verdict: Verdict = Verdict.MET, category: str = "a", *, critical: bool = False,
    parent: int | None = None, weight: int = 1,
) -> ItemResult:  # fmt: skip
    more = {"category": category, "critical": critical, "parent": parent, "weight": weight}
    return item(number, verdict).model_copy(update=more)


def boxes(done: int, of: int, **verdicts: int) -> list[ItemResult]:
    """`done` of `of` met, the others not met but for those counted by verdict: boxes(9, 10, undetermined=1)."""
    other = [Verdict(name) for name, count in verdicts.items() for _ in range(count)]
    rows = [Verdict.MET] * done + other
    rows += [Verdict.NOT_MET] * (of - len(rows))
    return [row(number, verdict) for number, verdict in enumerate(rows, start=1)]
