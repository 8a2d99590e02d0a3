"""Service level objectives: the history of a metric one is the ratio of two queries over the asked window."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import JsonValue

from collectors.sandbox.datadog.data import Slo
from collectors.sandbox.datadog.metrics import Event, Telemetry, parse, step_for
from collectors.sandbox.server import Asked

NOTHING: JsonValue = {"error_type": "ZERO_VALUED_DENOMINATOR", "error_message": "The denominator is zero."}
Span = tuple[float, float]


class Missing(LookupError):
    """No SLO has this id."""


def one(slos: Sequence[Slo], id: str) -> Slo:
    for slo in slos:
        if slo.object["id"] == id:
            return slo
    raise Missing(id)


def history(slo: Slo, asked: Asked, telemetry: Telemetry) -> JsonValue:
    """The answer for `from_ts` to `to_ts`; corrections are taken out unless `apply_correction` is false."""
    start, end = int(asked.one("from_ts") or ""), int(asked.one("to_ts") or "")
    if start >= end:
        raise ValueError("from_ts must be before to_ts")
    corrected = (asked.one("apply_correction") or "true").lower() != "false"
    out = [_span(correction) for correction in slo.corrections] if corrected else []
    good, total = (_events(slo, side, telemetry, (start, end), out) for side in ("numerator", "denominator"))
    step = step_for(end - start, None)
    data: dict[str, JsonValue] = {
        "from_ts": start, "to_ts": end, "type": slo.object["type"], "type_id": slo.object["type_id"],
        "thresholds": _thresholds(slo), "overall": _overall(slo, _sum(good), _sum(total)),
        "series": _series(slo, good, total, step),
    }  # fmt: skip
    return {"data": data, "errors": None}


def _span(correction: dict[str, JsonValue]) -> Span:
    told = correction["attributes"]
    assert isinstance(told, dict)
    return float(str(told["start"])), float(str(told.get("end") or math.inf))


def _query(slo: Slo, side: str) -> str:
    query = slo.object["query"]
    return str(query[side]) if isinstance(query, dict) else ""


def _events(slo: Slo, side: str, telemetry: Telemetry, within: Span, out: Sequence[Span]) -> list[Event]:
    found = telemetry.groups(parse(_query(slo, side)), *within)
    events = (event for group in found.values() for event in group)
    return [event for event in events if not any(start <= event.at < end for start, end in out)]


def _sum(events: Sequence[Event]) -> float:
    return math.fsum(event.value for event in events)


def _thresholds(slo: Slo) -> JsonValue:
    listed = slo.object["thresholds"]
    return {str(t["timeframe"]): t for t in listed if isinstance(t, dict)} if isinstance(listed, list) else {}


def _overall(slo: Slo, good: float, total: float) -> JsonValue:
    if total == 0:
        return {"name": slo.object["name"], "sli_value": None, "uptime": None, "state": "no_data", "errors": [NOTHING]}
    value = round(100 * good / total, 6)
    return {
        "name": slo.object["name"], "sli_value": value, "uptime": value, "state": "ok", "errors": [],
        "span_precision": 2.0, "precision": {"30d": 2.0, "custom": 2.0}, "preview": False,
    }  # fmt: skip


def _series(slo: Slo, good: Sequence[Event], total: Sequence[Event], step: float) -> JsonValue:
    """The vendor asks with default_zero, so a step without events is a zero and not left out."""
    times = sorted({event.at // step * step for event in total})
    return {
        "res_type": "time_series", "resp_version": 2, "interval": int(step),
        "query": f"{_query(slo, 'numerator')}, {_query(slo, 'denominator')}",
        "times": [at * 1000 for at in times], "numerator": _side(good, times, step),
        "denominator": _side(total, times, step),
    }  # fmt: skip


def _side(events: Sequence[Event], times: Sequence[float], step: float) -> JsonValue:
    sums = dict.fromkeys(times, 0.0)
    for event in events:
        at = event.at // step * step
        sums[at] = sums.get(at, 0.0) + event.value
    return {"count": len(events), "sum": _sum(events), "values": [sums[at] for at in times], "metadata": {"unit": None}}
