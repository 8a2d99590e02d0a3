"""What all subjects of a sweep share, loaded once; and one subject at one gate as the sweep carries it."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from pydantic import AwareDatetime, JsonValue, TypeAdapter

from agent.configuration import Configuration
from agent.deps import Deps, Meter
from agent.gates import Gate
from agent.people import People
from agent.service.sweep_order import SweepOrder
from agent.store.sweeps import SweepRow
from agent.workflow import frozen
from agent.workflow.binding import Scope
from agent.workflow.planning import Bound
from collectors.evidence import Call, Model, canonical

PATIENCE = 600.0  # seconds that a call may wait for its turn: nobody sits before a sweep
SPARE = timedelta(hours=1)  # by which an answer has to outlive the question, so that it is fresh when it is judged


ROWS = TypeAdapter(tuple[Bound, ...])


class Held(Configuration):
    """Gates and people as they were when the sweep began: a file that changes meanwhile is the next sweep's."""

    @cached_property
    def _held(self) -> dict[str, Gate]:
        return {}

    @cached_property
    def _people(self) -> People:
        return super().people()

    def gate(self, id: str) -> Gate:
        if id not in self._held:
            self._held[id] = super().gate(id)
        return self._held[id]

    def people(self) -> People:
        return self._people


@dataclass(frozen=True)
class Common:
    """`deps` count into the sweep's own meter; `people` is people.yaml's content as JSON.

    `began`: when this process began with it, and read what it goes by. `broken`: the gates that were meant and cannot
    be read, with why.
    """

    deps: Deps
    order: SweepOrder
    sweep: SweepRow
    gates: Mapping[str, Gate]
    gate_digests: Mapping[str, str]
    people: JsonValue
    people_digest: str
    began: datetime
    spare: timedelta = SPARE
    broken: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_of(self) -> datetime:
        return self.sweep.as_of

    def scope(self, gate: str, card: dict[str, JsonValue]) -> Scope:
        return frozen.scope_over(self.gates[gate], card, self.people, self.as_of)


class Blindness(Model):
    """Questions of one type that one subject had no answer to, for one reason; the first one's sentences."""

    request_type: str
    reason: str
    questions: int
    what: str
    next_step: str


class Ends(Model):
    """What a met item rests on until then."""

    what: str
    ends: AwareDatetime
    owner: str = ""


class About(Model):
    """What the digest says of one subject, kept with its row."""

    name: str = ""
    launch: str = ""
    lapses: tuple[Ends, ...] = ()
    blind: tuple[Blindness, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """One subject at one gate. `card` is a digest: nothing that a source answered is in here.

    `packed`: what it asks, in a thirtieth of the memory, since a sweep holds a thousand of them.
    """

    subject: str
    version: str
    gate: str
    card: str
    packed: bytes

    @property
    def rows(self) -> tuple[Bound, ...]:
        """What it asks, read anew each time."""
        return ROWS.validate_json(zlib.decompress(self.packed))

    def with_rows(self, rows: tuple[Bound, ...]) -> Planned:
        return replace(self, packed=packed_rows(rows))


def packed_rows(rows: tuple[Bound, ...]) -> bytes:
    return zlib.compress(ROWS.dump_json(rows), 1)


def common(
    deps: Deps, order: SweepOrder, sweep: SweepRow, gates: Mapping[str, Gate], broken: Mapping[str, str]
) -> Common:  # fmt: skip
    """Everything loaded and frozen once. `deps` as `held` made them."""
    began, (people, people_digest) = deps.clock(), _people(deps)
    return Common(
        deps=deps, order=order, sweep=sweep, gates=gates, began=began,
        gate_digests={id: frozen.keep(deps, gate, "gate") for id, gate in gates.items()},
        people=people, people_digest=people_digest,
        spare=SPARE + (deps.settings.batch_within if order.batch else timedelta()), broken=broken,
    )  # fmt: skip


def _people(deps: Deps) -> tuple[JsonValue, str]:
    """people.yaml's content, and its digest in the locker."""
    people = deps.configuration.people().model_dump(mode="json")
    return people, deps.locker.put(canonical(people), "people", deps.clock())


def refuse_damaged_people(deps: Deps) -> None:
    """Raise StoreError where the locker's copy is damaged: over it nobody may sign, nor be told "unchanged"."""
    deps.locker.get(_people(deps)[1])


def held(deps: Deps) -> Deps:
    """The same with a meter of the sweep's own, with gates and people read once, and with time to wait for a turn."""
    meter = Meter()
    configuration = Held(deps.configuration.own, deps.configuration.overlay)
    connections = replace(deps.connections.of_a_run(), limits=deps.connections.limits.patient(PATIENCE))
    return counting(replace(deps, configuration=configuration, connections=connections), meter)


def counting(deps: Deps, *meters: Meter) -> Deps:
    """Calls count into all of these; the first is the one that is read."""

    def observe(vendor: str, call: Call) -> None:
        for meter in meters:
            meter.observe(vendor, call)

    return replace(deps, meter=meters[0], connections=replace(deps.connections, observe=observe))


def new_id() -> str:
    return f"sw-{secrets.token_hex(4)}"
