"""What a digest says of a subject whether it changed or not: what ends before its launch, and what was not seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from agent.cards import Card
from agent.domain import ItemResult
from agent.service.sweeps.common import About, Blindness, Ends
from agent.workflow.binding import midnight
from agent.workflow.collect import is_local
from agent.workflow.judge import Judged
from agent.workflow.judging import Case
from collectors.evidence import Gap


def about(case: Case, judged: Judged) -> About:
    """What the digest says of a subject whether it changed or not."""
    card = Card.model_validate(case.scope.card)
    return About(
        name=card.name or card.subject, launch=card.launch.date.isoformat(),
        lapses=tuple(_lapses(judged.items, midnight(card.launch.date, card.pilot.zone), case.scope.as_of)),
        blind=tuple(_blind(case)),
    )  # fmt: skip


def _lapses(items: tuple[ItemResult, ...], launch: datetime, as_of: datetime) -> Iterator[Ends]:
    """What counts now, and will not on the day of the launch."""
    for item in items:
        if item.valid_until is not None and as_of < item.valid_until < launch:
            yield Ends(what=f"item {item.number}, {item.title}", ends=item.valid_until, owner=item.owner)


def _blind(case: Case) -> Iterator[Blindness]:
    """Sources that gave no answer. What a card or a person does not say is an item's affair."""
    found: dict[tuple[str, str], list[Gap]] = {}
    for row in {row.key: row for row in case.told if row.state == "asked" and not is_local(row.type)}.values():
        answer = case.answers[row.key]
        if isinstance(answer, Gap):
            found.setdefault((answer.request_type, answer.reason.value), []).append(answer)
    for (type_, reason), gaps in found.items():
        yield Blindness(
            request_type=type_, reason=reason, questions=len(gaps), what=gaps[0].what, next_step=gaps[0].next_step
        )
