"""How long each log is kept, as floor and ceiling, against what the card asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from agent.drafting.values import clean, count
from agent.outputs.charts.drawing import RIGHT, ROW, WIDTH, Picture, Scale, bar, frame, line, row_label, words

_TITLE = "Retention against what the card asks"
FOR_EVER = float("inf")
_ROOM = 70  # user units that the words need inside a bar


@dataclass(frozen=True)
class Kept:
    """Days. `floor` is certain, `ceiling` when the last of it is gone; infinity = no rule ends it. None = not seen.

    `by` and `until_by` are the rules that decide floor and ceiling, "" = none does or the source has no rules.
    """

    log: str
    asked: float | None
    floor: float | None
    ceiling: float | None
    by: str = ""
    until_by: str = ""


def retention(name: str, rows: Sequence[Kept]) -> Picture:
    """One row a log; a log whose retention was not seen has its label, the words "not seen", and no bar."""
    known = [v for row in rows for v in (row.asked, row.floor, row.ceiling) if v is not None and v != FOR_EVER]
    scale = Scale(0, max(known, default=1) * 1.15 or 1)
    parts = [part for i, row in enumerate(rows) for part in _row(scale, 8 + i * (ROW + 14), row)]
    return frame(name, _TITLE, " ".join(map(_told, rows)), len(rows) * (ROW + 14) + 8, parts)


def _row(scale: Scale, y: float, row: Kept) -> Iterator[Markup]:
    yield row_label(y + 10, row.log)
    if row.floor is None:
        yield words(scale(0), y + 14, "not seen")
    else:
        end = WIDTH - RIGHT
        floor = end if row.floor == FOR_EVER else scale(row.floor)
        yield bar(scale(0), floor, y, 20, "bar level1", f"kept for certain: {_days(row.floor)}")
        if row.ceiling is not None and row.ceiling > row.floor:
            yield bar(floor, end if row.ceiling == FOR_EVER else scale(row.ceiling), y, 20, "bar level2", "may be kept")
        if floor - scale(0) > _ROOM:
            yield words(scale(0) + 5, y + 14, _days(row.floor), "inside")
    if row.asked is not None:
        yield line(scale(row.asked), y - 4, scale(row.asked), y + 24, "asked")
        yield words(scale(row.asked), y + 35, f"asked {_days(row.asked)}", "tick")


def _told(row: Kept) -> str:
    asked = f"the card asks for {_days(row.asked)}" if row.asked is not None else "the card asks for no period"
    if row.floor is None:
        return f"{clean(row.log, 60)}: how long it is kept was not seen, {asked}."
    later = f", the last of it {_until(row.ceiling)}{_by(row.until_by)}" if row.ceiling not in (None, row.floor) else ""
    return f"{clean(row.log, 60)}: kept for {_days(row.floor)}{_by(row.by)}{later}, {asked}."


def _by(rule: str) -> str:
    return f" by {clean(rule, 60)}" if rule else ""


def _until(ceiling: float | None) -> str:
    """Where nothing says that all of it goes, it may stay for ever; nobody promises that."""
    return "perhaps for ever" if ceiling == FOR_EVER else f"for {_days(ceiling)}"


def _days(value: float | None) -> str:
    return "ever" if value == FOR_EVER else count(value or 0, "days")
