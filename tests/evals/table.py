"""The two tables of the evaluation, and when it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from tests.evals import readers
from tests.evals.behaviours import BEHAVIOURS, GOOD

ACCEPTED_AT_LEAST = 0.95
Counts = tuple[int, int, int, int]  # quotes kept, concerns kept, thrown away, answers not used at all


@dataclass(frozen=True)
class Row:
    """What became of one writer: statements shown to write about, kept, thrown away, items on fixed texts; prompts
    that were sent, and pages with a value that nobody gave, another decision, or another build."""

    behaviour: str
    runs: int = 0
    sent: int = 0
    asked: int = 0
    accepted: int = 0
    rejected: int = 0
    fell_back: int = 0
    ungrounded: int = 0
    changed: int = 0
    escaped: int = 0

    def plus(self, other: Row) -> Row:
        names = [one.name for one in fields(self) if one.name != "behaviour"]
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True)
class ReadRow:
    """What became of one reader, with the marks of data and without."""

    behaviour: str
    runs: int = 0
    marked: Counts = (0, 0, 0, 0)
    bare: Counts = (0, 0, 0, 0)
    made_up: int = 0
    changed: int = 0
    escaped: int = 0

    def plus(self, other: ReadRow) -> ReadRow:
        sums = {name: getattr(self, name) + getattr(other, name) for name in ("runs", "made_up", "changed", "escaped")}
        return replace(self, **sums, marked=_sum(self.marked, other.marked), bare=_sum(self.bare, other.bare))


def _sum(one: Counts, other: Counts) -> Counts:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3])


def failures(rows: Sequence[Row], read: Sequence[ReadRow] = ()) -> list[str]:
    """Why the evaluation did not hold; none when it did."""
    told = [f"{row.behaviour}: {row.ungrounded} ungrounded values" for row in rows if row.ungrounded]
    told += [f"reader, {row.behaviour}: {row.made_up} made-up quotes or words" for row in read if row.made_up]
    told += [f"{row.behaviour}: decided otherwise {row.changed} times" for row in (*rows, *read) if row.changed]
    told += [f"{row.behaviour}: {row.escaped} pages are built otherwise" for row in (*rows, *read) if row.escaped]
    partly = {one.name for one in BEHAVIOURS if one.partly or one.name.startswith("good")}
    told += [
        f"{row.behaviour}: {row.accepted} accepted" for row in rows if row.accepted and row.behaviour not in partly
    ]
    good = next(row for row in rows if row.behaviour == GOOD.name)
    if good.accepted < ACCEPTED_AT_LEAST * good.asked:
        told.append(f"good: only {good.accepted} of {good.asked} statements accepted")
    return [*told, *_good_reader(read)]


def _good_reader(read: Sequence[ReadRow]) -> list[str]:
    found = [row for row in read if row.behaviour == readers.GOOD.name]
    quotes, concerns, thrown, unused = found[0].marked if found else (1, 1, 0, 0)
    kept = quotes + concerns
    holds = kept and not unused and kept >= ACCEPTED_AT_LEAST * (kept + thrown)
    return [] if holds else [f"good reader: kept {kept}, thrown away {thrown}, not used {unused}"]


def table(rows: Sequence[Row], read: Sequence[ReadRow] = ()) -> str:
    """Writers, then readers with the marks of data and without side by side."""
    columns = ("runs", "sent", "asked", "accepted", "rejected", "fell back", "ungrounded", "decisions", "escaped")
    head = f"{'writer':38}" + "".join(f"{column:>11}" for column in columns)
    told = [
        f"{row.behaviour:38}{row.runs:>11}{row.sent:>11}{row.asked:>11}{row.accepted:>11}{row.rejected:>11}"
        f"{row.fell_back:>11}{row.ungrounded:>11}{row.changed:>11}{row.escaped:>11}"
        for row in rows
    ]
    return "\n".join([head, "-" * len(head), *told, *(_read_table(read) if read else [])])


def _read_table(read: Sequence[ReadRow]) -> list[str]:
    four = "".join(f"{column:>10}" for column in ("quotes", "concerns", "rejected", "not used"))
    head = f"{'reader':38}{'runs':>7} |{four} |{four} |{'made up':>10}{'decisions':>10}{'escaped':>9}"
    over = f"{'':45} |{'with the marks of data':^40} |{'without':^40} |"
    told = [
        f"{row.behaviour:38}{row.runs:>7} |{_four(row.marked)} |{_four(row.bare)} |{row.made_up:>10}{row.changed:>10}"
        f"{row.escaped:>9}"
        for row in read
    ]
    return ["", over, head, "-" * len(head), *told]


def _four(counts: Counts) -> str:
    return "".join(f"{count:>10}" for count in counts)


def summary(rows: Sequence[Row], read: Sequence[ReadRow], good: str, good_reader: str) -> str:
    """What the issue asks of the whole, in lines."""
    first = next(row for row in rows if row.behaviour == good)
    reader = next(row for row in read if row.behaviour == good_reader)
    return "\n".join([
        "statements are findings written about; rejected are complaints, of which a statement can have several; a",
        "prompt that is byte for byte that of an earlier run is sent once, its answer checked and filled in every run",
        f"ungrounded values in reports: {sum(row.ungrounded for row in rows) + sum(row.made_up for row in read)}",
        f"verdict changes: {sum(row.changed for row in (*rows, *read))}",
        f"good model accepted: {first.accepted} of {first.asked} ({first.accepted / first.asked:.1%}); good reader: "
        f"{reader.marked[0] + reader.marked[1]} kept, {reader.marked[2]} rejected",
    ])  # fmt: skip
