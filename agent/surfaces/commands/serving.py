"""`serve`: the page on which people look at reviews and sign them."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.surfaces.options import AsJson


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve(
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="The port on 127.0.0.1; 0 for a free one.")
    ] = 8321,
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", help="Stop when standard input ends.")
    ] = False,
    json: AsJson = False,
) -> int:
    """Serve the page on this machine: what waits for you, each review with its evidence, and the form to sign it.

    It is the page of the person whose key CLEARANCE_KEY is; the link to log in, good for once, is printed here."""
    from agent.surfaces import garbage, opening
    from agent.surfaces.terminal import screen
    from agent.surfaces.web.serving import serve as run

    view = screen()
    garbage.stays()
    return run(opening.open_store(view), view, port, as_json=json, until_stdin_closes=until_stdin_closes)
