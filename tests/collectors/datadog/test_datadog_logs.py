"""Log events are read to the last page, or not at all."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from collectors.datadog.facts import LogsAsk
from collectors.evidence import GapReason, Window
from collectors.sandbox.faults import Fault
from collectors.sandbox.server import Asked, Reply, reply_json, serve

SEARCH = "/api/v2/logs/events/search"


@pytest.mark.parametrize(
    ("guardrail", "outcome"),
    [("input_validation", "rejected"), ("tool_allowlist", "blocked"), ("output_schema", "rejected")],
)
def test_each_guardrail_fired_on_the_tenth_of_june(either, pointers, guardrail, outcome):
    evidence = either.evidence(LogsAsk(query=f"service:invoice-recon @guardrail:{guardrail}", window=either.pilot))

    (event,) = evidence.facts.events
    assert (event.outcome.value, event.at.value.date().isoformat()) == (outcome, "2026-06-10")
    assert "/events/0/attributes/attributes/outcome" in pointers(evidence)


@pytest.mark.parametrize(
    "query", ["service:invoice-recon @guardrail:kill_switch", "service:other @guardrail:output_schema"]
)
def test_a_query_that_nothing_matches_counts_none(lab, query):
    facts = lab.evidence(LogsAsk(query=query, window=lab.pilot)).facts

    assert (facts.count.value, facts.events) == (0, ())


def test_an_event_outside_the_window_does_not_count(lab):
    before = Window(start=lab.pilot.start, end=lab.pilot.start + timedelta(days=5))

    assert lab.evidence(LogsAsk(query="@guardrail:output_schema", window=before)).facts.count.value == 0


def test_a_long_list_is_read_page_by_page_to_its_end(lab):
    """Each page points on; the last one is bare. All are counted, the newest of each outcome are kept."""
    evidence = lab.evidence(LogsAsk(query="service:invoice-recon", window=lab.pilot))

    assert evidence.completeness.pages == 5
    assert evidence.facts.count.value == evidence.completeness.items > 3000
    assert 1000 <= len({event.event.value for event in evidence.facts.events}) < evidence.facts.count.value
    assert "the newest 1000 of each outcome kept" in evidence.completeness.note
    times = [event.at.value for event in evidence.facts.events]
    assert times == sorted(times)


def test_what_a_log_line_says_beyond_the_query_is_not_kept(lab):
    text = lab.evidence(LogsAsk(query="@guardrail:tool_allowlist", window=lab.pilot)).to_bytes().decode()

    assert "netsuite.write" not in text
    assert "finance-agents-1" not in text


def page(*events: object, **meta: object) -> str:
    return json.dumps({"data": list(events), "meta": meta})


def event(timestamp: object = "2026-05-20T13:00:00Z", **attributes: object) -> dict:
    return {"id": "e1", "attributes": {"timestamp": timestamp, "attributes": attributes}}


@pytest.mark.parametrize(
    ("attributes", "outcome"),
    [
        ({"outcome": "blocked"}, "blocked"), ({"outcome": True}, "true"), ({"outcome": 2}, "2"), ({}, None),
        ({"outcome": None}, None), ({"outcome": ""}, None), ({"outcome": ["blocked"]}, None),
        ({"outcome": {"a": 1}}, None),
    ],
)  # fmt: skip
def test_an_event_that_does_not_say_its_outcome_has_none(lab, attributes, outcome):
    lab.break_with(Fault(kind="status", status=200, path=SEARCH, body=page(event(**attributes))))

    (found,) = lab.evidence(LogsAsk(query="*", window=lab.pilot)).facts.events

    assert (found.outcome and found.outcome.value) == outcome


@pytest.mark.parametrize("attributes", [{"evt": {"outcome": "blocked"}}, {"evt.outcome": "blocked"}])
def test_an_outcome_may_be_nested_or_carry_its_dots(lab, pointers, attributes):
    lab.break_with(Fault(kind="status", status=200, path=SEARCH, body=page(event(**attributes))))

    evidence = lab.evidence(LogsAsk(query="@evt.name:x", window=lab.pilot, outcome="@evt.outcome"))

    assert evidence.facts.events[0].outcome.value == "blocked"
    assert pointers(evidence)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (page(event(), status="timeout"), GapReason.TRUNCATED),
        (
            page(event(), warnings=[{"code": "unknown_index", "title": "One or more indexes are missing"}]),
            GapReason.TRUNCATED,
        ),
        (page(event(timestamp=None)), GapReason.MALFORMED),
        (page(event(timestamp="2026-05-20 13:00")), GapReason.MALFORMED),
        (page({"attributes": {}}), GapReason.MALFORMED),
        (page(None), GapReason.MALFORMED),
        ('{"data": null}', GapReason.MALFORMED),
        (page(event(), page={"after": "same"}), GapReason.TRUNCATED),
    ],
)
def test_a_partial_or_broken_list_is_never_a_short_list(lab, body, reason):
    lab.break_with(Fault(kind="status", status=200, path=SEARCH, body=body))

    assert lab.gap(LogsAsk(query="*", window=lab.pilot)).reason == reason


def test_a_failure_on_a_later_page_loses_the_whole_list(lab):
    lab.break_with(Fault(kind="status", status=403, path=SEARCH, after=2))

    assert lab.gap(LogsAsk(query="service:invoice-recon", window=lab.pilot)).reason == GapReason.DENIED


class Endless:
    """A search that always points on."""

    def __init__(self) -> None:
        self.pages = 0

    def answer(self, asked: Asked) -> Reply:
        self.pages += 1
        one = event() | {"id": f"e{self.pages}"}
        return reply_json({"data": [one], "meta": {"page": {"after": f"c{self.pages}"}}})


def test_a_list_without_an_end_is_truncated_at_the_cap(lab):
    endless = Endless()
    running = serve(endless)
    lab.proxy.upstream = running.url

    gap = lab.gap(LogsAsk(query="*", window=lab.pilot))
    running.close()

    assert gap.reason == GapReason.TRUNCATED
    assert endless.pages == 100


def test_the_window_is_asked_in_absolute_times_on_every_page(lab):
    """With `now` in it each page would be of another window."""
    lab.evidence(LogsAsk(query="service:invoice-recon", window=lab.pilot))
    filters = [json.loads(call.query)["filter"] for call in lab.calls]

    assert len(filters) == 5
    assert filters == [
        {"query": "service:invoice-recon", "from": lab.pilot.start.isoformat(), "to": lab.pilot.end.isoformat()}
    ] * len(filters)
