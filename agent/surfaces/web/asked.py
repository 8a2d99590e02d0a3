"""What a form is about, whether that can still be done, and refusals in the page's words."""

from __future__ import annotations

import re

from agent.errors import Refused, UsageError
from agent.service.finishing import Shown, shown
from agent.store.reviews import ENDED
from agent.surfaces.web.visit import Visit


def item_number(visit: Visit) -> int:
    """The item in the address; UsageError where the review has none of that number."""
    document = shown(visit.deps, visit.path["review"]).document
    number = visit.path["item"]
    if not number.isdecimal() or number not in {str(item.number) for item in document.items}:
        raise UsageError(f"{document.review} has no item {number[:20]}")
    return int(number)


def check_open(at: Shown) -> None:
    """Refused where the review does not wait any more: nobody would look at what came of it."""
    row = at.row
    if row.rehearsal:
        raise Refused(f"{row.id} is a rehearsal (--as-of), in which nothing can be done. Assess without --as-of")
    if row.state != "signing":
        ended = ENDED.get(row.state, row.state).format(by=row.ended_by)
        raise Refused(f"{row.id} {ended}; look at the latest review instead. Nothing was done")


def plain(sentence: str) -> str:
    """A refusal names options of the command line; on the page they are the fields of a form."""
    told = re.sub(r': --(?:note|concern) \S+="…".*', ": in the fields below", sentence)
    told = re.sub(r" \(`clearance attest [^`]*`\) and assess again", " at that item, and check it again", told)
    return told.replace("say with --reason", "say under Reason").replace("needs --reason", "needs a reason")
