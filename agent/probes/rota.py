"""Who stands on levels one and two of a rota."""

from __future__ import annotations

from datetime import UTC, datetime

from collectors.evidence import Person
from collectors.pagerduty.facts import OnCallFacts, Shift

PRIMARY, BACKUP = 1, 2


def turns(facts: OnCallFacts, *levels: int) -> list[Shift]:
    """The shifts of some levels, by level and then start."""
    chosen = [shift for shift in facts.shifts if shift.level in levels]
    return sorted(chosen, key=lambda shift: (shift.level, utc(shift.start.value), shift.person.id))


def people_on(facts: OnCallFacts, *levels: int) -> list[Person]:
    """Each person once, in the order of their first turn. Ids are the paging system's."""
    return list({shift.person.id: shift.person for shift in turns(facts, *levels)}.values())


def utc(instant: datetime) -> datetime:
    """Two times of one zone compare by the clock on the wall, which lies when clocks change; in UTC they do not."""
    return instant.astimezone(UTC)
