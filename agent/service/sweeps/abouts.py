"""What a digest says of a subject whether it changed or not: what ends before its launch, and what was not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from agent.cards import Card
from agent.deps import Deps
from agent.domain import GapRow, ItemResult, ReviewDocument
from agent.service.sweeps.shared import About, Blindness, Ends
from agent.workflow import frozen
from agent.workflow.binding import midnight
from agent.workflow.collect import is_local
from agent.workflow.judge import Judged
from agent.workflow.judging import Case
from collectors.evidence import Gap


def about(case: Case, judged: Judged) -> About:
    """What the digest says of a subject of which there is no new review."""
    card = Card.model_validate(case.scope.card)
    return About(
        name=card.name or card.subject, launch=card.launch.date.isoformat(),
        lapses=tuple(lapses(judged.items, midnight(card.launch.date, card.pilot.zone), case.scope.as_of)),
        blind=tuple(_blind(case)),
    )  # fmt: skip


def of_review(deps: Deps, shown: ReviewDocument) -> About:
    """The same of a review that was made."""
    card = Card.model_validate(shown.card)
    return About(
        name=shown.name, launch=card.launch.date.isoformat(),
        lapses=tuple(lapses(shown.items, midnight(card.launch.date, card.pilot.zone), shown.as_of)),
        blind=tuple(_grouped(_silent(deps, shown))),
    )  # fmt: skip


def _silent(deps: Deps, shown: ReviewDocument) -> list[GapRow]:
    """What was asked and not answered. What the card does not let us ask is a gap as well, and was not asked."""
    gaps = [gap for gap in shown.gaps if not is_local(gap.request_type)]
    if not gaps:
        return []
    then = frozen.of(deps, shown.collected, frozen.Collected)
    asked = {then.answers[row.key] for row in then.rows if row.state == "asked"}
    return [gap for gap in gaps if gap.digest in asked]


def lapses(items: tuple[ItemResult, ...], launch: datetime, as_of: datetime) -> Iterator[Ends]:
    """What counts now, and will not on the day of the launch."""
    for item in items:
        if item.valid_until is not None and as_of < item.valid_until < launch:
            yield Ends(what=f"item {item.number}, {item.title}", ends=item.valid_until, owner=item.owner)


def _blind(case: Case) -> Iterator[Blindness]:
    """Sources that gave no answer. What a card or a person does not say is an item's affair."""
    asked = {row.key: row for row in case.told if row.state == "asked" and not is_local(row.type)}
    return _grouped([gap for key in asked if isinstance(gap := case.answers[key], Gap)])


def _grouped(gaps: Sequence[Gap | GapRow]) -> Iterator[Blindness]:
    found: dict[tuple[str, str], list[Gap | GapRow]] = {}
    for gap in gaps:
        found.setdefault((gap.request_type, str(gap.reason)), []).append(gap)
    for (type_, reason), some in found.items():
        yield Blindness(
            request_type=type_, reason=reason, questions=len(some), what=some[0].what, next_step=some[0].next_step
        )
