"""Collector `datadog.slo`: what share was good over a window, and what people took out of that number.

Asked for: the SLO itself (of several questions all at once, by their ids), its history without and with corrections,
and its corrections; the last three have no route for several, so that each SLO takes three calls of its own. Of an SLO
on monitors those monitors as well. Handled: no data with status 200, errors within `data` and beside it, rows of zeros
that the vendor fills in (a total of none is no data), no data that it counts as good, the older `uptime`. Out of scope:
the status route (the vendor marks it unstable); error budgets, which follow from value and target; the account's list
of corrections, in which one that covers several SLOs by a query names none of them; and `precision`, which has two
shapes and only says how the vendor rounds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from datadog_api_client.v1.api.service_level_objectives_api import ServiceLevelObjectivesApi
from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.facts import SloAsk, SloCorrection, SloFacts
from collectors.datadog.reading import Shape, at, capped, listing, mapping, number, pick, text, without_people
from collectors.datadog.slo_history import HISTORY, History, read_history
from collectors.datadog.slo_monitors import Beneath, Read, facts_of
from collectors.errors import Malformed, SourceError, Truncated
from collectors.evidence import Answer, Completeness, Evidence, Number, Resource, State, Time, Window, pointer
from collectors.several import AT_ONCE, Once

SCOPE = "slos_read"
KINDS = ("metric", "monitor", "time_slice")
SLO: Shape = {
    "id": None, "name": None, "type": None, "thresholds": None, "timeframe": None, "target_threshold": None,
    "query": None, "sli_specification": None, "monitor_ids": None, "groups": None, "tags": None, "modified_at": None,
}  # fmt: skip
CORRECTION: Shape = {
    "id": None,
    "attributes": {
        "category": None, "start": None, "end": None, "rrule": None, "duration": None, "slo_query": None,
        "created_at": None, "modified_at": None,
    },
}  # fmt: skip
TOGETHER = 100  # ids in one address, which must not grow too long
LATEST = 4e9  # epoch seconds; beyond it is a number in another unit


def slo(conn: Connections, asks: Sequence[SloAsk]) -> Iterable[Answer]:
    """An SLO's value over a window, as it happened and as corrected, with the corrections and the time without data."""
    return answer_batch(conn, asks, lambda dd: _answering(dd, asks), at_once=AT_ONCE)


def _answering(dd: Session, asks: Sequence[SloAsk]) -> Callable[[SloAsk], Answer]:
    ids = [id for id in dict.fromkeys(ask.id for ask in asks) if re.fullmatch(r"[\w-]+", id)]
    lists = [tuple(ids[i : i + TOGETHER]) for i in range(0, len(ids), TOGETHER)] if len(ids) > 1 else []
    known = Known(
        Once(dd.log, partial(_listed, dd), dd.conn.clock), {id: some for some in lists for id in some}, Beneath(dd)
    )
    return partial(_answer, dd, known)


@dataclass(frozen=True)
class Known:
    """What the questions of one batch share: lists of SLOs, on which of them each is, and monitors."""

    listed: Once[tuple[str, ...], dict[str, JsonValue]]
    on: Mapping[str, tuple[str, ...]]
    beneath: Beneath

    def shown(self, id: str) -> JsonValue:
        """The SLO as its list shows it; None where none does."""
        return self.listed.of(self.on[id]).get().get(id) if id in self.on else None


def _listed(dd: Session, ids: Sequence[str]) -> dict[str, JsonValue]:
    """Those of the ids that the list shows.

    Whatever is wrong with the list, an SLO that is not on it is asked for alone, and then says what is wrong with it.
    """
    api = dd.api(ServiceLevelObjectivesApi)
    try:
        body = dd.ask("list of SLOs", SCOPE, partial(api.list_slos, ids=",".join(ids), limit=TOGETHER))
        rows = listing(at(body, "data"), "Datadog's list of SLOs")
    except SourceError as failure:
        if not dd.patience.less(failure):
            raise
        return {}
    return {id: row for row in rows if (id := text(at(row, "id"))) is not None and id in ids}


def _answer(dd: Session, known: Known, ask: SloAsk) -> Evidence:
    before = len(dd.log.calls)
    found = _object(ask, known.shown(ask.id) or _fetch(dd, ask))
    kind = str(found["type"])
    plain, corrected = (_history(dd, ask, kind, apply) for apply in (False, True))
    listed = _corrections(dd, ask)
    monitors = known.beneath.of(found, plain.body)
    body: dict[str, JsonValue] = {
        "slo": found, "plain": plain.body, "corrected": corrected.body, "corrections": list(listed),
        "monitors": list(monitors),
    }  # fmt: skip
    return dd.evidence(
        ask, _facts(ask, found, plain, corrected, listed, monitors), body, link=f"/slo/manage?slo_id={ask.id}",
        calls=dd.log.calls[before:],
        completeness=Completeness(pages=4 + len(monitors), items=1 + len(listed) + len(monitors)),
        redacted=("creator", "people's addresses"),
    )  # fmt: skip


