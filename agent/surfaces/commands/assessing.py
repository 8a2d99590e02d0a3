"""`assess`: collect, judge, draft, and wait for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.options import AsJson, GateId, Subject

if TYPE_CHECKING:
    from agent.domain import ReviewDocument
    from agent.gates import Gate

HELP = """Assess SUBJECT against a gate: collect the evidence, judge it, draft the assessment, and wait for signatures.

The exit code is that of the PROPOSAL and permits nothing, 0 included: 0 cleared, 10 conditional, 20 blocked by a fact,
30 blocked only because something could not be seen. What is permitted, `clearance may-deploy` says."""


AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="T", help="Rehearse at another instant (ISO 8601, zone); never signable."),
]
Only = Annotated[
    str | None, typer.Option("--only", metavar="4,9", help="Fetch these items again; the rest from fresh evidence.")
]
New = Annotated[bool, typer.Option("--new", help="Start afresh even if a review is unfinished.")]


def register(app: typer.Typer) -> None:
    app.command("assess", help=HELP)(assess)


def assess(
    subject: Subject, gate: GateId, as_of: AsOf = None, only: Only = None, new: New = False, json: AsJson = False
) -> int:
    from agent.outputs.json import to_json
    from agent.service import assess as service
    from agent.service.caller import asked_by
    from agent.service.finishing import shown
    from agent.settings import instant
    from agent.surfaces import opening, review_view
    from agent.surfaces.terminal import screen

    numbers = _numbers(only)
    at = instant("--as-of", as_of) if as_of else None
    view = screen()
    deps = opening.open_store(view)
    done = service.assess(deps, subject, gate, as_of=at, only=numbers, new=new, started_by=asked_by(deps))
    for sentence in done.said:
        view.note(sentence)
    state = shown(deps, done.document.review)
    if json:
        view.json(to_json(done.document))
    else:
        review_view.show(view, state)
    opening.tell(view, deps)
    return code_of(state.document, state.gate)


def code_of(document: ReviewDocument, gate: Gate) -> int:
    """The exit code of a review's proposal."""
    from agent import decide

    return decide.exit_code(document.items, document.checks, gate.policy)


def _numbers(only: str | None) -> tuple[int, ...]:
    from agent.errors import UsageError

    try:
        return tuple(int(part) for part in (only or "").replace(" ", "").split(",") if part)
    except ValueError as error:
        raise UsageError(f"--only: {only!r} is not a list of item numbers; write for example --only 4,9") from error
