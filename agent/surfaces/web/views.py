"""What can be looked at: the board, a review, one item's evidence, a kill-switch card, a written report."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import HTMLResponse, Response

from agent.domain import Decision, SignOffDecision
from agent.errors import Refused, UsageError
from agent.outputs import concerns, markdown
from agent.outputs.charts.pictures import forecast
from agent.outputs.html_rows import check_rows, open_rows, shown_signatures
from agent.outputs.score import words
from agent.service.board import Filter, board, roles_of
from agent.service.looking import Looked, look
from agent.service.switch_card import switch_card
from agent.store.reviews import ENDED
from agent.surfaces.difference import Difference, difference
from agent.surfaces.web.visit import Visit

REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def board_page(visit: Visit) -> Response:
    rows = board(visit.deps, visit.who.person)
    chosen = Filter(*(visit.query.get(name, "") for name in ("q", "state", "gate")))
    kept = [row for row in rows if chosen.keeps(row)]
    return visit.page(
        "board.html", mine=[row for row in rows if row.mine], rows=kept, total=len(rows), chosen=chosen,
        gates=sorted({row.gate for row in rows}),
        states=sorted({row.state for row in rows} | {row.proposal for row in rows if row.proposal}),
    )  # fmt: skip


def review_page(visit: Visit) -> Response:
    return render_review(visit, look(visit.deps, visit.path["review"], visit.who.person))


def render_review(
    visit: Visit, seen: Looked, told: str = "", status: int = 200, form: dict[str, str] | None = None
) -> Response:
    """The whole page; `told` is what was just refused, `form` what was typed and is not lost."""
    document, state = seen.state.document, seen.state
    changed = _changed(visit, seen)
    return visit.page(
        "review.html", status, seen=seen, document=document, state=state, told=told, form=form or {},
        facts=markdown.ReportFacts.of(document), decisions=words(document), checks=check_rows(document),
        signatures=shown_signatures(document, state.signed), open_rows=open_rows(document), expiry=forecast(document),
        changed=changed, my_roles=roles_of(visit.deps, state, visit.who.person), choices=_choices(document.proposal),
        concerns=concerns.rows(document, state.signed), reading=concerns.told_of_reading(document.reading),
        orders=list(concerns.hostile(document)), ended=_ended(seen), may_revoke=_may_revoke(visit, seen),
    )  # fmt: skip


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
    return signed and seen.state.row.state == "reported" and seen.state.row.decision != "blocked"


def item_page(visit: Visit) -> Response:
    """One item alone: what a deep link leads to, and what a script swaps in."""
    seen = look(visit.deps, visit.path["review"], visit.who.person)
    number = visit.path["item"]
    item = next((one for one in seen.items if str(one.number) == number), None)
    if item is None:
        raise UsageError(f"{seen.state.row.id} has no item {number}")
    name = "item_part.html" if visit.partial else "item.html"
    return visit.page(name, seen=seen, document=seen.state.document, state=seen.state, item=item)


def switch_page(visit: Visit) -> Response:
    return visit.page("switch.html", card=switch_card(visit.deps, visit.path["subject"]))


def report_page(visit: Visit) -> Response:
    """The written report.html, under a policy in which it can load and run nothing."""
    row = visit.deps.reviews.get(visit.path["review"])
    path = Path(row.bundle, "report.html") if row.bundle else None
    if path is None or not path.is_file():
        raise Refused(f"{row.id} has no report.html yet; it is written with the last signature")
    return HTMLResponse(path.read_text(encoding="utf-8"), headers={"Content-Security-Policy": REPORT_POLICY})
