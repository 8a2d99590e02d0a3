"""`reviews list|show`, `report`, `diff`: what there is, what it says, what changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.options import AsJson, Review

if TYPE_CHECKING:
    from agent.deps import Deps
    from agent.domain import ItemResult, ReviewDocument
    from agent.service.finishing import Shown
    from agent.store.reviews import ReviewRow
    from agent.surfaces.terminal import Screen

WAITING = 50
group = typer.Typer(help="Reviews: what there is, and what each says.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="reviews")
    app.command("report")(report)
    app.command("diff")(diff)


@group.command("list")
def list_reviews(
    waiting_for: Annotated[
        str | None,
        typer.Option(
            "--waiting-for", metavar="me", help="Only those that wait for me (by my key), or for a person's id."
        ),
    ] = None,
    json: AsJson = False,
) -> int:
    """List reviews, newest first.

    Exit code 1 where one of them cannot be read: its row says why, and the others are there."""
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view = screen()
    deps = opening.open_store(view)
    rows = [_listed(deps, row) for row in reversed(deps.reviews.all())]
    if waiting_for:
        person = _person(deps, waiting_for)  # of what cannot be read, nobody knows for whom it waits
        rows = [row for row in rows if person in row.waiting_for or (row.trouble and row.state == "signing")]
    if json:
        view.json([asdict(row) for row in rows])
    elif rows:
        _show_rows(view, rows)
    else:
        view.say("No review waits." if waiting_for else "There is no review yet; `clearance assess` makes one.")
    for row in rows:
        for sentence in row.nearing:
            view.note(f"{row.review}: {sentence}")
    opening.tell(view, deps)
    _say_undelivered(view, deps)
    return 1 if any(row.trouble for row in rows) else 0


def _show_rows(view: Screen, rows: list[Listed]) -> None:
    names = ("review", "subject", "version", "gate", "as_of", "state", "proposal", "decision")
    cells = [[*(getattr(row, name) for name in names), row.trouble or row.missing] for row in rows]
    view.table([*(name.replace("_", " ") for name in names), "missing"], cells)


def _say_undelivered(view: Screen, deps: Deps) -> None:
    from agent.store.outbox import undelivered

    left = undelivered(deps.engine)
    if left:
        view.note(f"{len(left)} message{'s' * (len(left) != 1)} undelivered: `clearance outbox` says which, and why")


@dataclass(frozen=True)
class Listed:
    """A review in the list. `missing` are roles that still have to sign, `waiting_for` who holds or deputises.

    `nearing`: waivers and open items that end within two weeks, or have ended, where the review still matters.
    `trouble` says why a review cannot be read.
    """

    review: str
    subject: str
    version: str
    gate: str
    as_of: str
    state: str
    proposal: str
    decision: str
    missing: str
    waiting_for: tuple[str, ...]
    nearing: tuple[str, ...]
    trouble: str = ""


def _listed(deps: Deps, row: ReviewRow) -> Listed:
    from agent.errors import StoreAway, StoreError
    from agent.service.finishing import shown
    from agent.service.nearing import nearing
    from agent.workflow.notices import reached

    people = deps.configuration.people()
    state, trouble = None, ""
    try:
        state = shown(deps, row.id) if row.state in ("signing", "reported") else None
    except StoreAway:
        raise
    except StoreError as error:
        trouble = str(error)
    missing = state.missing if state and row.state == "signing" else ()
    return Listed(
        row.id, row.subject, row.version, row.gate, row.as_of.isoformat(timespec="seconds"), row.state, row.proposal,
        row.decision, ", ".join(signer.role for signer in missing),
        tuple(sorted({person for signer in missing for person in reached(signer, people, deps.clock())})),
        nearing(deps, state) if state else (), trouble,
    )  # fmt: skip


def _person(deps: Deps, asked: str) -> str:
    from agent.errors import UsageError, nearest
    from agent.service.signing import caller

    if asked == "me":
        return caller(deps).person
    people = deps.configuration.people().people
    if asked not in people:
        raise UsageError(f"there is no {asked!r} in people.yaml. {nearest(asked, people)}")
    return asked


@group.command("show")
def show_review(
    review: Review,
    item: Annotated[
        int | None, typer.Argument(metavar="[ITEM]", help="An item's number: its findings down to the raw values.")
    ] = None,
    model: Annotated[
        bool, typer.Option("--model", help="What the models were asked, what they answered, and what was thrown away.")
    ] = False,
    json: AsJson = False,
) -> int:
    """Show a review, or one item of it with every fact, its source, pointer and raw value.

    An item shown with your own key (CLEARANCE_KEY) is noted as opened by you. Items that ask for your own sentence can
    be signed only then.

    Exit code 50 while a signature is missing, else 0."""
    from agent.service.finishing import shown
    from agent.surfaces import item_view, model_view, opening, review_view
    from agent.surfaces.terminal import screen

    view = screen()
    deps = opening.open_store(view)
    state = shown(deps, review)
    if model:
        model_view.show(view, deps, state.document, item, as_json=json)
    elif item is None:
        if json:
            view.json(review_view.whole_json(state))
        else:
            review_view.show(view, state)
    else:
        one = _item(state.document, item)
        if json:
            view.json(item_view.item_json(deps, state.document, one))
        else:
            item_view.show_item(view, deps, state.document, one)
        _note_opened(view, deps, state, item, "cli --json" if json else "cli")
    return WAITING if state.missing else 0


def _note_opened(view: Screen, deps: Deps, state: Shown, item: int, channel: str) -> None:
    """Whose key it is has seen the evidence of this item now; without a key nobody has."""
    from agent.errors import ClearanceError
    from agent.service.caller import caller
    from agent.service.opened import opened

    if state.row.state != "signing" or not deps.settings.key_file.exists():
        return
    try:
        who = caller(deps)
    except ClearanceError as error:
        view.note(f"not noted as opened by anybody: {error}")
        return
    if opened(deps, state.row.id, item, who.person, channel):
        view.note(f"noted in the log: {who.name} opened the evidence of item {item} of {state.row.id}")


def _item(document: ReviewDocument, number: int) -> ItemResult:
    from agent.errors import UsageError

    found = next((item for item in document.items if item.number == number), None)
    if found is None:
        numbers = ", ".join(str(item.number) for item in document.items)
        raise UsageError(f"{document.review} has no item {number}; it has {numbers}")
    return found


def report(
    review: Review,
    text: Annotated[bool, typer.Option("--text", help="Print the report itself.")] = False,
    oscal: Annotated[bool, typer.Option("--oscal", help="Print it as OSCAL assessment results (JSON).")] = False,
    json: AsJson = False,
) -> int:
    """Say where the report of a signed review is.

    There is none before every signature: then exit code 50, and who is missing."""
    from agent.errors import Waiting
    from agent.service.finishing import shown
    from agent.service.reports import text_of
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view = screen()
    deps = opening.open_store(view)
    state = shown(deps, review)
    bundle = state.row.bundle
    if json:
        missing = [signer.model_dump(mode="json") for signer in state.missing]
        view.json({"review": review, "state": state.row.state, "bundle": bundle or None, "missing": missing})
        return 0 if bundle else WAITING
    if not bundle:
        raise Waiting(f"{review} has no report: {_why_none(state)}")
    if oscal:
        view.json(_as_oscal(state))
        return 0
    view.say(f"{bundle}/report.md")
    if state.row.state == "revoked":
        view.say(f"REVOKED by {state.row.ended_by}, who said: {state.reason}. The report stays; it permits nothing.")
    if text:
        view.say(text_of(deps, state.row, "report.md"))
    return 0


def _as_oscal(state: Shown) -> object:
    from pathlib import Path

    from agent.outputs import oscal
    from agent.workflow import signatures

    decision = signatures.final(state.document, state.signed)
    return oscal.render(state.document, state.signed, decision, Path(state.row.bundle).name)


def _why_none(state: Shown) -> str:
    from agent.store.reviews import ENDED
    from agent.surfaces.review_view import who

    if state.document.rehearsal:
        return "it is a rehearsal (--as-of), which is never signed"
    if state.row.state not in ("signing", "complete"):
        return f"it {ENDED.get(state.row.state, state.row.state).format(by=state.row.ended_by)}"
    return "still to sign: " + "; ".join(who(signer) for signer in state.missing)


def diff(
    before: Annotated[str, typer.Argument(metavar="ID", help="The earlier review.")],
    after: Annotated[str, typer.Argument(metavar="ID", help="The later review.")],
    json: AsJson = False,
) -> int:
    """What changed between two reviews: verdicts, reasons, facts, evidence, and whose signatures no longer count."""
    from agent.service.finishing import shown
    from agent.surfaces import difference_view, opening
    from agent.surfaces.difference import difference
    from agent.surfaces.terminal import screen

    view = screen()
    deps = opening.open_store(view)
    signed = deps.reviews.signoffs(before)
    changed = difference(shown(deps, before).document, shown(deps, after).document, signed)
    if json:
        reasons = {
            "gone": [r.model_dump(mode="json") for r in changed.gone],
            "new": [r.model_dump(mode="json") for r in changed.new],
        }
        view.json({"before": before, "after": after, **asdict(changed), **reasons})
    else:
        difference_view.show(view, before, after, changed)
    return 0
