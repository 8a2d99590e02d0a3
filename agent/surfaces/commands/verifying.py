"""`verify`: does a bundle hold? Needs neither the store nor a source nor the network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.surfaces.options import AsJson


def register(app: typer.Typer) -> None:
    app.command("verify")(verify)


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The folder of a bundle.")],
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", metavar="FILE", help="A public key (PEM) that you trust; default: the home's trust/."),
    ] = None,
    json: AsJson = False,
) -> int:
    """Check a bundle offline: its signature, every file, the log, and each person's own signature.

    Exit code 40 names the first thing that is wrong. Keys never come from the bundle."""
    from agent.service.verification import verify as check
    from agent.surfaces.opening import read_settings
    from agent.surfaces.terminal import screen

    held = check(bundle, read_settings().home, key or ())
    view, told = screen(), held.predicate
    if json:
        view.json(held.model_dump(mode="json"))
        return 0
    who = "\n".join(f"  {one.name} ({one.role}): {one.proof}" for one in told.signoffs)
    view.say(
        f"The bundle holds: {told.subject} {told.version}, gate {told.gate}, review {told.review}: {told.decision}"
        + (", SANDBOX" if told.sandbox else "")
        + f"\nsigned by\n{who}\n{held.files} files, sealed by the key {held.key}"
    )
    return 0
