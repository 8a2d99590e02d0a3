"""`sweep`: many reviews planned together."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.commands.assessing import Gates
from agent.surfaces.options import AsJson

if TYPE_CHECKING:
    from agent.digests import Digest
    from agent.service.sweeps import SweepOrder

HELP = """Review every subject that launches soon, and those with something open since they did, all together.

Evidence is fetched once for all of them; a subject whose evidence, card and gate say what they said gets one line.
Exit code 0 = the sweep finished, whatever it found: it permits nothing. 2 = a gate of `all` could not be read; the
others were swept."""


BROKEN = 2  # something that is configured is not right, as with every command


class Format(StrEnum):
    MARKDOWN = "md"
    HTML = "html"
    JSON = "json"
    SLACK = "slack"


Within = Annotated[
    str, typer.Option("--due-within", metavar="21d", help="Subjects that launch within so many days of today.")
]
All = Annotated[bool, typer.Option("--all", help="Every card, whenever it launches.")]
OnlyChanged = Annotated[bool, typer.Option("--only-changed", help="No line for what did not change.")]
Lines = Annotated[
    bool | None,
    typer.Option(
        "--only-changed/--with-unchanged",
        help="Without or with a line for what did not change; as the sweep was ordered.",
        show_default=False,
    ),
]
InBatch = Annotated[bool, typer.Option("--batch", help="Ask the model in a Message Batch: half the price, and slower.")]
As = Annotated[Format, typer.Option("--format", help="How the digest is printed.")]


Which = Annotated[
    str, typer.Argument(metavar="[SWEEP]", help="Its id, for example sw-1a2b3c4d; the newest.", show_default=False)
]


def register(app: typer.Typer) -> None:
    app.command("sweep", help=HELP)(sweep)
    app.command("digest")(digest)


def sweep(
    gate: Gates, due_within: Within = "14d", every: All = False, only_changed: OnlyChanged = False,
    batch: InBatch = False, form: As = Format.MARKDOWN, json: AsJson = False,
) -> int:  # fmt: skip
    from agent.service.caller import asked_by
    from agent.service.sweeps import run
    from agent.surfaces import opening
    from agent.surfaces.sweep_bar import shown
    from agent.surfaces.terminal import screen

    order = _order(gate, due_within, everything=every, only_changed=only_changed, batch=batch)
    view = screen()
    deps = opening.open_store(view, later=True)
    with view.queued_as_json(asked=json or form is Format.JSON), shown(view) as progress:
        swept = run(deps, order.model_copy(update={"by": asked_by(deps)}), progress)
    for sentence in swept.said:
        view.note(sentence)
    _write(swept.digest, form, json=json)
    opening.tell(view, deps)
    for broken in swept.unread:
        view.error(f"no subject was asked at {broken}, for that gate cannot be read; the digest says why", "error")
    return BROKEN if swept.unread else 0


def digest(
    sweep: Which = "", only_changed: Lines = None, form: As = Format.MARKDOWN, json: AsJson = False
) -> int:  # fmt: skip
    """Print the digest of a sweep that has finished, also of one that a worker ran; nothing is swept."""
    from agent.service.sweeps import digest_of
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    _write(digest_of(opening.open_store(screen()), sweep, only_changed=only_changed), form, json=json)
    return 0


def _write(found: Digest, form: Format, *, json: bool) -> None:
    from agent.outputs.sweep.all import render
    from agent.surfaces.terminal import plain

    text = render(found, "json" if json else form.value)
    sys.stdout.write(text if json or form is not Format.MARKDOWN else plain(text))


def _order(gate: str, within: str, *, everything: bool, only_changed: bool, batch: bool) -> SweepOrder:
    from agent.errors import UsageError
    from agent.service.sweeps import SweepOrder

    gates = tuple(one for one in gate.replace(" ", "").split(",") if one)
    if not gates:  # a variable that is not set is no order to look at everything
        raise UsageError("--gate: no gate is named; write its id, several with commas between them, or all")
    return SweepOrder(
        gates=gates, due_within=_days(within), everything=everything, only_changed=only_changed, batch=batch
    )


def _days(text: str) -> int:
    from agent import periods
    from agent.errors import UsageError

    try:
        length = periods.length(text)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--due-within: {text!r} is no number of days; write for example 21d") from error
    if not 0 <= length.days <= 3650 or length.seconds:
        raise UsageError(f"--due-within: {text!r} is no number of whole days up to 3650; write for example 21d")
    return length.days
