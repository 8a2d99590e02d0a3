"""A digest in which every sort of line stands, with a text of others in each place that others write."""

from __future__ import annotations

from collections.abc import Callable

from agent.digests import (
    Blind,
    Changed,
    Cost,
    Digest,
    Due,
    ItemChange,
    Lapse,
    Owned,
    OwnedChange,
    Trouble,
    Unchanged,
)
from agent.domain import Decision
from tests.builders import at

NOON = at("2026-06-12T12:00")


def digest(text: str = "finance-invoice-recon", **own: str) -> Digest:
    """`own` has the text of some places, where they are to be told apart; `text` stands in all others."""

    def say(place: str) -> str:
        return own.get(place, text)

    where = {"subject": say("subject"), "gate": say("gate"), "review": text}
    change = item(say)
    check = change.model_copy(update={"where": text, "after": text, "before": "", "worse": False})
    return Digest(
        sweep="sw-1", gates=(say("gate"),), as_of=NOON, ended=NOON, since="sw-0", since_at=at("2026-06-05T12:00"),
        sandbox=True, subjects=4, reviewed=1, quiet=1, steady=1,
        changed=(
            Changed(**where, name=text, version=text, before=Decision.CLEARED, after=Decision.BLOCKED, launch=text,
                    items=(change, check)),
        ),
        owners=(Owned(owner=say("owner"), changes=(OwnedChange(**where, item=change),)),),
        lapses=(Lapse(**where, what=say("lapse"), ends=NOON, launch=text, owner=say("renewer")),),
        due=tuple(
            Due(**where, version=text, what="open item", item=8, who=say("who"), at=NOON, within=days)
            for days in (0, 1, 7, 14)
        ),
        blind=(
            Blind(request_type="datadog.metric", reason="denied", subjects=3, questions=9, what=say("unseen"),
                  next_step=text),
        ),
        troubles=(Trouble(subject=say("lost"), gate=text, why=say("why")),),
        unchanged=(Unchanged(**where, since=NOON, proposal=Decision.CLEARED, note=text),), notes=(text,),
        cost=Cost(
            calls={"datadog": 1200}, reused=1, model_calls=1, input_tokens=5000, output_tokens=300, price_usd="0.0027"
        ),
    )  # fmt: skip


def item(say: Callable[[str], str]) -> ItemChange:
    return ItemChange(
        where="9", title=say("title"), before="met", after="not met", worse=True, owner=say("owner"),
        sentences=(say("reason"),), how=say("how"),
    )  # fmt: skip
