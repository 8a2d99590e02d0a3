"""What counts as stated: only what a key that belongs to its author has signed."""

from __future__ import annotations

from datetime import datetime

from agent.domain import Finding
from agent.probes.findings import unknown
from collectors.evidence import Fact
from collectors.statements import Statement


def only_reported(statement: Statement, what: str, **facts: Fact) -> Finding:
    """Unknown: `what` ("The drill", may hold slots for `facts`) rests on a statement that no key proves."""
    return unknown(f"{what} is only as reported by {{author}}, and no key proves that", facts, author=statement.author)


def ends(statement: Statement) -> datetime | None:
    """When the author wants it to stop counting."""
    return statement.valid_until.value if statement.valid_until else None
