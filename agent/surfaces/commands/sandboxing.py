"""`sandbox`: a world's stand-ins for PagerDuty, LaunchDarkly, Datadog and AWS, on loopback."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.surfaces.options import AsJson


def register(app: typer.Typer) -> None:
    app.command("sandbox")(sandbox)


def sandbox(
    world: Annotated[
        str, typer.Option("--world", metavar="NAME", help="A world of config/worlds: as-written, put-right, itself.")
    ] = "as-written",
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", help="Stop when standard input ends.")
    ] = False,
    json: AsJson = False,
) -> int:
    """Start a world's stand-ins and print the settings that point at them; stays until interrupted.

    Use it in a second terminal: eval the export lines there, and every other command works on the sandbox."""
    from agent.surfaces import garbage, worlds

    garbage.stays()
    return worlds.stay(world, as_json=json, until_stdin_closes=until_stdin_closes)
