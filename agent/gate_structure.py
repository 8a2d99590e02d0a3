"""Says what is wrong with how a gate's items hang together: parts, categories, weights, and what its policy counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from agent import yaml_lines
from agent.errors import nearest
from agent.gates import Gate, ItemSpec, MatrixPolicy
from agent.layouts import Section
from agent.policies.specs import AllOfPolicy, PercentagePolicy, StagesPolicy, WeightedPolicy

Mistake = tuple[yaml_lines.Loc, str]


def mistakes(gate: Gate, broken: Collection[yaml_lines.Loc] = ()) -> Iterator[Mistake]:
    """All of them, each with the keys that lead to it. `broken`: places that are told already, and hold no number."""
    for i, item in enumerate(gate.items):
        yield from _answered(gate, item, ("items", i))
        yield from _parent(gate, item, ("items", i))
        yield from _by_people(item, ("items", i))
        yield from _category(gate, item, ("items", i))
    yield from _twice(gate)
    yield from _report(gate)
    if not any(loc in (("policy",), ("policy", "name")) for loc in broken):
        yield from _policy(gate, any("weight" in loc for loc in broken))


def _twice(gate: Gate) -> Iterator[Mistake]:
    yield from _each_differs([(("items", i, "number"), item.number) for i, item in enumerate(gate.items)])
    yield from _each_differs([(("items", i, "id"), item.id) for i, item in enumerate(gate.items)])
    yield from _each_differs([(("categories", i, "id"), one.id) for i, one in enumerate(gate.categories)])
    yield from _each_differs([(("checks", i, "id"), one.id) for i, one in enumerate(gate.checks)])
    yield from _each_differs([(("signers", i, "role"), one.role) for i, one in enumerate(gate.signers)])
    yield from _each_differs([(("files", i, "name"), one.name) for i, one in enumerate(gate.files)])
    for i, item in enumerate(gate.items):
        yield from _each_differs([(("items", i, "control", j), name) for j, name in enumerate(item.control)])


def _each_differs(rows: Sequence[tuple[yaml_lines.Loc, object]]) -> Iterator[Mistake]:
    seen: set[object] = set()
    for loc, value in rows:
        if value in seen:
            yield loc, f"{value!r} stands here twice"
        seen.add(value)


def _report(gate: Gate) -> Iterator[Mistake]:
    """A section over a category that there is not would be empty, and read as if nothing were open."""
    known = {one.id for one in gate.categories}
    sections: list[tuple[yaml_lines.Loc, Section]] = [(("report", i), one) for i, one in enumerate(gate.report)]
    sections += [
        (("files", i, "sections", j), one) for i, f in enumerate(gate.files) for j, one in enumerate(f.sections)
    ]
    for loc, section in sections:
        for j, id in enumerate(section.categories):
            if id not in known:
                yield (*loc, "categories", j), f"there is no category {id!r}. {nearest(id, known)}"


def _answered(gate: Gate, item: ItemSpec, loc: yaml_lines.Loc) -> Iterator[Mistake]:
    """An item is asked about, or has parts that are; never both and never neither."""
    parts = gate.parts(item.number)
    if parts and (item.rules or item.requests or item.control):
        yield loc, "stands as its parts do, so it has no requests, rules or control of its own"
    if parts and (item.may_not_apply or item.critical):
        yield loc, "stands as its parts do; say may_not_apply and critical there"
    if not parts and not item.rules:
        yield loc, "needs rules, a control, or parts (items that name it as their parent)"
    if not parts and not item.remediation.how:
        yield (*loc, "remediation"), "is missing: who mends it, and how"


def _parent(gate: Gate, item: ItemSpec, loc: yaml_lines.Loc) -> Iterator[Mistake]:
    seen, at = {item.number}, item
    while at.parent is not None:
        above = gate.item(at.parent)
        if above is None:
            yield (*loc, "parent"), f"there is no item {at.parent}"
            return
        if above.number in seen:
            yield (*loc, "parent"), f"goes round in a circle by item {above.number}"
            return
        seen.add(above.number)
        at = above
    if item.parent is not None and item.category != at.category:
        yield (*loc, "category"), f"is not that of item {at.number}, of which it is a part"


def _by_people(item: ItemSpec, loc: yaml_lines.Loc) -> Iterator[Mistake]:
    if "interview" in item.methods and not item.why_a_person:
        yield (*loc, "why_a_person"), "is missing: say in a line why only a person can answer this"
    if item.may_not_apply and "interview" not in item.methods:
        yield (
            (*loc, "may_not_apply"),
            "a person's word is no way to answer this item: its methods do not list interview",
        )
    if item.critical and item.may_not_apply:
        yield (*loc, "may_not_apply"), "a critical item always applies"
    if item.critical and item.waivable:
        yield (*loc, "waivable"), "a critical item takes no waiver: say `waivable: false`"


def _category(gate: Gate, item: ItemSpec, loc: yaml_lines.Loc) -> Iterator[Mistake]:
    known = {one.id for one in gate.categories}
    if (item.category or known) and item.category not in known:
        yield (*loc, "category"), f"there is no category {item.category!r}. {nearest(item.category, known)}"


def _policy(gate: Gate, unweighed: bool) -> Iterator[Mistake]:
    policy = gate.policy
    if isinstance(policy, MatrixPolicy):
        yield from _matrix(gate, policy)
        return
    for i, item in enumerate(gate.items):
        if item.sign_off:
            yield (
                ("items", i, "sign_off"),
                f"the policy {policy.name} counts every item, and this one waits for signatures",
            )
    yield from _by_sum_and_person(policy)
    empty = [one.id for one in gate.categories if all(item.category != one.id for item in gate.items)]
    for id in empty:
        yield ("categories",), f"no item is in {id}"
    if isinstance(policy, WeightedPolicy):
        yield from _weighted(gate, policy, unweighed)
    if isinstance(policy, StagesPolicy):
        yield from _stages(gate, policy)


def _by_sum_and_person(policy: PercentagePolicy | WeightedPolicy | AllOfPolicy | StagesPolicy) -> Iterator[Mistake]:
    """What only a person can say is no word of the sum's."""
    if isinstance(policy, PercentagePolicy):
        worked_out = [one.label for one in policy.bands]
    elif isinstance(policy, StagesPolicy):
        worked_out = [policy.done.label, *(one.short.label for one in policy.stages)]
    else:
        stopped = [policy.labels.stopped.label] if policy.labels.stopped else []
        worked_out = [policy.labels.done.label, policy.labels.short.label, *stopped]
    for j, one in enumerate(policy.by_a_person):
        if one.label in worked_out:
            yield ("policy", "by_a_person", j, "label"), f"{one.label!r} is what the sum says too"


