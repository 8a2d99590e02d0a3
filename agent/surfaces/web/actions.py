"""What a form can do: open an item's evidence, sign, revoke. Thin, over the same use cases as the command line."""

from __future__ import annotations

import re

from starlette.responses import Response

from agent.domain import SignOffDecision
from agent.errors import Refused, UsageError
from agent.service import permission, signing
from agent.service.finishing import shown
from agent.service.looking import look
from agent.service.opened import not_opened, opened
from agent.surfaces.web.asked import item_number, plain
from agent.surfaces.web.views import item_page, render_review
from agent.surfaces.web.visit import Visit, to

CHANNEL = "page"


def open_item(visit: Visit) -> Response:
    """Note that the evidence was opened, then show it."""
    number = item_number(visit)
    opened(visit.deps, visit.path["review"], number, visit.who.person, CHANNEL)
    return item_page(visit) if visit.partial else to(f"/reviews/{visit.path['review']}#item-{number}")


def sign(visit: Visit) -> Response:
    """Sign with the key that this process holds, over the digest that the form was shown with."""
    review, form = visit.path["review"], visit.form
    try:
        _sign(visit, review)
    except (Refused, UsageError) as error:
        seen = look(visit.deps, review, visit.who.person)
        return render_review(visit, seen, plain(str(error)), 409, form)
    return to(f"/reviews/{review}#sign")


def _sign(visit: Visit, review: str) -> None:
    form = visit.form
    digest, role = form.get("digest", ""), form.get("role", "")
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise Refused("the form does not say which digest it was shown with; nothing was signed")
    if form.get("decision", "") not in list(SignOffDecision):
        raise Refused("choose what you decide; nothing was signed")
    decision = SignOffDecision(form["decision"])
    notes, concerns = (_named(form, prefix) for prefix in ("note-", "concern-"))
    if decision in (SignOffDecision.CLEARED, SignOffDecision.CONDITIONAL):
        state = shown(visit.deps, review)
        if state.row.state == "signing" and not state.row.rehearsal and role in {row.role for row in state.missing}:
            _check_opened(visit, review)
    else:
        notes, concerns = {}, {}
    signing.sign(
        visit.deps, visit.who, review, role, decision, reason=form.get("reason", "").strip(), notes=notes,
        concerns=concerns, digest=digest, channel=CHANNEL, label=form.get("label", ""),
    )  # fmt: skip


def _named(form: dict[str, str], prefix: str) -> dict[str, str]:
    """The fields that begin with a prefix and were filled in, without it."""
    return {k.removeprefix(prefix): v.strip() for k, v in form.items() if k.startswith(prefix) and v.strip()}


def _check_opened(visit: Visit, review: str) -> None:
    missing = not_opened(visit.deps, review, visit.who.person)
    if missing:
        items = f"item{'s' * (len(missing) > 1)} {', '.join(map(str, missing))}"
        raise Refused(f"{visit.who.name} has not opened the evidence of {items} of {review}; open it above, then sign")


def revoke(visit: Visit) -> Response:
    review = visit.path["review"]
    try:
        permission.revoke(visit.deps, visit.who, review, visit.form.get("reason", "").strip())
    except (Refused, UsageError) as error:
        return render_review(visit, look(visit.deps, review, visit.who.person), plain(str(error)), 409)
    return to(f"/reviews/{review}")
