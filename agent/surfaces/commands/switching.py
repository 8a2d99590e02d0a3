"""`switch on|off|show`: Clearance's own kill switch. Everything else on it must work when this command is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.options import AsJson

if TYPE_CHECKING:
    from agent.service.own_switch import Standing

switch = typer.Typer(
    help="Clearance's own kill switch. Off: new work is queued; what runs ends, and people can read, sign and verify.",
    no_args_is_help=True, rich_markup_mode=None,
)  # fmt: skip
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for those who find it so.")]


def register(app: typer.Typer) -> None:
    app.add_typer(switch, name="switch")


@switch.command("off")
def off(reason: Why = "", json: AsJson = False) -> int:
    """No new work begins from now on, on any machine that shares this store. Needs no key: whoever sees fire may."""
    from agent.service import switching
    from agent.surfaces import opening

    _tell(switching.off(opening.open_switch(), reason), json)
    return 0


@switch.command("on")
def on(
    reason: Why = "",
    without_flag: Annotated[
        bool, typer.Option("--without-flag", help="LaunchDarkly's flag is not used here any more: forget what it said.")
    ] = False,
    json: AsJson = False,
) -> int:
    """Take back `switch off`: needs your key and a reason. LaunchDarkly's flag, where there is one, stays above it.

    Exit code 50 where it is off all the same."""
    from agent.service import switching
    from agent.surfaces import opening

    found = switching.on(opening.open_switch(), reason, without_flag=without_flag)
    _tell(found, json)
    return 0 if found.on else 50


@switch.command("show")
def show(json: AsJson = False) -> int:
    """How it stands, who set it and when, and how old that knowledge is. Exit code 0 on, 50 off."""
    from agent.service import switching
    from agent.surfaces import opening

    found = switching.look(opening.open_switch())
    _tell(found, json)
    return 0 if found.on else 50


def _written(value: object) -> str:
    from datetime import datetime

    return value.isoformat() if isinstance(value, datetime) else str(value)


def _tell(found: Standing, json: bool) -> None:
    from dataclasses import asdict

    from agent.surfaces.terminal import screen

    view = screen()
    if json:
        hands = [{k: _written(v) for k, v in asdict(one).items()} for one in found.hands.values()]
        view.json({"on": found.on, "sentence": found.told, "sure": found.sure, "hands": hands})
        return
    glyph = "✅ on" if found.on else "⏳ off: new work is queued"
    view.say(f"{glyph}. Clearance is {found.told}.")
