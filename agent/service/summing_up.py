"""Sums a review's document up for the board, and reads the sums back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pydantic import TypeAdapter

from agent.deps import Deps
from agent.domain import Outcome, ReviewDocument, SignerNeeded
from agent.drafting.overview import listing
from agent.errors import ClearanceError
from agent.store import summaries
from agent.store.summaries import Entry, Summary
from agent.workflow import frozen


@dataclass(frozen=True)
class Ending:
    """An open item that falls due or a waiver that expires. `what` says which; `who` owns or asked for it."""

    what: str
    item: int
    who: str
    at: datetime


def summed_up(document: ReviewDocument) -> Summary:
    launch = document.card.get("launch")
    return Summary(
        review=document.review, digest=document.digest, name=document.name,
        launch=str(launch.get("date", "")) if isinstance(launch, dict) else "",
        blocks=json.dumps(list(_blocks(document))), unseen=len(document.gaps),
        signers=json.dumps([one.model_dump(mode="json") for one in document.signers]),
        ends=json.dumps([[one.what, one.item, one.who, one.at.isoformat()] for one in ends_of_document(document)]),
    )  # fmt: skip


def entries(deps: Deps) -> list[Entry]:
    """The latest of every subject, each summed up first where it is not yet; what cannot be read stays without."""
    found = summaries.latest(deps.engine)
    missing = summaries.without(found)
    for review in missing:
        try:
            summaries.put(deps.engine, summed_up(frozen.document(deps, deps.reviews.get(review))))
        except ClearanceError:
            continue  # the board's row says why, when it is shown
    return summaries.latest(deps.engine) if missing else found


def ends_of(entry: Entry) -> list[Ending]:
    return [Ending(what, item, who, datetime.fromisoformat(at)) for what, item, who, at in json.loads(entry.ends)]


def signers_of(entry: Entry) -> tuple[SignerNeeded, ...]:
    return _signers().validate_json(entry.signers)


@lru_cache(maxsize=1)
def _signers() -> TypeAdapter[tuple[SignerNeeded, ...]]:
    return TypeAdapter(tuple[SignerNeeded, ...])


def _blocks(document: ReviewDocument) -> Iterator[str]:
    places = tuple(dict.fromkeys(one.where for one in document.reasons if one.outcome is not Outcome.PASS))
    numbers = [place for place in places if place.isdigit()]
    if numbers:
        yield f"item{'s' * (len(numbers) > 1)} {listing(numbers)}"
    yield from (f'check "{place.replace("_", " ")}"' for place in places if not place.isdigit())


def ends_of_document(document: ReviewDocument) -> Iterator[Ending]:
    """Open items, and the waivers that an item rests on."""
    for row in document.open_items:
        yield Ending("open item", row.item, row.owner, row.due)
    used = {item.waived for item in document.items if item.waived}
    for waiver in document.waivers:
        if waiver.digest in used:
            yield Ending("waiver", waiver.item, waiver.requested_by, waiver.expires)
