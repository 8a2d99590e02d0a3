"""From a gate and a card to the questions to ask: which request serves which item, each asked once. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import JsonValue, ValidationError

from agent import periods
from agent.errors import ConfigError
from agent.gates import Gate, ItemSpec, RequestSpec
from agent.workflow.binding import Missing, Scope, elements, fill, holds, look_up, window
from collectors.evidence import Model, Request, Window, key_of
from collectors.registry import REQUESTS, UNBUILT
from collectors.statements import AcceptanceAsk

GATE_ITSELF, ACCEPTANCES = 0, "acceptances"  # the one question that belongs to no item


class Bound(Model):
    """One request of one item (`index` for an element of a list): the key of its question, or why it has none.

    `state`: "asked", "later" (follows another request) or "missing" (`why` and `next_step` say what the card lacks).
    """

    item: int
    name: str
    index: int | None = None
    state: Literal["asked", "later", "missing"]
    key: str = ""
    type: str
    params: dict[str, JsonValue] = {}
    why: str = ""
    next_step: str = ""
    fetched_within: str


class Plan(Model):
    """What a review asks. `bound` holds one row for each use of a question."""

    as_of: datetime
    bound: tuple[Bound, ...]

    def asked(self) -> dict[str, Bound]:
        """One row for each distinct question, by key."""
        return {row.key: row for row in self.bound if row.state == "asked"}

    def asks(self) -> dict[str, Request]:
        """The distinct questions by key."""
        return {key: REQUESTS[row.type].ask.model_validate(row.params) for key, row in self.asked().items()}


def windowed(gate: Gate, scope: Scope) -> Scope:
    """The scope with the gate's windows worked out; a window that the card makes impossible is a ConfigError."""
    for name, spec in gate.windows.items():
        try:
            scope = scope.with_window(name, window(spec, scope))
        except Missing:
            continue
        except ValidationError as error:
            raise ConfigError(
                f"the card makes the window {name!r} of gate {gate.id} impossible: {_first(error)}"
            ) from error
    return scope


def plan(gate: Gate, scope: Scope) -> Plan:
    """Every request of every item, bound to the card, and what people took on."""
    bound = [_acceptances(gate, scope)]
    for item in gate.items:
        for spec in item.requests:
            bound += _bind(gate, item, spec, scope)
    return Plan(as_of=scope.as_of, bound=tuple(bound))


def _acceptances(gate: Gate, scope: Scope) -> Bound:
    ask = AcceptanceAsk(subject=str(scope.card["subject"]), version=str(scope.card["version"]))
    return Bound(
        item=GATE_ITSELF, name=ACCEPTANCES, state="asked", key=ask.key(), type=ask.type, params=ask.params(),
        fetched_within=gate.fetched_within,
    )  # fmt: skip


def _bind(gate: Gate, item: ItemSpec, spec: RequestSpec, scope: Scope) -> list[Bound]:
    base = {"item": item.number, "name": spec.name, "fetched_within": spec.fetched_within or gate.fetched_within}
    try:
        scopes = elements(spec.each, scope)
    except Missing as missing:
        return [_missing(base, spec.type, missing)]
    rows = []
    for index, inner in scopes:
        if holds(spec.when, inner):
            rows.append(bind_one(item, spec, inner, {**base, "index": index}))
    return rows


def bind_one(item: ItemSpec, spec: RequestSpec, scope: Scope, base: dict[str, object]) -> Bound:
    """One question; a card key that it needs and the card lacks makes it "missing", which is undetermined later."""
    try:
        type_, params = _typed(item, spec, scope)
        if spec.follows and "follow" not in (scope.windows or {}):
            return Bound.model_validate({**base, "state": "later", "type": type_})
        filled = fill(params, scope)
    except Missing as missing:
        return _missing(base, spec.type, missing)
    if type_ in UNBUILT:
        why = f"{type_} cannot be asked by this version of Clearance"
        return Bound.model_validate({**base, "state": "missing", "type": type_, "why": why, "next_step": _UNBUILT_STEP})
    return _asked(item, spec, type_, filled, base)


_UNBUILT_STEP = "Name another source for it on the card where the item allows that, or wait for the version that can."


def _typed(item: ItemSpec, spec: RequestSpec, scope: Scope) -> tuple[str, dict[str, JsonValue]]:
    if not spec.type.startswith("$"):
        return spec.type, spec.with_
    chosen = str(look_up(spec.type, scope))
    if chosen not in spec.accepts:
        allowed = ", ".join(sorted(spec.accepts))
        raise ConfigError(f"item {item.number}: the card names the source {chosen!r} ({spec.type}); allowed: {allowed}")
    if chosen == "attestation" and "interview" not in item.methods:
        raise ConfigError(f"item {item.number}: a person's word cannot stand in for a source; name one on the card")
    params = dict(spec.accepts[chosen])
    return str(params.pop("request", chosen)), params


def _asked(item: ItemSpec, spec: RequestSpec, type_: str, params: JsonValue, base: dict[str, object]) -> Bound:
    try:
        ask = REQUESTS[type_].ask.model_validate(params)
    except ValidationError as error:
        raise ConfigError(
            f"item {item.number}, request {spec.name} ({type_}): {_first(error)}; correct the card"
        ) from error
    own = ask.params()
    return Bound.model_validate({**base, "state": "asked", "type": type_, "key": key_of(type_, own), "params": own})


def _missing(base: dict[str, object], type_: str, missing: Missing) -> Bound:
    key = missing.path.removeprefix("card.").removeprefix("each.")
    why = f"the card does not say {key}"
    return Bound.model_validate(
        {
            **base,
            "state": "missing",
            "type": type_,
            "why": why,
            "next_step": f"Add {key} to the card, then start a new review.",
        }
    )


def follow(gate: Gate, scope: Scope, row: Bound, at: datetime) -> Bound:
    """A request that waited for another, now that the instant it is asked around is known."""
    item = gate.item(row.item)
    assert item is not None
    spec = next(s for s in item.requests if s.name == row.name)
    assert spec.follows is not None
    start = at - periods.length(spec.follows.back)
    around = Window(start=start, end=min(start + periods.length(spec.follows.for_), scope.as_of))
    base = row.model_dump(include={"item", "name", "index", "fetched_within"})
    return bind_one(item, spec, scope.with_window("follow", around), base)


def _first(error: ValidationError) -> str:
    mistake = error.errors(include_url=False)[0]
    return f"{'.'.join(str(p) for p in mistake['loc']) or 'value'}: {mistake['msg'].removeprefix('Value error, ')}"
