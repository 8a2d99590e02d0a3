"""How far earlier reviews of the same gate were, from what they froze."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from agent.deps import Deps
from agent.domain import Verdict
from agent.errors import StoreError
from agent.scores import Score, progress
from agent.store.reviews import ReviewRow

MOST = 20  # reviews that are read again, the newest


def shares(deps: Deps, rows: Sequence[ReviewRow], this: str) -> Mapping[str, str]:
    """By review, the share in percent that it had done; none of rehearsals and of those that came to no document,
    or whose document is damaged."""
    known = [row for row in rows if row.document and not row.rehearsal and row.id != this]
    found = {}
    for row in known[-MOST:]:
        try:
            found[row.id] = _share(json.loads(deps.locker.get(row.document)))
        except StoreError:
            continue  # it keeps nobody from being assessed
    return found


def _share(document: Mapping[str, object]) -> str:
    score, items = document.get("score"), document.get("items")
    assert isinstance(items, list)
    verdicts = [Verdict(item["verdict"]) for item in items]
    return progress(Score.model_validate(score) if score else None, verdicts)
