"""Says everything that is wrong with a gate: probes, requests, parameters, windows and bindings, with line and key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from agent import controls, gate_structure, yaml_lines
from agent.errors import ConfigError, nearest
from agent.gates import Control, Gate, ItemSpec, RequestSpec, RuleSpec, WindowSpec
from agent.probes.all import MOMENTS, PROBES
from collectors.registry import REQUESTS, UNBUILT

# Rules that pass only on a person's own word about this version of a document.
CONFIRMED_BY_A_PERSON = ("quotes_are_confirmed", "everyone_on_call_answered")

Mistake = tuple[yaml_lines.Loc, str]


def refuse(path: Path, found: Iterable[Mistake]) -> None:
    """Raise a ConfigError with one line per mistake, if there is any."""
    found = list(found)
    if found:
        _, lines = yaml_lines.read(path)
        rows = [f"{path}:{yaml_lines.line_of(loc, lines)}: {yaml_lines.dotted(loc)}: {text}" for loc, text in found]
        raise ConfigError("\n".join(dict.fromkeys(rows)))


def mistakes(gate: Gate) -> Iterator[Mistake]:
    """Everything that is wrong with a gate whose controls are in it."""
    for i, item in enumerate(gate.items):
        yield from _item(gate, item, ("items", i))
    for i, check in enumerate(gate.checks):
        yield from _probe(check.probe, set(), check.with_, ("checks", i))
    yield from _unique(gate)
    yield from gate_structure.mistakes(gate)


def mistakes_in_control(control: Control) -> Iterator[Mistake]:
    """Everything that is wrong with a control, whoever points to it."""
    yield from controls.mistakes_in(control)
    stands_for = ItemSpec(
        number=1, id="item", title="", methods=control.methods, requests=control.requests, rules=control.rules,
        remediation=control.remediation,
    )  # fmt: skip
    for j, spec in enumerate(control.requests):
        yield from _request(control.windows, stands_for, spec, ("requests", j))
    for j, rule in enumerate(control.rules):
        yield from _rule(stands_for, rule, ("rules", j))
    yield from _examined(stands_for, ())


def _item(gate: Gate, item: ItemSpec, loc: yaml_lines.Loc) -> Iterator[Mistake]:
    used = [one for one in gate.controls if one.id in item.control]
    before = len({spec.name for one in used for spec in one.requests}), sum(len(one.rules) for one in used)
    for j, spec in enumerate(item.requests):
        yield from _request(gate.windows, item, spec, _place(loc, "requests", j - before[0]))
    for j, rule in enumerate(item.rules):
        yield from _rule(item, rule, _place(loc, "rules", j - before[1]))
    yield from _strictness(item, loc)
    if not gate.parts(item.number):
        yield from _examined(item, loc)


def _place(loc: yaml_lines.Loc, key: str, index: int) -> yaml_lines.Loc:
    """Where it stands in the gate's own file; what came with a control stands in that one's."""
    return (*loc, key, index) if index >= 0 else (*loc, "control")


def _unique(gate: Gate) -> Iterator[Mistake]:
    numbers = [item.number for item in gate.items]
    for i, number in enumerate(numbers):
        if numbers.index(number) != i:
            yield ("items", i, "number"), f"{number} stands here twice"
    ids = [item.id for item in gate.items]
    for i, id in enumerate(ids):
        if ids.index(id) != i:
            yield ("items", i, "id"), f"{id!r} stands here twice"


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


def _request(
    windows: Mapping[str, WindowSpec], item: ItemSpec, spec: RequestSpec, loc: yaml_lines.Loc
) -> Iterator[Mistake]:
    asked = {spec.type: spec.with_} if not spec.type.startswith("$") else spec.accepts
    for name, params in asked.items():
        real = str(params.get("request", name))
        if real.startswith(controls.PARAM):
            continue  # the item that points to the control says which
        if real not in REQUESTS:
            if real not in UNBUILT:
                yield (*loc, "type"), f"there is no request {real!r}. {nearest(real, {*REQUESTS, *UNBUILT})}"
            continue
        fields = set(REQUESTS[real].ask.model_fields)
        for key in set(params) - fields - {"request"}:
            yield loc, f"{real} has no parameter {key!r}; allowed: {', '.join(sorted(fields))}"
        needed = {n for n, f in REQUESTS[real].ask.model_fields.items() if f.is_required()}
        for key in sorted(needed - set(params)):
            yield loc, f"{real} needs the parameter {key!r}"
    for value in (v for params in asked.values() for v in params.values()):
        window = str(value).removeprefix("$window.")
        if str(value).startswith("$window.") and window not in {*windows, "follow"}:
            yield loc, f"there is no window {window!r}. {nearest(window, windows)}"
    if spec.follows:
        if spec.follows.request not in {r.name for r in item.requests}:
            yield (*loc, "follows", "request"), f"this item has no request {spec.follows.request!r}"
        if spec.follows.moment not in MOMENTS:
            yield (
                (*loc, "follows", "moment"),
                f"there is no moment {spec.follows.moment!r}. {nearest(spec.follows.moment, MOMENTS)}",
            )


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
