"""`assess`: collect, judge, draft, and wait for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.options import AsJson, Subject

if TYPE_CHECKING:
    from datetime import datetime

    from agent.deps import Deps
    from agent.domain import ReviewDocument
    from agent.gates import Gate
    from agent.surfaces.terminal import Screen

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


Gates = Annotated[
    str, typer.Option("--gate", metavar="G", help="The gate's id, several with commas between them, or all.")
]
WORST_LAST = (0, 10, 30, 20)  # exit codes of proposals: what is blocked by a fact outweighs what could not be seen


def register(app: typer.Typer) -> None:
    app.command("assess", help=HELP)(assess)


def assess(
    subject: Subject, gate: Gates, as_of: AsOf = None, only: Only = None, new: New = False, json: AsJson = False
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
    if gate == "all" or "," in gate:
        return _several(view, deps, subject, gate, at, numbers, new=new, json=json)
    with view.queued_as_json(asked=json):
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


def _several(
    view: Screen, deps: Deps, subject: str, gates: str, at: datetime | None, only: tuple[int, ...], *, new: bool,
    json: bool,
) -> int:  # fmt: skip
    """Several gates as of one instant; the exit code is the worst of them."""
    from agent.errors import UsageError
    from agent.outputs.json import to_json
    from agent.service.assess import assess_all
    from agent.service.caller import asked_by
    from agent.service.finishing import shown
    from agent.surfaces import opening, review_view

    if only:
        raise UsageError("--only goes with one gate: the numbers of items are a gate's own")
    named = [one for one in gates.replace(" ", "").split(",") if one]
    if not named:
        raise UsageError("--gate: no gate is named; write its id, several with commas between them, or all")
    wanted = sorted(deps.configuration.gate_paths()) if gates == "all" else named
    with view.queued_as_json(asked=json):
        found = assess_all(deps, subject, wanted, as_of=at, new=new, started_by=asked_by(deps))
    states = [shown(deps, one.document.review) for one in found]
    for sentence in (sentence for one in found for sentence in one.said):
        view.note(sentence)
    if json:
        view.json([to_json(one.document) for one in found])
    else:
        for state in states:
            review_view.show(view, state)
    opening.tell(view, deps)
    return max((code_of(state.document, state.gate) for state in states), key=WORST_LAST.index)


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
