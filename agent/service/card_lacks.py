"""Use case: which keys a card lacks for a gate, and what comes of each. Pure: nothing is asked.

A key that a request or rule needs leaves it undetermined. A key that the gate only may use (`$maybe.`) is told where
its rule cannot pass without it; CONSEQUENCES says for which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from agent.configuration import LoadedCard
from agent.gates import CheckSpec, Gate, ItemSpec, RequestSpec, RuleSpec, SignerSpec
from agent.workflow.binding import Missing, Scope, elements, holds, look_up

UNDETERMINED, NOT_MET = "undetermined", "not met"
CONSEQUENCES: tuple[tuple[str, str, str], ...] = (  # probe, optional key, what the rule says without it
    ("targets_are_those_approved", "card.targets_approved", UNDETERMINED),
    ("targets_are_those_approved", "card.people.approvers_m8", NOT_MET),
    ("named_people_watch", "each.watchers", NOT_MET),
    ("log_is_kept_long_enough", "each.at_least", UNDETERMINED),
    ("message_is_drafted_and_scheduled", "each.audience", NOT_MET),
    ("a_second_approver_is_named", "card.people.second_approver", NOT_MET),
)


@dataclass(frozen=True)
class Lack:
    """`item` 0 = a check of the gate or its signatures; `key` as the card would write it, such as targets[0].value."""

    item: int
    key: str
    sentence: str


def lacks(gate: Gate, loaded: LoadedCard, now: datetime) -> tuple[Lack, ...]:
    """Every key that the gate would need and the card does not have, each once an item, in the gate's order."""
    card = loaded.card
    defaults = card.model_dump(mode="json", by_alias=True)
    scope = Scope(card=loaded.raw, defaults=defaults, as_of=now, zone=card.pilot.zone)
    found: dict[tuple[int, str], Lack] = {}
    for one in _all(gate, scope):
        found.setdefault((one.item, one.key), one)
    return tuple(found.values())


def _all(gate: Gate, scope: Scope) -> Iterator[Lack]:
    for item in gate.items:
        for spec in item.requests:
            yield from _request(gate, item, spec, scope)
        for rule in item.rules:
            yield from _rule(gate, item, rule, scope)
    for check in gate.checks:
        yield from _check(gate, check, scope)
    for signer in gate.signers:
        yield from _signer(signer, scope)


def _request(gate: Gate, item: ItemSpec, spec: RequestSpec, scope: Scope) -> Iterator[Lack]:
    for place, inner in _elements(spec.each, spec.when, scope):
        params: JsonValue = dict(spec.with_)
        type_ = spec.type
        if type_.startswith("$"):
            absent = list(_absent(type_, inner, gate))
            for path in absent:
                yield _lack(item, place, path, f"{spec.name} cannot be asked", UNDETERMINED)
            if absent:
                continue
            type_ = str(look_up(spec.type, inner))
            params = dict(spec.accepts.get(type_, {}))
        for path in _absent(params, inner, gate):
            yield _lack(item, place, path, f"{type_} cannot be asked", UNDETERMINED)
    yield from _no_list(item, spec.each, scope, f"{spec.name} cannot be asked")


def _rule(gate: Gate, item: ItemSpec, rule: RuleSpec, scope: Scope) -> Iterator[Lack]:
    told = f"{rule.probe} cannot be judged"
    for place, inner in _elements(rule.each, rule.when, scope):
        for path in _absent(rule.with_, inner, gate):
            yield _lack(item, place, path, told, UNDETERMINED)
        for probe, path, outcome in CONSEQUENCES:
            if probe == rule.probe and _matters(path, inner) and _empty(path, inner):
                yield _lack(item, place, path, f"{rule.probe} has nothing to go by", outcome)
    yield from _no_list(item, rule.each, scope, told)


def _matters(path: str, scope: Scope) -> bool:
    """A second approver is needed only where the lead builds; a person's own statement may name the audience."""
    if path == "card.people.second_approver":
        return look_up("$card.people.lead", scope) in (look_up("$card.people.builders", scope) or [])  # type: ignore[operator]
    return path != "each.audience" or look_up("$each.source", scope) != "attestation"


def _empty(path: str, scope: Scope) -> bool:
    try:
        return look_up(f"${path}", scope) in ([], "", {})
    except Missing:
        return True


def _check(gate: Gate, check: CheckSpec, scope: Scope) -> Iterator[Lack]:
    for path in _absent(check.with_, scope, gate):
        key = path.removeprefix("card.")
        yield Lack(0, key, f"check {check.id}: the card lacks {key}; without it the check is undetermined")


def _signer(signer: SignerSpec, scope: Scope) -> Iterator[Lack]:
    if signer.when == "lead_is_builder" and not _matters("card.people.second_approver", scope):
        return
    path = signer.one_of.removeprefix("$")
    if signer.one_of.startswith("$") and _empty(path, scope):
        key = path.removeprefix("card.")
        only = " a conditional decision" if signer.when == "conditional" else ""
        yield Lack(0, key, f"signatures: the card lacks {key}; without it nobody can sign{only} as {signer.title}")


def _elements(each: str | None, when: Mapping[str, JsonValue], scope: Scope) -> Iterator[tuple[str, Scope]]:
    """The scopes that are asked for, each with the place of its element ("targets[0]", "" for the card itself)."""
    try:
        found = elements(each, scope)
    except Missing:
        return
    for index, inner in found:
        if holds(when, inner):
            yield ("" if each is None else f"{each.removeprefix('$card.')}[{index}]"), inner


def _no_list(item: ItemSpec, each: str | None, scope: Scope, told: str) -> Iterator[Lack]:
    """A list that is not there at all."""
    if each is not None and _empty(each.removeprefix("$"), scope):
        yield _lack(item, "", each.removeprefix("$"), told, UNDETERMINED)


def _absent(value: JsonValue, scope: Scope, gate: Gate) -> Iterator[str]:
    """The paths of every `$card.…` and `$each.…` in it that lead nowhere, those of its windows included."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _absent(inner, scope, gate)
    elif isinstance(value, list):
        for inner in value:
            yield from _absent(inner, scope, gate)
    elif isinstance(value, str) and value.startswith("$window."):
        spec = gate.windows.get(value.split(".")[1])
        for edge in (spec.from_, spec.to) if spec else ():
            yield from _absent(edge, scope, gate)
    elif isinstance(value, str) and value.startswith(("$card.", "$each.")):
        try:
            look_up(value, scope)
        except Missing as missing:
            yield missing.path


def _lack(item: ItemSpec, place: str, path: str, told: str, outcome: str) -> Lack:
    head, _, rest = path.partition(".")
    key = f"{place}.{rest}" if head == "each" and place else rest
    sentence = f"item {item.number} ({item.title}): the card lacks {key}; without it {told}, and the item is {outcome}"
    return Lack(item.number, key, sentence)
