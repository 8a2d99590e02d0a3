"""`status`: where every subject stands, at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.options import AsJson
from agent.surfaces.plain import plain

if TYPE_CHECKING:
    from agent.store.glance import Glance

HELP = """Say where every subject stands: its latest review at each gate, as the store has it.

It only looks: no report that is due is written, and no source is asked. `clearance reviews list` says more."""
Whose = Annotated[str | None, typer.Argument(metavar="[SUBJECT]", help="Only this subject.", show_default=False)]
NAMES = ("subject", "version", "gate", "proposal", "stands", "decision", "registry", "as of", "review")
TOLD = {
    "running": "is being assessed", "signing": "waits for signatures", "complete": "its report is due",
    "reported": "is signed", "superseded": "was superseded by {by}", "returned": "was sent back by {by}",
    "revoked": "was revoked by {by}", "failed": "did not finish",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    app.command("status", help=HELP)(status)


def status(subject: Whose = None, json: AsJson = False) -> int:
    import os
    from json import dumps

    from agent import settings
    from agent.store import glance

    rows = [one for one in glance.latest(settings.read(os.environ).database_url) if subject in (None, one.subject)]
    if json:
        typer.echo(dumps([asdict(one) for one in rows], indent=2))
    elif rows:
        _table([NAMES, *(_row(one) for one in rows)])
    else:
        whom = f" of {subject}" if subject else ""
        typer.echo(plain(f"There is no review{whom} yet; `clearance assess` makes one."))
    return 0


def _table(rows: Sequence[Sequence[str]]) -> None:
    """Columns in plain text: what draws tables in colour takes longer to load than this command has."""
    shown = [[plain(cell).replace("\n", " ") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(one: Glance) -> tuple[str, ...]:
    stands = TOLD.get(one.state, one.state).format(by=one.ended_by)
    return (
        one.subject, one.version, one.gate, one.proposal or "none yet", stands, one.decision or "none",
        one.registry or "Pilot", one.as_of[:16].replace("T", " ") + " UTC",
        one.review + (" (sandbox)" if one.sandbox else ""),
    )  # fmt: skip
