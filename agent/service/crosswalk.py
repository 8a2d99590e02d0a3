"""Use case: which items of which gates ask the same thing, and how. Pure: nothing is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agent.gates import Control, Gate, ItemSpec

ANSWERED_BY = "a_person_says_so"
SHARED = ("controls", "shared")  # gate and part under which people answer what several gates ask alike


@dataclass(frozen=True)
class Crossing:
    """One item. `control` is a control's id, "" for requests of the item's own; `requests` are types of request."""

    gate: str
    item: int
    title: str
    control: str
    methods: tuple[str, ...]
    requests: tuple[str, ...]


def crosswalk(gates: Iterable[Gate]) -> list[Crossing]:
    """Items x controls x methods, one row for each control of each item, those that share a control side by side."""
    rows = [row for gate in gates for item in gate.items for row in _of_item(gate, item)]
    return sorted(rows, key=lambda row: (row.control == "", row.control, row.gate, row.item))


def _of_item(gate: Gate, item: ItemSpec) -> Iterable[Crossing]:
    known = {one.id: one for one in gate.controls}
    for name in item.control:
        control = known[name]
        yield Crossing(gate.id, item.number, item.title, name, control.methods, _types(control))
    brought = {spec.name for name in item.control for spec in known[name].requests}
    own = [spec for spec in item.requests if spec.name not in brought]
    if own or (not item.control and not gate.parts(item.number)):
        yield Crossing(gate.id, item.number, item.title, "", item.methods, _types(item, brought))


def _types(asks: Control | ItemSpec, less: Iterable[str] = ()) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for spec in asks.requests:
        if spec.name not in less:
            chosen = [spec.type] if not spec.type.startswith("$") else spec.accepts
            names |= dict.fromkeys(str(spec.accepts.get(name, {}).get("request", name)) for name in chosen)
    return tuple(names)


def form(gate: Gate, category: str) -> str:
    """The form for one part of a gate's boxes that people answer, as the fields of a statement `answers` in YAML."""
    title = next((one.title for one in gate.categories if one.id == category), category)
    rows = []
    for item in gate.items:
        if item.category == category and _answered_as(item, (gate.id, category)):
            sure = ", confidence: " if any("confidence" in rule.with_ for rule in item.rules) else ""
            rows += [f"  # {item.number}. {item.title}. {item.asks}", f"  {item.id}: {{says: , note: {sure}}}"]
    return _form(f"{gate.title}: {title}", gate.id, category, rows)


def shared_form(controls: Iterable[Control]) -> str:
    """The form for what several gates ask alike, one line a control."""
    rows = []
    for one in controls:
        if _answered_as(one, SHARED):
            rows += [f"  # {one.title}.", f"  {one.id}: {{says: , note: }}"]
    return _form("What several gates ask alike", *SHARED, rows)


def _form(title: str, gate: str, part: str, rows: Iterable[str]) -> str:
    lines = [
        f"# {title}",
        "# Answer what you know, take out what you do not; several people may each answer a part.",
        "# says: yes, no or not_applicable; what is not a yes needs a note that says why.",
        "# What does not apply counts only when somebody else approves it (statement `not_applicable`).",
        f"gate: {gate}", f"part: {part}", "boxes:", *rows,
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _answered_as(asks: Control | ItemSpec, place: tuple[str, str]) -> bool:
    """Does a person answer it in this gate and part?"""
    asked = [spec for spec in asks.requests if spec.type == "attestation.answers"]
    return any((spec.with_.get("gate"), spec.with_.get("part")) == place for spec in asked) and any(
        rule.probe == ANSWERED_BY for rule in asks.rules
    )
