"""A digest in which every sort of line stands, with a text of others in each place that others write."""

from __future__ import annotations

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


def item(text: str, **more: object) -> ItemChange:
    return ItemChange.model_validate(
        {"where": "9", "title": text, "before": "met", "after": "not met", "worse": True, "owner": text,
         "sentences": (text,), "how": text, **more}
    )  # fmt: skip


def digest(text: str = "finance-invoice-recon") -> Digest:
    where = {"subject": text, "gate": text, "review": text}
    change = item(text)
    return Digest(
        sweep="sw-1", gates=(text,), as_of=NOON, ended=NOON, since="sw-0", since_at=at("2026-06-05T12:00"),
        sandbox=True, subjects=4, reviewed=1, quiet=1, steady=1,
        changed=(
            Changed(**where, name=text, version=text, before=Decision.CLEARED, after=Decision.BLOCKED, launch=text,
                    items=(change, item(text, where=text, after=text, before="", worse=False))),
        ),
        owners=(Owned(owner=text, changes=(OwnedChange(**where, item=change),)),),
        lapses=(Lapse(**where, what=text, ends=NOON, launch=text, owner=text),),
        due=tuple(
            Due(**where, version=text, what="open item", item=8, who=text, at=NOON, within=days)
            for days in (0, 1, 7, 14)
        ),
        blind=(
            Blind(request_type="datadog.metric", reason="denied", subjects=3, questions=9, what=text, next_step=text),
        ),
        troubles=(Trouble(subject=text, gate=text, why=text),),
        unchanged=(Unchanged(**where, since=NOON, proposal=Decision.CLEARED, note=text),), notes=(text,),
        cost=Cost(
            calls={"datadog": 1200}, reused=1, model_calls=1, input_tokens=5000, output_tokens=300, price_usd="0.0027"
        ),
    )  # fmt: skip
