"""`tokens`: what programs ask the HTTP API with."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.surfaces.options import AsJson

app = typer.Typer(help="Tokens with which programs ask the HTTP API of `clearance serve`.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="tokens")


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for, for example github-actions.")],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help="read (the default) or assess. Repeat for both."),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=0, max=3650, help="How many days it counts; 0 for no end.")
    ] = 365,
    json: AsJson = False,
) -> int:
    """Make a token and print it, once: what is kept of it is its digest. Nothing can be signed with it."""
    from agent.service import tokens
    from agent.service.caller import asked_by
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view = screen()
    deps = opening.open_store(view)
    kept, given = tokens.new(deps, name, tuple(scope or ("read",)), days, asked_by(deps))
    if json:
        view.json({"name": kept.name, "id": kept.id, "scopes": kept.scopes.split(), "token": given})
    else:
        view.command(given)
        view.note(f"{kept.name} may: {kept.scopes}. It counts until {_until(kept.expires_at)}.")
        view.note("Nobody can show it again. Put it where your pipeline keeps its secrets.")
    return 0


def _until(stamp: str) -> str:
    return f"{stamp[:16].replace('T', ' ')} UTC" if stamp else "it is revoked"


@app.command("list")
def every(json: AsJson = False) -> int:
    """Every token there ever was: its name, what it may, since when, until when. Never the token."""
    from agent.service import tokens
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view = screen()
    found = tokens.every(opening.open_store(view))
    if json:
        view.json([{k: v for k, v in vars(one).items() if k != "digest"} for one in found])
    elif not found:
        view.say("There is none; `clearance tokens new NAME` makes one.")
    else:
        rows = [(one.name, one.id, one.scopes, one.made_at[:10], one.expires_at[:10], one.revoked_at[:10], one.made_by)
                for one in found]  # fmt: skip
        view.table(("Name", "Id", "May", "Made", "Until", "Revoked", "By"), rows)
    return 0


@app.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name or id, as `clearance tokens list` has it.")],
    json: AsJson = False,
) -> int:
    """From now on it counts no more, wherever the API is served over this store."""
    from agent.service import tokens
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view = screen()
    tokens.revoke(opening.open_store(view), name)
    if json:
        view.json({"revoked": name})
    else:
        view.say(f"{name} counts no more.")
    return 0