def _fetch(dd: Session, ask: SloAsk) -> JsonValue:
    told = f"SLO {ask.id}"
    body = dd.ask(told, SCOPE, lambda: dd.api(ServiceLevelObjectivesApi).get_slo(slo_id=ask.id))
    if at(body, "error"):
        raise Malformed(f"Datadog's {told} came with an error beside it", status=200)
    return at(body, "data")


def _object(ask: SloAsk, given: JsonValue) -> dict[str, JsonValue]:
    told = f"SLO {ask.id}"
    found = mapping(given, f"Datadog's {told}")
    if found.get("id") != ask.id:
        raise Malformed(f"Datadog answered the question about {told} with another SLO", status=200)
    if str(found.get("type")) not in KINDS:
        raise Malformed(f"Datadog's {told} is of a kind that is not known here", status=200)
    return mapping(without_people(pick(found, SLO)), told)


def _history(dd: Session, ask: SloAsk, kind: str, apply: bool) -> History:
    told = f"SLO {ask.id}, history {'with' if apply else 'without'} corrections{_span(ask.window)}"
    api = dd.api(ServiceLevelObjectivesApi)
    call = partial(
        api.get_slo_history, slo_id=ask.id, from_ts=_seconds(ask.window.start), to_ts=_seconds(ask.window.end),
        apply_correction=apply,
    )  # fmt: skip
    data = mapping(at(dd.ask(told, SCOPE, call), "data"), f"Datadog's {told}")
    kept = mapping(without_people(pick(data, HISTORY)), told)
    return read_history(kept, kind, ask.window, f"Datadog's {told}")


def _corrections(dd: Session, ask: SloAsk) -> list[dict[str, JsonValue]]:
    told = f"SLO {ask.id}, corrections"
    body = dd.ask(told, SCOPE, lambda: dd.api(ServiceLevelObjectivesApi).get_slo_corrections(slo_id=ask.id))
    every = listing(at(body, "data"), f"Datadog's {told}")
    total = number(at(body, "meta", "page", "total_count"))
    if total is not None and total > len(every):
        raise Truncated(f"Datadog's {told}: {len(every)} of {total:.0f} came", status=200)
    kept = [mapping(without_people(pick(mapping(one, told), CORRECTION)), told) for one in every]
    return [one for one in kept if _touches(one, ask.window, told)]


def _touches(correction: dict[str, JsonValue], window: Window, told: str) -> bool:
    """Does it take time out of the window? One that recurs or has no end may always do so."""
    start = _instant(at(correction, "attributes", "start"))
    if start is None:
        raise Malformed(f"Datadog's {told}: one does not say when it starts", status=200)
    end = _instant(at(correction, "attributes", "end"))
    recurs = text(at(correction, "attributes", "rrule")) is not None
    return start < window.end and (end is None or recurs or end > window.start)


def _facts(
    ask: SloAsk, found: dict[str, JsonValue], plain: History, corrected: History,
    listed: Sequence[dict[str, JsonValue]], monitors: Sequence[Read],
) -> SloFacts:  # fmt: skip
    name = text(found.get("name"))
    return SloFacts(
        slo=Resource(value=capped(name or ask.id, 200), pointer="/slo/name" if name else "/slo/id"),
        kind=State(value=str(found["type"]), pointer="/slo/type"),
        state=plain.state("/plain"), value=plain.value("/plain"), corrected=corrected.vendors_value("/corrected"),
        target=_target(found), samples=plain.samples("/plain"), silent=plain.silent(),
        modified=_modified(found),
        corrections=tuple(_correction(one, i) for i, one in enumerate(listed)), monitors=facts_of(monitors),
    )  # fmt: skip


def _target(found: dict[str, JsonValue]) -> Number | None:
    """The one target there is; several time frames may have several, and none of them is ours."""
    listed = found.get("thresholds")
    targets = [number(at(one, "target")) for one in listed] if isinstance(listed, list) else []
    if not targets or targets[0] is None or len(set(targets)) > 1:
        return None
    return Number(value=targets[0], unit="percent", pointer="/slo/thresholds/0/target")


def _modified(found: dict[str, JsonValue]) -> Time | None:
    when = _instant(found.get("modified_at"))
    return Time(value=when, at=when, pointer="/slo/modified_at") if when else None


def _correction(one: dict[str, JsonValue], i: int) -> SloCorrection:
    here = pointer("corrections", i)
    told = at(one, "attributes")
    start, end = _instant(at(told, "start")), _instant(at(told, "end"))
    id, category = text(one.get("id")), text(at(told, "category"))
    assert start is not None  # _touches refused one without
    open_ended = end is None or text(at(told, "rrule")) is not None
    return SloCorrection(
        correction=Resource(value=capped(id or "", 200), pointer=here + ("/id" if id else "")),
        category=State(
            value=capped(category or "not told", 80), pointer=here + "/attributes" + ("/category" if category else "")
        ),
        start=Time(value=start, at=start, pointer=here + "/attributes/start"),
        end=None if open_ended or end is None else Time(value=end, at=end, pointer=here + "/attributes/end"),
    )


def _instant(value: JsonValue) -> datetime | None:
    seconds = number(value)
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and 0 <= seconds < LATEST else None


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _span(window: Window) -> str:
    return f" for {window.start.isoformat()} to {window.end.isoformat()}"
