"""Collector `datadog.synthetics`: whether a synthetic API test is live, and what its runs within a window came to.

Asked for: the test, and its results in the window. The vendor gives at most 150 results and no pages, and does not say
in which order; where so many come, each half of the window is asked for by itself. Out of scope: tests in a browser, on
a phone or of a network (other routes, whose results tell no `passed`), what a run was answered, and whom it tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from datadog_api_client.v1.api.synthetics_api import SyntheticsApi
from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.facts import SyntheticsAsk, SyntheticsFacts, SyntheticsRun
from collectors.datadog.reading import Shape, at, capped, epoch_ms, listing, mapping, number, pick, text, without_people
from collectors.errors import Malformed, Truncated
from collectors.evidence import (
    Answer,
    Completeness,
    Duration,
    Evidence,
    Number,
    Origin,
    Resource,
    State,
    Time,
    Window,
    pointer,
)
from collectors.several import AT_ONCE

SCOPE = "synthetics_read"
MOST = 150  # results of one answer
HALVINGS = 5  # to a thirty-second of the window
SLACK = timedelta(minutes=1)  # by which a result may lie outside of what was asked
STATES = ("live", "paused")
TEST: Shape = {
    "public_id": None, "name": None, "type": None, "subtype": None, "status": None, "locations": None,
    "monitor_id": None, "options": {"tick_every": None},
}  # fmt: skip
RESULT: Shape = {"result_id": None, "check_time": None, "probe_dc": None, "status": None, "result": {"passed": None}}

Read = dict[str, JsonValue]


def synthetics(conn: Connections, asks: Sequence[SyntheticsAsk]) -> Iterable[Answer]:
    """State and interval of a synthetic API test, and every run within a window with its location and outcome."""
    return answer_batch(conn, asks, lambda dd: partial(_answer, dd), at_once=AT_ONCE)


def _answer(dd: Session, ask: SyntheticsAsk) -> Evidence:
    before = len(dd.log.calls)
    test, assertions = _test(dd, ask)
    found: dict[str, Read] = {}
    _results(dd, ask, ask.window, HALVINGS, found)
    told = _told(ask)
    within = [one for one in found.values() if ask.window.holds(_checked(one, told))]
    within.sort(key=lambda one: _checked(one, told), reverse=True)
    calls = dd.log.calls[before:]
    return dd.evidence(
        ask, _facts(test, assertions, within, told),
        {"test": test, "assertions": list(assertions), "results": list(within)},
        link=f"/synthetics/details/{ask.test}", calls=calls,
        completeness=Completeness(pages=len(calls) - 1, items=len(within)),
        redacted=("config.request", "config.variables", "message", "creator"),
    )  # fmt: skip


def _told(ask: SyntheticsAsk) -> str:
    return f"synthetic test {ask.test}"


def _test(dd: Session, ask: SyntheticsAsk) -> tuple[Read, list[JsonValue]]:
    """The test without what it sends, and of what kind its assertions are."""
    told = f"Datadog's {_told(ask)}"
    raw = mapping(dd.ask(_told(ask), SCOPE, lambda: dd.api(SyntheticsApi).get_test(public_id=ask.test)), told)
    if raw.get("public_id") != ask.test:
        raise Malformed(f"Datadog answered the question about {_told(ask)} with another test", status=200)
    if raw.get("type") != "api":
        raise Malformed(f"{told} is of a kind that is not read here; name an API test", status=200)
    if raw.get("status") not in STATES:
        raise Malformed(f"{told} does not say whether it is live", status=200)
    return mapping(without_people(pick(raw, TEST)), told), _assertions(mapping(raw.get("config"), told), told)


def _assertions(config: Read, told: str) -> list[JsonValue]:
    """Those of the test, or of its steps where it has several."""
    steps = listing(config.get("steps") or [], told)
    held = [config, *(mapping(step, told) for step in steps)]
    every = [mapping(one, told) for each in held for one in listing(each.get("assertions") or [], told)]
    return [text(one.get("type")) or "not told" for one in every]


def _results(dd: Session, ask: SyntheticsAsk, span: Window, halvings: int, found: dict[str, Read]) -> None:
    """Adds the results of the span by their ids; by halves where one answer may not hold them all."""
    told = f"{_told(ask)}, results for {span.start.isoformat()} to {span.end.isoformat()}"
    call = partial(
        dd.api(SyntheticsApi).get_api_test_latest_results, public_id=ask.test, from_ts=_ms(span.start),
        to_ts=_ms(span.end),
    )  # fmt: skip
    body = dd.ask(told, SCOPE, call)
    listed = listing(at(body, "results"), f"Datadog's {told}")
    if len(listed) < MOST:
        found.update(_kept(one, span, f"Datadog's {told}") for one in listed)
        return
    if halvings == 0:
        raise Truncated(f"Datadog's {told}: {len(listed)} came, and there may be more", status=200)
    middle = span.start + (span.end - span.start) / 2
    for half in (Window(start=span.start, end=middle), Window(start=middle, end=span.end)):
        _results(dd, ask, half, halvings - 1, found)


def _kept(result: JsonValue, span: Window, told: str) -> tuple[str, Read]:
    kept = pick(mapping(result, told), RESULT)
    id, checked = text(kept.get("result_id")), _checked(kept, told)
    if id is None:
        raise Malformed(f"{told}: one has no id", status=200)
    if not span.start - SLACK <= checked <= span.end + SLACK:
        raise Malformed(f"{told}: one is of {checked.isoformat()}, which was not asked for", status=200)
    return id, kept


def _checked(result: Read, told: str) -> datetime:
    return epoch_ms(result.get("check_time"), told)


def _facts(test: Read, assertions: Sequence[JsonValue], results: Sequence[Read], told: str) -> SyntheticsFacts:
    every, name = number(at(test, "options", "tick_every")), text(test.get("name"))
    if every is None or every <= 0:
        raise Malformed(f"Datadog's {told} does not say how often it runs", status=200)
    return SyntheticsFacts(
        test=Resource(
            value=capped(name or str(test["public_id"]), 200), pointer="/test/name" if name else "/test/public_id"
        ),
        status=State(value=str(test["status"]), pointer="/test/status"),
        every=Duration(value=every, pointer="/test/options/tick_every"),
        assertions=Number(value=len(assertions), unit="assertions", origin=Origin.CODE),
        runs=tuple(_run(one, i, told) for i, one in enumerate(results)),
    )


def _run(result: Read, i: int, told: str) -> SyntheticsRun:
    location, passed = text(result.get("probe_dc")), at(result, "result", "passed")
    if location is None or not isinstance(passed, bool):
        raise Malformed(f"Datadog's {told}: a result does not say where it ran or whether it passed", status=200)
    checked = _checked(result, told)
    return SyntheticsRun(
        location=Resource(value=capped(location, 200), pointer=pointer("results", i, "probe_dc")),
        checked=Time(value=checked, at=checked, pointer=pointer("results", i, "check_time")),
        outcome=State(value="passed" if passed else "failed", pointer=pointer("results", i, "result", "passed")),
    )


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
