"""Says everything that is wrong with a gate: probes, requests, parameters, windows and bindings, with line and key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from agent import controls, yaml_lines
from agent.errors import nearest
from agent.gates import Control, Gate, ItemSpec, RequestSpec, RuleSpec
from agent.probes.all import MOMENTS, PROBES
from collectors.registry import REQUESTS, UNBUILT

# Rules that pass only on a person's own word about this version of a document.
CONFIRMED_BY_A_PERSON = ("quotes_are_confirmed", "everyone_on_call_answered")

Mistake = tuple[yaml_lines.Loc, str]


def mistakes(gate: Gate) -> Iterator[Mistake]:
    """Everything that is wrong with a gate whose controls are in it."""
    for i, item in enumerate(gate.items):
        yield from _item(gate, item, ("items", i))
    for i, check in enumerate(gate.checks):
        yield from _probe(check.probe, set(), check.with_, ("checks", i))


def mistakes_in_control(control: Control) -> Iterator[Mistake]:
    """Everything that is wrong with a control, whoever points to it."""
    yield from controls.mistakes_in(control)
    stands_for = ItemSpec(
        number=1, id="item", title="", methods=control.methods, requests=control.requests, rules=control.rules,
        remediation=control.remediation,
    )  # fmt: skip
    for j, spec in enumerate(control.requests):
        yield from _request(stands_for, spec, ("requests", j))
    for j, rule in enumerate(control.rules):
        yield from _rule(stands_for, rule, ("rules", j))
    yield from _examined(stands_for, ())


def _item(gate: Gate, item: ItemSpec, loc: yaml_lines.Loc) -> Iterator[Mistake]:
    used = [one for one in gate.controls if one.id in item.control]
    before = len({spec.name for one in used for spec in one.requests}), sum(len(one.rules) for one in used)
    for j, spec in enumerate(item.requests):
        yield from _request(item, spec, _place(loc, "requests", j - before[0]))
    for j, rule in enumerate(item.rules):
        yield from _rule(item, rule, _place(loc, "rules", j - before[1]))
    yield from _unused(item, loc, before[0])
    yield from _strictness(item, loc)
    if not gate.parts(item.number):
        yield from _examined(item, loc)


def _place(loc: yaml_lines.Loc, key: str, index: int) -> yaml_lines.Loc:
    """Where it stands in the gate's own file; what came with a control stands in that one's."""
    return (*loc, key, index) if index >= 0 else (*loc, "control")


def _unused(item: ItemSpec, loc: yaml_lines.Loc, before: int) -> Iterator[Mistake]:
    """A request that no rule judges is evidence that nobody looks at; and one name means one request."""
    used = {name for rule in item.rules for name in (*rule.facts.values(), *rule.stands_in.values())}
    used |= {spec.follows.request for spec in item.requests if spec.follows}
    names = [spec.name for spec in item.requests]
    for j, spec in enumerate(item.requests[before:]):
        if spec.name not in used:
            yield (*loc, "requests", j, "name"), f"no rule of this item takes a fact from {spec.name!r}"
        if spec.name in names[before : before + j]:
            yield (*loc, "requests", j, "name"), f"{spec.name!r} stands here twice"


def _strictness(item: ItemSpec, loc: yaml_lines.Loc) -> Iterator[Mistake]:
    if not item.waivable and any(rule.shortfall == "warn" for rule in item.rules):
        yield (*loc, "rules"), "an item that takes no waiver takes no `shortfall: warn` either"


def _examined(item: ItemSpec, loc: yaml_lines.Loc) -> Iterator[Mistake]:
    """What a document answers is met only when a person confirms it, whatever a model quotes, and whatever is on a
    card: a rule that a card can leave out confirms nothing."""
    always = {rule.probe for rule in item.rules if not rule.when and rule.each is None}
    if "examine" in item.methods and not always & {*CONFIRMED_BY_A_PERSON}:
        rules = " or ".join(CONFIRMED_BY_A_PERSON)
        told = f"an examined item needs a rule by which a person confirms it: {rules}, without `when` or `each`"
        yield (*loc, "rules"), told


def _request(item: ItemSpec, spec: RequestSpec, loc: yaml_lines.Loc) -> Iterator[Mistake]:
    asked = {spec.type: spec.with_} if not spec.type.startswith("$") else spec.accepts
    for name, params in asked.items():
        real = str(params.get("request", name))
        if real.startswith(controls.PARAM):
            continue  # the item that points to the control says which
        if real not in REQUESTS:
            if real not in UNBUILT:
                yield (*loc, "type"), f"there is no request {real!r}. {nearest(real, {*REQUESTS, *UNBUILT})}"
            continue
        yield from _params(real, params, (*loc, "with") if real == spec.type else (*loc, "accepts", name))
    if spec.follows:
        if spec.follows.request not in {r.name for r in item.requests}:
            yield (*loc, "follows", "request"), f"this item has no request {spec.follows.request!r}"
        if spec.follows.moment not in MOMENTS:
            yield (
                (*loc, "follows", "moment"),
                f"there is no moment {spec.follows.moment!r}. {nearest(spec.follows.moment, MOMENTS)}",
            )


def _params(type_: str, params: Mapping[str, object], loc: yaml_lines.Loc) -> Iterator[Mistake]:
    known = REQUESTS[type_].ask.model_fields
    for key in sorted(set(params) - set(known) - {"request"}):
        yield (*loc, key), f"{type_} has no parameter {key!r}; allowed: {', '.join(sorted(known))}"
    for key in sorted({name for name, field in known.items() if field.is_required()} - set(params)):
        yield loc, f"{type_} needs the parameter {key!r}"
    for key in sorted(key for key in set(params) & set(known) if _is_written_out(params[key])):
        yield from _literal(params[key], _adapter(type_, key), (*loc, key))


@cache
def _adapter(type_: str, key: str) -> TypeAdapter[Any]:
    field = REQUESTS[type_].ask.model_fields[key]
    allowed: Any = field.annotation
    return TypeAdapter(Annotated[allowed, *field.metadata] if field.metadata else allowed)


def _is_written_out(value: object) -> bool:
    """Not filled from the card."""
    return "$" not in str(value)


def _literal(value: object, adapter: TypeAdapter[Any], loc: yaml_lines.Loc) -> Iterator[Mistake]:
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        yield loc, f"is {value!r}: {error.errors(include_url=False)[0]['msg'].removeprefix('Value error, ')}"


def _rule(item: ItemSpec, rule: RuleSpec, loc: yaml_lines.Loc) -> Iterator[Mistake]:
    yield from _probe(rule.probe, set(rule.facts), rule.with_, loc)
    each = {spec.name: spec.each for spec in item.requests}
    names = set(each)
    for fact, request in rule.facts.items():
        if rule.each and each.get(request) not in (None, rule.each):
            yield (*loc, "each"), f"{request} is asked for each of {each[request]}, so this rule must be too"
        if request not in names:
            yield (*loc, "facts", fact), f"this item has no request {request!r}. {nearest(request, names)}"
    yield from _stand_ins(item, rule, loc)


def _stand_ins(item: ItemSpec, rule: RuleSpec, loc: yaml_lines.Loc) -> Iterator[Mistake]:
    """Only a statement stands in, only where the item lists `interview`, and about the same element of the list."""
    specs = {spec.name: spec for spec in item.requests}
    for request, statement in rule.stands_in.items():
        here = (*loc, "stands_in", request)
        if request not in rule.facts.values():
            yield here, f"this rule takes no fact from {request!r}"
        if "interview" not in item.methods:
            yield here, "a person's word cannot stand in here: the item's methods do not list interview"
        spec = specs.get(statement)
        if spec is None or not spec.type.startswith("attestation."):
            yield here, f"{statement!r} is no request of this item for a statement (attestation.…)"
        elif request in specs and spec.each != specs[request].each:
            yield here, f"{statement} must be asked for each of {specs[request].each}, as {request} is"


def _probe(name: str, facts: set[str], params: Mapping[str, object], loc: yaml_lines.Loc) -> Iterator[Mistake]:
    if name not in PROBES:
        yield (*loc, "probe"), f"there is no probe {name!r}. {nearest(name, PROBES)}"
        return
    probe = PROBES[name]
    if facts != set(probe.facts):
        yield (*loc, "facts"), f"{name} takes the facts {', '.join(sorted(probe.facts)) or 'none'}"
    for key in sorted(set(params) - set(probe.params)):
        yield (*loc, "with", key), f"{name} has no parameter {key!r}; allowed: {', '.join(sorted(probe.params))}"
    for key in sorted(probe.required - set(params)):
        yield (*loc, "with"), f"{name} needs the parameter {key!r}"
    for key in sorted(key for key in set(params) & set(probe.params) if _is_written_out(params[key])):
        yield from _literal(params[key], probe.params[key], (*loc, "with", key))