def _matrix(gate: Gate, policy: MatrixPolicy) -> Iterator[Mistake]:
    for j, number in enumerate(policy.items):
        if gate.item(number) is None:
            yield ("policy", "items", j), f"there is no item {number}"
    yield from _each_differs([(("policy", "items", j), number) for j, number in enumerate(policy.items)])
    for i, item in enumerate(gate.items):
        if item.parent is not None:
            yield ("items", i, "parent"), "the matrix knows no parts"


def _weighted(gate: Gate, policy: WeightedPolicy, unweighed: bool) -> Iterator[Mistake]:
    told = [one.id for one in policy.categories]
    total = sum((one.weight for one in policy.categories), Decimal(0))
    if total != 100 and not unweighed:
        yield ("policy", "categories"), f"the weights add up to {total} %, not to 100"
    yield from _each_once(gate, told, ("policy", "categories"))


def _stages(gate: Gate, policy: StagesPolicy) -> Iterator[Mistake]:
    yield from _each_once(gate, [id for one in policy.stages for id in one.categories], ("policy", "stages"))


def _each_once(gate: Gate, told: list[str], loc: yaml_lines.Loc) -> Iterator[Mistake]:
    known = [one.id for one in gate.categories]
    for id in sorted({*known, *told}):
        if told.count(id) != 1 or id not in known:
            what = "is no category of the gate" if id not in known else f"stands here {told.count(id)} times, not once"
            yield loc, f"{id} {what}"
