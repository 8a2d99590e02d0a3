"""How far a subject was towards the gate at each review: the share that was done, as each review reckoned it."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from agent.domain import ReviewDocument
from agent.drafting.values import instant
from agent.outputs.charts.drawing import Picture, Scale, bar, frame, line, only_words, row_label, words
from agent.scores import progress

_TITLE = "Progress towards the gate"
_ROW = 20
MOST = 20  # reviews, the newest


def history(document: ReviewDocument) -> list[tuple[str, str]]:
    """(when, share in percent), oldest first, with this review last; reviews that reckoned no share are left out."""
    before = sorted((one for one in document.earlier if one.share), key=lambda one: one.as_of)
    now = (instant(document.as_of, document.zone), progress(document.score, [i.verdict for i in document.items]))
    rows = [*((instant(one.as_of, document.zone), one.share) for one in before), now]
    return [row for row in rows if row[1]][-MOST:]


def progress_chart(name: str, document: ReviewDocument) -> Picture:
    """One bar a review; a share is never rounded up."""
    rows = history(document)
    if len(rows) < 2:
        return only_words(_TITLE, "There is no review before this one to compare with.")
    scale, bottom = Scale(0, 100), 24 + len(rows) * _ROW
    parts = [part for i, row in enumerate(rows) for part in _row(scale, 22 + i * _ROW, *row)]
    parts += [line(scale(100), 16, scale(100), bottom, "mark"), words(scale(100), 12, "100 %", "tick")]
    told = "; ".join(f"{when}: {share} %" for when, share in rows)
    return frame(name, _TITLE, f"{told}.", bottom + 12, parts)


def _row(scale: Scale, y: float, when: str, share: str) -> Iterator[Markup]:
    yield row_label(y + 7, when)
    yield bar(scale(0), scale(float(share)), y, 13, "bar level1", f"{share} %")
    yield words(scale(0) + 4, y + 10, f"{share} %", "label")
