"""What a person states, takes on or waives on the page: by the same use cases as on the command line, with one key."""

from __future__ import annotations

from starlette.responses import Response

from agent.errors import ClearanceError, Queued, Refused, UsageError
from agent.service import statements
from agent.service.assembly import assemble
from agent.service.assess import assess
from agent.service.finishing import Shown, shown
from agent.service.looking import look
from agent.surfaces import stating as documents
from agent.surfaces.web.asked import check_open, item_number, plain
from agent.surfaces.web.fields import typed
from agent.surfaces.web.offering import BY_FORM, QUIZ
from agent.surfaces.web.views import render_review
from agent.surfaces.web.visit import Visit, to


def state(visit: Visit) -> Response:
    """Sign a statement about one item; with `then` = again, fetch that item anew into a new review."""
    review, form, number = visit.path["review"], visit.form, item_number(visit)
    try:
        _state(visit, shown(visit.deps, review), number)
    except (Refused, UsageError) as error:
        seen = look(visit.deps, review, visit.who.person)
        return render_review(visit, seen, plain(str(error)), 409, stating={**form, "item": str(number)})
    if form.get("then") == "again":
        return again(visit, number, "What you stated is kept. ")
    return to(f"/reviews/{review}#stated")


def _state(visit: Visit, at: Shown, number: int) -> None:
    deps, kind, subject, gate = visit.deps, visit.form.get("kind", ""), at.row.subject, at.row.gate
    check_open(at)
    if kind in (*QUIZ, *BY_FORM) or kind not in statements.kinds_for(deps, gate, number):
        raise Refused(f"item {number} of {gate} takes no statement of that kind here; nothing was signed")
    now = deps.configuration.card(subject).card.version
    if now != at.row.version:
        raise Refused(f"{at.row.id} is about version {at.row.version}, and the card says {now} now; assess that one")
    link = visit.form.get("link", "").strip()
    if kind == "answers":
        said = typed(kind, visit.form, at.document.zone)
        says = {True: "yes", False: "no"}.get(bool(said["says"])) if isinstance(said.get("says"), bool) else ""
        statements.answer(deps, visit.who, subject, gate, number, {**said, "says": says}, link=link)
        return
    fields = documents.with_document(deps, kind, typed(kind, visit.form, at.document.zone))
    statements.state(deps, visit.who, subject, gate, number, kind, fields, link=link)


def check_again(visit: Visit) -> Response:
    """Fetch one item again: a new review that supersedes this one."""
    number = item_number(visit)
    check_open(shown(visit.deps, visit.path["review"]))
    return again(visit, number, "")


def again(visit: Visit, number: int, kept: str) -> Response:
    """A new review of the item; `kept` says what stays, should the assessment be refused."""
    row = visit.deps.reviews.get(visit.path["review"])
    fresh = assemble(visit.deps.settings)  # statements and people as they are now, and a count of calls of its own
    try:
        done = assess(fresh, row.subject, row.gate, only=(number,), started_by=visit.who.person)
    except Queued as error:
        return visit.site.sentence(visit, "Queued", f"{kept}{error}.", 202)
    except ClearanceError as error:
        raise Refused(f"{kept}Item {number} could not be checked again: {error}") from error
    finally:
        fresh.engine.dispose()
    return to(f"/reviews/{done.document.review}#item-{number}")
