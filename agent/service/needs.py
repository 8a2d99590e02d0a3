"""Use case: what would the requests of these gates, with the cards at hand, need of each source? Asks nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue, ValidationError

from agent.configuration import Gates
from agent.deps import Deps
from agent.errors import ConfigError
from agent.workflow import planning
from agent.workflow.binding import Scope
from agent.workflow.planning import Bound
from collectors import needs
from collectors.evidence import Request
from collectors.registry import REQUESTS

VENDOR_OF = {"s3": "aws", "cloudtrail": "aws"}


@dataclass(frozen=True)
class Asked:
    """One request of one gate about one subject."""

    gate: str
    subject: str
    type: str
    params: dict[str, JsonValue]

    @property
    def vendor(self) -> str:
        """The source as `doctor` names it."""
        return vendor_of(self.type)


@dataclass(frozen=True)
class Needed:
    """`asked` holds every question of `gates`; `unplanned`: (subject, why a gate cannot be asked about it).

    Where a gate cannot be asked about anything, the subject is "".
    """

    gates: tuple[str, ...]
    asked: tuple[Asked, ...]
    unplanned: tuple[tuple[str, str], ...]

    @property
    def unread(self) -> bool:
        """Is there a gate that cannot be read?"""
        return any(not subject for subject, _ in self.unplanned)

    def permissions(self) -> dict[tuple[str, str], list[str]]:
        """(vendor, permission) → the types of request that need it, in the order in which they are asked."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in self.asked:
            for permission in needs.needed(one.type, one.params):
                types = found.setdefault((one.vendor, permission), [])
                if one.type not in types:
                    types.append(one.type)
        return found

    def requests(self) -> list[Request]:
        """The questions as the collectors know them, less those whose parameters only an answer will tell."""
        found = []
        for one in self.asked:
            try:
                found.append(REQUESTS[one.type].ask.model_validate(one.params))
            except (KeyError, ValidationError):
                continue
        return found

    def before(self, type: str, since: datetime | None) -> list[Asked]:
        """The questions of a type that look back beyond `since`; all of them where the source knows nothing."""
        return [one for one in self.asked if one.type == type and (since is None or _begins_before(one, since))]


def vendor_of(type: str) -> str:
    vendor = type.split(".")[0]
    return VENDOR_OF.get(vendor, vendor)


def needed_by(deps: Deps, gate: str | None = None, subject: str | None = None) -> Needed:
    """What one gate, or every gate, would ask now about one card of the overlay, or every card."""
    known = deps.configuration.card_paths()
    if subject is not None and subject not in known:
        deps.configuration.card(subject)  # says which there are
    every = Gates({gate: deps.configuration.gate(gate)}, {}) if gate else deps.configuration.gates()
    gates = sorted(every.right)
    asked: list[Asked] = []
    unplanned: list[tuple[str, str]] = [("", sentence) for sentence in every.told]
    for name in gates:
        for card in [subject] if subject else known:
            try:
                asked += _questions(deps, name, card)
            except ConfigError as error:
                unplanned.append((card, f"gate {name} cannot be asked about {card}: {error}"))
    return Needed(tuple(gates), tuple(asked), tuple(unplanned))


def _questions(deps: Deps, gate: str, subject: str) -> Iterator[Asked]:
    rules = deps.configuration.gate(gate)
    bound = planning.plan(rules, planning.windowed(rules, _scope(deps, subject))).bound
    return (Asked(gate, subject, row.type, row.params) for row in bound if _is_asked(row))


def _is_asked(row: Bound) -> bool:
    """What follows another request is asked as well, with parameters that are not known yet."""
    return row.state != "missing" and "." in row.type and not row.type.startswith("$")


def _scope(deps: Deps, subject: str) -> Scope:
    loaded = deps.configuration.card(subject)
    return Scope(
        card=loaded.raw, defaults=loaded.card.model_dump(mode="json", by_alias=True), as_of=deps.clock(),
        zone=loaded.card.pilot.zone, people=deps.configuration.people().model_dump(mode="json"),
    )  # fmt: skip


def _begins_before(one: Asked, since: datetime) -> bool:
    window = one.params.get("window")
    start = window.get("start") if isinstance(window, dict) else None
    return isinstance(start, str) and datetime.fromisoformat(start) < since
