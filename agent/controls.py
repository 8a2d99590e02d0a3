"""Puts the controls that a gate's items point to into the gate, so that both are asked, judged and frozen as one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

from agent.gates import Control, Gate, ItemSpec, RequestSpec, RuleSpec, WindowSpec
from agent.yaml_lines import Loc

Mistake = tuple[Loc, str]
PARAM = "$param."
OF_ITEM = ("id", "number", "category")


def resolve(gate: Gate, controls: Mapping[str, Control]) -> Gate:
    """The gate with every item's controls in it; one that is not known is passed over, and `mistakes` names it."""
    items = tuple(_with_controls(gate, item, controls) for item in gate.items)
    used = {name: controls[name] for item in gate.items for name in item.control if name in controls}
    windows = {name: spec for one in used.values() for name, spec in one.windows.items()}
    told = {"items": items, "controls": tuple(used[name] for name in sorted(used)), "windows": windows | gate.windows}
    return gate.model_copy(update=told)


def _with_controls(gate: Gate, item: ItemSpec, controls: Mapping[str, Control]) -> ItemSpec:
    own = [_filled(gate, item, controls[name]) for name in item.control if name in controls]
    requests = {request.name: request for one in own for request in one.requests}
    rules = [rule for one in own for rule in one.rules]
    remedy = item.remediation if item.remediation.how or not own else own[0].remediation
    told = {"requests": (*requests.values(), *item.requests), "rules": (*rules, *item.rules), "remediation": remedy}
    return item.model_copy(update=told)


def _filled(gate: Gate, item: ItemSpec, control: Control) -> Control:
    """The control as this item asks it: its parameters and what it says of the item filled in."""
    names: dict[str, JsonValue] = {f"$item.{key}": getattr(item, key) for key in OF_ITEM} | {"$gate.id": gate.id}
    names |= {PARAM + key: item.with_.get(key, one.default) for key, one in control.parameters.items()}
    requests = tuple(_request(one, control, names) for one in control.requests)
    rules = tuple(RuleSpec.model_validate(_put_in(_dump(one), names)) for one in control.rules)
    return control.model_copy(update={"requests": requests, "rules": rules})


def _request(spec: RequestSpec, control: Control, names: Mapping[str, JsonValue]) -> RequestSpec:
    filled = RequestSpec.model_validate(_put_in(_dump(spec), names))
    return filled.model_copy(update={"fetched_within": filled.fetched_within or control.fetched_within})


def _dump(spec: RequestSpec | RuleSpec) -> JsonValue:
    dumped: JsonValue = spec.model_dump(mode="json", by_alias=True)
    return dumped


def _put_in(value: JsonValue, names: Mapping[str, JsonValue]) -> JsonValue:
    """The same with each `$param.x` replaced; one whose value is None is left out of its mapping."""
    if isinstance(value, dict):
        kept = {
            key: inner for key, inner in value.items() if not (_name(inner) in names and names[_name(inner)] is None)
        }
        return {key: _put_in(inner, names) for key, inner in kept.items()}
    if isinstance(value, list):
        return [_put_in(inner, names) for inner in value]
    return names.get(_name(value), value)


def _name(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


# --- what is wrong ----------------------------------------------------------------------------------------------------


def mistakes(
    gate: Gate, controls: Mapping[str, Control], wrong: Mapping[str, Path], names: Collection[str]
) -> Iterator[Mistake]:
    """Every wrong reference of a gate to a control; `wrong` are those whose own file is, `names` all there are."""
    from agent.errors import nearest

    if gate.controls:
        yield ("controls",), "is filled in when the gate is loaded; name a control in an item with `control:`"
    for i, item in enumerate(gate.items):
        for name in item.control:
            if name in wrong:
                told = f"the control {name!r} is wrong itself: clearance gates check {wrong[name]}"
                yield ("items", i, "control"), told
            elif name not in controls:
                yield ("items", i, "control"), f"there is no control {name!r}. {nearest(name, names)}"
        known = [controls[name] for name in item.control if name in controls]
        if len(known) == len(item.control):
            yield from _of_item(item, known, ("items", i))
    yield from _windows(gate, [controls[n] for item in gate.items for n in item.control if n in controls])


def _of_item(item: ItemSpec, controls: Sequence[Control], loc: Loc) -> Iterator[Mistake]:
    allowed = {key for one in controls for key in one.parameters}
    for key in sorted(set(item.with_) - allowed):
        told = f"allowed: {', '.join(sorted(allowed))}" if allowed else "it takes none"
        yield (
            (*loc, "with", key),
            f"is no parameter of {' or '.join(item.control) or 'an item without a control'}; {told}",
        )
    for one in controls:
        for key in sorted(k for k, parameter in one.parameters.items() if parameter.required and k not in item.with_):
            yield (*loc, "with"), f"the control {one.id} needs the parameter {key!r}"
        if not set(one.methods) <= set(item.methods):
            yield (
                (*loc, "methods"),
                f"the control {one.id} works by {', '.join(one.methods)}; the item has to name that",
            )
    known: dict[str, RequestSpec] = {}
    for spec in (spec for one in controls for spec in one.requests):
        if known.setdefault(spec.name, spec) != spec:
            yield (*loc, "control"), f"two requests of this item are called {spec.name!r}, and they differ"
    for j, spec in enumerate(item.requests):
        if spec.name in known:
            yield (*loc, "requests", j, "name"), f"{spec.name!r} is a request of its control already"


def _windows(gate: Gate, used: Sequence[Control]) -> Iterator[Mistake]:
    known: dict[str, WindowSpec] = dict(gate.windows)
    for one in used:
        for name, spec in one.windows.items():
            if known.setdefault(name, spec) != spec:
                yield ("windows", name), f"the control {one.id} means another span by the window {name!r}"


def mistakes_in(control: Control) -> Iterator[Mistake]:
    """Parameters that the control uses and does not name, or names and does not use."""
    used = set(_used([_dump(one) for one in (*control.requests, *control.rules)]))
    for key in sorted(used - set(control.parameters)):
        yield ("parameters",), f"$param.{key} is used and not named here"
    for key in sorted(set(control.parameters) - used):
        yield ("parameters", key), "is named and used nowhere"


def _used(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _used(inner)
    elif isinstance(value, str) and value.startswith(PARAM):
        yield value.removeprefix(PARAM)
