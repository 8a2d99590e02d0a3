"""`demo`: the whole way through on the worked example, with nothing but this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.surfaces.options import AsJson

HOME = Path(".clearance/demo")


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE.svg", help="Draw the result as well.")
    ] = None,
    json: AsJson = False,
) -> int:
    """Show the whole way through: assess, see why it is blocked, mend it, sign it, and be allowed to deploy.

    Loopback only, no key and no network; it takes no settings from outside and leaves its data in ./.clearance/demo.
    On a terminal it asks before it signs for each of the demo's people; without one it signs for them."""
    from agent.surfaces import demo as play
    from agent.surfaces.terminal import quiet_screen, screen

    return play.run(quiet_screen() if json else screen(), HOME, picture=picture, as_json=json)
