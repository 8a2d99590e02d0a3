"""What can be looked at: the board, a review, one item's evidence, a kill-switch card, a written report."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

from agent.domain import Decision, SignOffDecision
from agent.errors import Refused, StoreError, UsageError
from agent.outputs import concerns, markdown
from agent.outputs.charts.pictures import forecast
from agent.outputs.charts.progress import progress_chart
from agent.outputs.html_rows import check_rows, open_rows, reason_rows, shown_signatures
from agent.outputs.layout import blocks
from agent.outputs.score import sum_rows, words
from agent.service.board import Filter, board, roles_of
from agent.service.catalogue import catalogue
from agent.service.finishing import Shown
from agent.service.looking import Looked, look
from agent.service.reports import text_of
from agent.service.stated import stated_since
from agent.service.switch_card import switch_card
from agent.store.reviews import ENDED
from agent.surfaces.difference import Difference, difference
from agent.surfaces.web.offering import offers
from agent.surfaces.web.visit import Visit
from agent.workflow import signatures

MEANT = {
    "cleared": "it goes through", "conditional": "it goes through with its open items",
    "blocked": "it does not go through", "more-evidence": "this review ends; assess again when the evidence is there",
}  # fmt: skip
LONGEST_SEARCH = 200  # characters
REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def board_page(visit: Visit) -> Response:
    chosen = Filter(*(visit.query.get(name, "")[:LONGEST_SEARCH] for name in ("q", "state", "gate", "waits")))
    asked = visit.query.get("page", "")
    page = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    return visit.page("board.html", board=board(visit.deps, visit.who.person, chosen, page), chosen=chosen)


def review_page(visit: Visit) -> Response:
    return render_review(visit, look(visit.deps, visit.path["review"], visit.who.person))


def render_review(
    visit: Visit, seen: Looked, told: str = "", status: int = 200, form: dict[str, str] | None = None,
    stating: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    """The whole page; `told` is what was just refused; `form`, of signing, and `stating` what was typed there."""
    document, state = seen.state.document, seen.state
    stated, unheard = stated_since(visit.deps, document)
    return visit.page(
        "review.html", status, seen=seen, document=document, state=state, told=told, form=form or {},
        typed=stating or {}, changed=_changed(visit, seen), my_roles=roles_of(visit.deps, state, visit.who.person),
        choices=_choices(document.proposal), meant=MEANT, ended=_ended(seen), may_revoke=_may_revoke(visit, seen),
        offers=offers(state), stated=stated, unheard=unheard, people=_people(visit), **_of_the_document(state),
    )  # fmt: skip


def _of_the_document(state: Shown) -> dict[str, object]:
    """What everybody is shown of it."""
    document = state.document
    return {
        "facts": markdown.ReportFacts.of(document), "decisions": words(document), "checks": check_rows(document),
        "blocks": blocks(document, document.layout), "sums": sum_rows(document),
        "signatures": shown_signatures(document, state.signed), "open_rows": open_rows(document),
        "expiry": forecast(document),
        "progress": progress_chart("progress", document), "concerns": concerns.rows(document, state.signed),
        "reasons": reason_rows(document),
        "reading": concerns.told_of_reading(document.reading), "orders": list(concerns.hostile(document)),
    }  # fmt: skip


def _people(visit: Visit) -> list[tuple[str, str]]:
    """Ids and names of people.yaml, for the fields that take a person."""
    return [(id, one.name) for id, one in sorted(visit.deps.configuration.people().people.items())]


def _changed(visit: Visit, seen: Looked) -> Difference | None:
    """With the signatures over the review before, which say nothing of this one."""
    if seen.previous is None:
        return None
    return difference(seen.previous, seen.state.document, visit.deps.reviews.signoffs(seen.previous.review))


def _choices(proposal: Decision) -> list[str]:
    """What can be decided at all: nothing laxer than the proposal."""
    known = [one.value for one in Decision if one.strictness >= proposal.strictness]
    return [*known, SignOffDecision.MORE_EVIDENCE.value]


def _ended(seen: Looked) -> str:
    row = seen.state.row
    if row.rehearsal:
        return f"{row.id} is a rehearsal (--as-of): it can never be signed. Assess without --as-of."
    if row.state == "signing":
        return ""
    why = f" Reason: {seen.state.reason}" if seen.state.reason else ""
    return f"{row.id} {ENDED.get(row.state, row.state).format(by=row.ended_by)}; it takes no more signatures.{why}"


def _may_revoke(visit: Visit, seen: Looked) -> bool:
    signed = any(one.person == visit.who.person for one in seen.state.signed)
    stands = seen.state.row.state in ("complete", "reported")
    decided = signatures.final(seen.state.document, seen.state.signed) if stands else Decision.BLOCKED
    return signed and decided is not Decision.BLOCKED


def item_page(visit: Visit) -> Response:
    """One item alone: what a deep link leads to, and what a script swaps in."""
    seen = look(visit.deps, visit.path["review"], visit.who.person)
    number = visit.path["item"]
    item = next((one for one in seen.items if str(one.number) == number), None)
    if item is None:
        raise UsageError(f"{seen.state.row.id} has no item {number}")
    name = "item_part.html" if visit.partial else "item.html"
    return visit.page(
        name, seen=seen, document=seen.state.document, state=seen.state, item=item, people=_people(visit),
        offer=offers(seen.state)[item.number], concerns=concerns.rows(seen.state.document, seen.state.signed),
    )  # fmt: skip


def catalogue_page(visit: Visit) -> Response:
    """What every gate asks, item by item."""
    return visit.page("catalogue.html", parts=catalogue(visit.deps.configuration))


def switch_page(visit: Visit) -> Response:
    return visit.page("switch.html", card=switch_card(visit.deps, visit.path["subject"]))


def report_page(visit: Visit) -> Response:
    """The written report.html, under a policy in which it can load and run nothing."""
    row = visit.deps.reviews.get(visit.path["review"])
    if not row.bundle:
        why = ENDED.get(row.state, "waits for signatures; it is written with the last one").format(by=row.ended_by)
        raise Refused(f"{row.id} has no report.html: it {why}")
    try:
        text = text_of(visit.deps, row, "report.html")
    except StoreError as error:
        raise Refused(str(error)) from error
    return HTMLResponse(text, headers={"Content-Security-Policy": REPORT_POLICY})
