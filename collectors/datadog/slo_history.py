"""Reading one history of an SLO: when its number may be believed, and what of it is silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from pydantic import JsonValue

from collectors.datadog.reading import Shape, at, capped, listing, mapping, number, text
from collectors.errors import Malformed
from collectors.evidence import Duration, Number, Origin, State, Window

SIDE: Shape = {"count": None, "sum": None}
RATE: Shape = {
    "name": None, "group": None, "sli_value": None, "uptime": None, "state": None, "errors": None, "preview": None,
    "history": None, "span_precision": None,
}  # fmt: skip
HISTORY: Shape = {
    "from_ts": None, "to_ts": None, "type": None, "errors": None, "overall": RATE, "groups": None, "monitors": None,
    "series": {"interval": None, "query": None, "message": None, "numerator": SIDE, "denominator": SIDE},
}  # fmt: skip
UP, DOWN, NO_DATA = 0, 1, 2
SLACK = timedelta(minutes=5)  # the largest slice: the vendor may move the ends of a window by less than one

Spent = dict[int, float]


@dataclass(frozen=True)
class History:
    """One answer. `why`: what keeps its number from being believed; `spent`: seconds in each state, None = not told."""

    body: dict[str, JsonValue]
    number: float | None
    field: str
    why: tuple[tuple[str, str], ...]
    spent: Spent | None
    counted: float | None

    def state(self, under: str) -> State:
        """ "data", or the first thing that keeps the number from being believed."""
        if self.why:
            name, place = self.why[0]
            return State(value=capped(name, 80), pointer=under + place)
        return State(value="data", pointer=f"{under}/overall/{self.field}")

    def vendors_value(self, under: str) -> Number | None:
        """The number as the vendor gives it; None when it is not to be believed or counts silence."""
        if self.why or self.number is None or (self.spent and self.spent[NO_DATA]):
            return None
        return Number(value=self.number, unit="percent", pointer=f"{under}/overall/{self.field}")

    def value(self, under: str) -> Number | None:
        """The share of the time or events that are known; silence is left out, whatever the vendor counts it as."""
        if self.why or self.number is None:
            return None
        if self.spent is None or not self.spent[NO_DATA]:
            return self.vendors_value(under)
        known = self.spent[UP] + self.spent[DOWN]
        return Number(value=round(100 * self.spent[UP] / known, 6), unit="percent", origin=Origin.CODE)

    def silent(self) -> Duration | None:
        return None if self.spent is None else Duration(value=self.spent[NO_DATA], origin=Origin.CODE)

    def samples(self, under: str) -> Number | None:
        if self.counted is None:
            return None
        return Number(value=self.counted, unit="samples", pointer=f"{under}/series/denominator/sum")


def read_history(body: dict[str, JsonValue], kind: str, window: Window, told: str) -> History:
    """A picked history. Malformed when it is of another kind or window, or of a number that no share can be."""
    if body.get("type") != kind:
        raise Malformed(f"{told} is of another kind than the SLO itself", status=200)
    for name, wanted in (("from_ts", window.start), ("to_ts", window.end)):
        seconds = number(body.get(name))
        if seconds is None or abs(seconds - wanted.timestamp()) > SLACK.total_seconds():
            raise Malformed(f"{told} covers another window than the one asked ({name})", status=200)
    overall = mapping(body.get("overall"), f"{told}: overall")
    field = "uptime" if "sli_value" not in overall and "uptime" in overall else "sli_value"
    share = _share(overall.get(field), told)
    spent = None if kind == "metric" else _spent(overall.get("history"), window, told)
    counted = _counted(body, told) if kind == "metric" else None
    why = (*_refusals(body, told), *_doubts(overall, share, field, kind, spent, counted))
    return History(body, share, field, why, spent, counted)


def _share(value: JsonValue, told: str) -> float | None:
    if value is None:
        return None
    share = number(value)
    if share is None or not 0 <= share <= 100:
        raise Malformed(f"{told}: the value is not a number of percent", status=200)
    return share


def _counted(body: dict[str, JsonValue], told: str) -> float | None:
    series = at(body, "series", "denominator")
    if not series:
        return None
    total = number(at(series, "sum"))
    if total is None:
        raise Malformed(f"{told}: the total of its series is not a number", status=200)
    return total


def _refusals(body: dict[str, JsonValue], told: str) -> Iterator[tuple[str, str]]:
    """The vendor's own errors, of the whole, of a group and of a monitor: each leaves the number partial."""
    yield from _errors(body.get("errors"), "/errors", told)
    yield from _errors(at(body, "overall", "errors"), "/overall/errors", told)
    for part in ("groups", "monitors"):
        parts = body.get(part)
        for i, one in enumerate([] if parts is None else listing(parts, f"{told}: {part}")):
            place = f"/{part}/{i}"
            yield from _errors(at(one, "errors"), f"{place}/errors", told)
            if at(one, "state") == "no_data":
                yield "no data", f"{place}/state"
            if at(one, "preview") is True:
                yield "replaying", f"{place}/preview"


def _errors(given: JsonValue, place: str, told: str) -> Iterator[tuple[str, str]]:
    for i, error in enumerate([] if given is None else listing(given, f"{told}: errors")):
        named = next((k for k in ("error_type", "error_message", "error") if text(at(error, k))), None)
        yield (str(at(error, named)), f"{place}/{i}/{named}") if named else ("an error without a name", f"{place}/{i}")


def _doubts(
    overall: dict[str, JsonValue], share: float | None, field: str, kind: str, spent: Spent | None,
    counted: float | None,
) -> Iterator[tuple[str, str]]:  # fmt: skip
    if overall.get("state") == "no_data":
        yield "no data", "/overall/state"
    if share is None:
        yield "no data", f"/overall/{field}" if field in overall else "/overall"
    if overall.get("preview") is True:
        yield "replaying", "/overall/preview"
    if kind == "metric" and counted is None:
        yield "samples not told", "/overall"
    if counted is not None and counted <= 0:  # the vendor fills what never reported with zeros
        yield "no data", "/series/denominator/sum"
    if kind != "metric" and spent is None:
        yield "silence not told", "/overall"
    if spent is not None and not spent[UP] + spent[DOWN]:
        yield "no data", "/overall/history"


def _spent(history: JsonValue, window: Window, told: str) -> Spent | None:
    """Seconds of the window in each state; nothing is known before the first entry. None = there is no history."""
    if history is None:
        return None
    moments = sorted(_moments(listing(history, f"{told}: history"), told))
    spent: Spent = {UP: 0.0, DOWN: 0.0, NO_DATA: 0.0}
    begin, end = window.start.timestamp(), window.end.timestamp()
    edges = [(begin, NO_DATA), *moments, (end, NO_DATA)]
    for (start, state), (until, _) in pairwise(edges):
        spent[state] += max(0.0, min(until, end) - max(start, begin))
    return spent


def _moments(history: list[JsonValue], told: str) -> Iterator[tuple[float, int]]:
    for entry in history:
        pair = entry if isinstance(entry, list) and len(entry) == 2 else [None, None]
        moment, state = number(pair[0]), number(pair[1])
        if moment is None or state not in (UP, DOWN, NO_DATA):
            raise Malformed(f"{told}: an entry of the history is not a time and a state", status=200)
        yield moment, int(state)
