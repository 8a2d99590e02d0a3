"""From chosen cards to the questions of all their reviews, each once."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import JsonValue

from agent import periods
from agent.service.sweeps.shared import Common, Planned, packed_rows
from agent.workflow import follow, frozen, planning
from agent.workflow.plan import gap_of
from agent.workflow.planning import Bound
from collectors.evidence import Answer, Request, canonical, sha256
from collectors.registry import REQUESTS


@dataclass
class Asks:
    """The distinct questions by type and key, with the shortest time for which an answer counts to somebody.

    Of each only its parameters, as JSON: a sweep has tens of thousands of them.
    """

    by_type: dict[str, dict[str, bytes]] = field(default_factory=dict)
    within: dict[str, timedelta] = field(default_factory=dict)

    def add(self, rows: Iterable[Bound]) -> None:
        for row in rows:
            if row.state == "asked":
                self._add(row)

    def _add(self, row: Bound) -> None:
        limit = periods.length(row.fetched_within)
        if row.key not in self.within:
            self.by_type.setdefault(row.type, {})[row.key] = canonical(row.params)
        self.within[row.key] = min(limit, self.within.get(row.key, limit))

    def without(self, answered: Collection[str]) -> Asks:
        left = {type_: {k: a for k, a in asks.items() if k not in answered} for type_, asks in self.by_type.items()}
        return Asks({type_: asks for type_, asks in left.items() if asks}, self.within)

    def __len__(self) -> int:
        return sum(len(asks) for asks in self.by_type.values())


def request(type_: str, params: bytes) -> Request:
    return REQUESTS[type_].ask.model_validate(json.loads(params))


def plan(common: Common, gate: str, raw: dict[str, JsonValue], card: str) -> Planned:
    """A subject's questions. ConfigError where the gate cannot be asked about such a card."""
    whole = planning.plan(common.gates[gate], common.scope(gate, raw))
    return Planned(str(raw["subject"]), str(raw["version"]), gate, card, packed_rows(whole.bound))


def followed(common: Common, planned: Planned, answers: dict[str, str]) -> Planned:
    """With what could be asked only once others were answered."""
    before = planned.rows
    if not any(row.state == "later" for row in before):
        return planned
    gate, scope = common.gates[planned.gate], common.scope(planned.gate, raw_card(common, planned))
    own = {row.key: answers[row.key] for row in before if row.state == "asked"}
    now = frozen.Collected(rows=before, answers=own)
    rows = [follow.bind(common.deps, gate, scope, now, row) if row.state == "later" else row for row in before]
    return planned.with_rows(tuple(rows))


def raw_card(common: Common, planned: Planned) -> dict[str, JsonValue]:
    card: dict[str, JsonValue] = json.loads(common.deps.locker.get(planned.card))
    return card


def unasked(common: Common, rows: Sequence[Bound]) -> tuple[tuple[Bound, ...], dict[str, Answer]]:
    """The rows with a key for what the card does not let us ask, and the gaps of those: nothing of it is kept."""
    found: dict[str, Answer] = {}
    keyed = []
    for row in rows:
        if row.state == "missing":
            row = row.model_copy(update={"key": sha256(canonical([row.item, row.name, row.index, row.why]))})
            found[row.key] = gap_of(row, common.deps)
        keyed.append(row)
    return tuple(keyed), found
