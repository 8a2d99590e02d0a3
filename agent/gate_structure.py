"""Says what is wrong with how a gate's items hang together: parts, categories, weights, and what its policy counts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from agent import yaml_lines
from agent.errors import nearest
from agent.gates import Gate, ItemSpec, MatrixPolicy
from agent.policies.specs import StagesPolicy, WeightedPolicy

Mistake = tuple[yaml_lines.Loc, str]


def mistakes(gate: Gate) -> Iterator[Mistake]:
    """All of them, each with the keys that lead to it."""
    for i, item in enumerate(gate.items):
        yield from _answered(gate, item, ("items", i))
        yield from _parent(gate, item, ("items", i))
        yield from _by_people(item, ("items", i))
        yield from _category(gate, item, ("items", i))
    yield from _policy(gate)


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


def _policy(gate: Gate) -> Iterator[Mistake]:
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
    empty = [one.id for one in gate.categories if all(item.category != one.id for item in gate.items)]
    for id in empty:
        yield ("categories",), f"no item is in {id}"
    if isinstance(policy, WeightedPolicy):
        yield from _weighted(gate, policy)
    if isinstance(policy, StagesPolicy):
        yield from _stages(gate, policy)


def _matrix(gate: Gate, policy: MatrixPolicy) -> Iterator[Mistake]:
    for number in policy.items:
        if gate.item(number) is None:
            yield ("policy", "items"), f"there is no item {number}"
    for i, item in enumerate(gate.items):
        if item.parent is not None:
            yield ("items", i, "parent"), "the matrix knows no parts"


def _weighted(gate: Gate, policy: WeightedPolicy) -> Iterator[Mistake]:
    told = [one.id for one in policy.categories]
    total = sum((one.weight for one in policy.categories), Decimal(0))
    if total != 100:
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
