"""`gates list|show|check|new|crosswalk|form`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.options import AsJson

if TYPE_CHECKING:
    from agent.configuration import Configuration, Gates
    from agent.deps import Deps
    from agent.gates import ItemSpec
    from agent.surfaces.terminal import Screen

group = typer.Typer(
    help="Gates: which there are, what each asks, and whether a file is right.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="gates")


@group.command("list")
def list_gates(json: AsJson = False) -> int:
    """List the gates. One that cannot be read is told, and the code is 2 then."""
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view, own = screen(), opening.configuration()
    gates = own.gates()
    rows = [{"id": g.id, "version": g.version, "title": g.title, "items": len(g.items)} for g in gates.right.values()]
    if json:
        view.json(rows)
    else:
        view.table(("Id", "Version", "Title", "Items"), [[str(value) for value in row.values()] for row in rows])
    return _told_of(view, gates)


def _told_of(view: Screen, gates: Gates) -> int:
    from agent.errors import ConfigError

    for sentence in gates.told:
        view.error(sentence)
    return ConfigError.exit_code if gates.wrong else 0


@group.command("show")
def show_gate(gate: Annotated[str, typer.Argument(metavar="ID")], json: AsJson = False) -> int:
    """Show what a gate asks, item by item, with its requests and rules."""
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view, found = screen(), opening.configuration().gate(gate)
    if json:
        view.json(found.model_dump(mode="json", by_alias=True))
        return 0
    view.heading(f"{found.title} ({found.id} {found.version}): {found.from_stage} → {found.to_stage}")
    for item in found.items:
        view.heading(f"{item.number}. {item.title}")
        view.say("\n".join(_told(item)), indent=3)
    view.heading("Checks")
    for check in found.checks:
        view.say(f"{check.title} ({check.probe})", indent=3)
    view.heading("Signers")
    for signer in found.signers:
        view.say(f"{signer.title} ({signer.role}): {signer.when.replace('_', ' ')}", indent=3)
    return 0


def _told(item: ItemSpec) -> list[str]:
    asked = dict.fromkeys(
        name for r in item.requests for name in ([r.type] if not r.type.startswith("$") else r.accepts)
    )
    told = [item.asks, f"by {', '.join(item.methods)}" + ("" if item.waivable else "; takes no waiver")]
    told += [f"asks: {', '.join(asked)}"] if asked else []
    return [*told, f"rules: {', '.join(dict.fromkeys(rule.probe for rule in item.rules))}"]


@group.command("check")
def check_gates(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE...]", help="Gate files; without any, every gate.")
    ] = None,
    json: AsJson = False,
) -> int:
    """Check gate files; every mistake is told with file, line, key and what is allowed.

    One that a review used and that was changed without its version is a mistake too."""
    from agent.surfaces import checking, opening
    from agent.surfaces.terminal import screen

    view, own = screen(), opening.configuration()
    every = [*own.paths("gates"), *own.paths("controls")]
    deps = opening.store_if_any(view)
    return checking.check(view, files or every, lambda path: _sentence(own, path, deps), json)


def _sentence(own: Configuration, path: Path, deps: Deps | None) -> str:
    from agent.errors import ConfigError
    from agent.service import versions

    if path.parent.name == "controls":
        control = own.load_control(path)
        used = sum(control.id in item.control for gate in own.paths("gates") for item in own.raw_items(gate))
        if not used:
            raise ConfigError(f"{path}:1: id: no item of any gate points to {control.id}; point to it or take it away")
        _as_used(path, versions.of_control(deps, control) if deps else ())
        return f"control {control.id} {control.version}, which {used} items point to"
    gate = own.load_gate(path)
    _as_used(path, versions.of_gate(deps, gate) if deps else ())
    return f"gate {gate.id} {gate.version} with {len(gate.items)} items"


def _as_used(path: Path, changed: tuple[str, ...]) -> None:
    from agent import yaml_lines
    from agent.errors import ConfigError

    if changed:
        line = yaml_lines.line_of(("version",), yaml_lines.read(path)[1])
        raise ConfigError("\n".join(f"{path}:{line}: version: {sentence}" for sentence in changed))


@group.command("new")
def begin_gate(
    id: Annotated[str, typer.Argument(metavar="ID", help="The id of your gate.")],
    like: Annotated[str, typer.Option("--from", metavar="GATE", help="The gate to begin from.")],
    json: AsJson = False,
) -> int:
    """Begin a gate of your own from one that there is; it is written into your overlay (CLEARANCE_CONFIG)."""
    from agent.service.new_gate import new_gate
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    path = new_gate(opening.configuration(), id, like)
    if json:
        screen().json({"id": id, "from": like, "path": str(path)})
    else:
        screen().say(f"{path} begins as {like}. Change it, then: clearance gates check {path}")
    return 0


@group.command("crosswalk")
def crosswalk_gates(json: AsJson = False) -> int:
    """Show which items of which gates ask the same: items, controls, methods and requests."""
    from dataclasses import asdict

    from agent.service.crosswalk import crosswalk
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view, own = screen(), opening.configuration()
    gates = own.gates()
    rows = crosswalk([*gates.right.values()])
    if json:
        view.json([asdict(row) for row in rows])
        return _told_of(view, gates)
    told = [
        [
            row.control or "(its own)",
            row.gate,
            str(row.item),
            row.title,
            ", ".join(row.methods),
            ", ".join(row.requests),
        ]
        for row in rows
    ]
    view.table(("Control", "Gate", "Item", "Title", "Methods", "Requests"), told)
    return _told_of(view, gates)


@group.command("form")
def form_of(
    gate: Annotated[str, typer.Argument(metavar="ID")],
    category: Annotated[str, typer.Argument(metavar="CATEGORY", help="Its id, for example s9.")],
) -> int:
    """Print the form by which one signed statement answers all boxes of a category that only people can answer.

    `controls shared` is the form of what several gates ask alike: one answer serves all of them.

    Fill it in, then: clearance attest SUBJECT ITEM --gate ID --kind answers --from FILE."""
    from agent.errors import UsageError, nearest
    from agent.service.crosswalk import SHARED, form, shared_form
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    if (gate, category) == SHARED:
        screen().say(shared_form(opening.configuration().controls().values()))
        return 0
    found = opening.configuration().gate(gate)
    known = [one.id for one in found.categories]
    if category not in known:
        raise UsageError(f"gate {gate} has no category {category!r}. {nearest(category, known)}")
    screen().say(form(found, category))
    return 0
