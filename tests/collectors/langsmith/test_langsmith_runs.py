"""langsmith.run_stats and langsmith.guardrail_runs: numbers and events of a window, or the reason why not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from agent.cards import Guardrail
from agent.domain import Outcome
from agent.probes.guardrails import guardrail_fired
from collectors.datadog.facts import LogsFacts, MetricFacts
from collectors.evidence import GapReason, Window
from collectors.langsmith.facts import GuardrailRunsAsk, RunStatsAsk
from collectors.langsmith.guardrails import guardrail_runs
from collectors.langsmith.stats import run_stats
from collectors.sandbox.faults import Fault
from tests.collectors.failures import long_enough
from tests.collectors.optional_place import FAILURES, Place, assert_pointers_lead_to_values, evidence_of, gap_of

PROJECT = "finance-invoice-recon"
QUERY, STATS = "/api/v1/runs/query", "/api/v1/runs/stats"
NEW_YORK = "-04:00"


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T00:00{NEW_YORK}")


PILOT = Window(start=day("2026-05-13"), end=day("2026-06-12"))


def stats_ask(statistic: str = "run_count", window: Window = PILOT, **fields: Any) -> RunStatsAsk:
    return RunStatsAsk(**{"project": PROJECT, "window": window, "statistic": statistic, **fields})


def guardrail_ask(tag: str = "input_validation", window: Window = PILOT, **fields: Any) -> GuardrailRunsAsk:
    return GuardrailRunsAsk(**{"project": PROJECT, "filter": f'has(tags, "{tag}")', "window": window, **fields})


def metric(here: Place, ask: RunStatsAsk) -> MetricFacts:
    facts = evidence_of(run_stats(here.conn, [ask])[0]).facts
    assert isinstance(facts, MetricFacts)
    return facts


def logs(here: Place, ask: GuardrailRunsAsk) -> LogsFacts:
    facts = evidence_of(guardrail_runs(here.conn, [ask])[0]).facts
    assert isinstance(facts, LogsFacts)
    return facts


@pytest.mark.parametrize("world", ["as-written", "put-right"])
@pytest.mark.parametrize(
    ("statistic", "value", "unit", "samples"),
    [
        ("run_count", 704, "runs", 704),
        ("latency_p50", 7, "seconds", 704),
        ("latency_p99", 13, "seconds", 704),
        ("error_rate", 0, "fraction", 704),
        ("feedback.acceptance", 0.9205, "", 704),
    ],
)
def test_the_pilot_s_numbers_are_the_same_in_both_worlds(place, world, statistic, value, unit, samples):
    answer = run_stats(place(world).conn, [stats_ask(statistic)])[0]
    facts = evidence_of(answer).facts
    assert isinstance(facts, MetricFacts)
    assert facts.value is not None
    assert (facts.value.value, facts.value.unit, facts.samples.value) == (value, unit, samples)
    assert_pointers_lead_to_values(answer)


def test_the_window_is_half_open_and_asked_with_its_offset(place):
    here = place()
    one_day = metric(here, stats_ask(window=Window(start=day("2026-06-10"), end=day("2026-06-11"))))
    assert one_day.samples.value == 32
    assert b"2026-06-10T00:00:00-04:00" in here.faults.seen[-1].body


@pytest.mark.parametrize("statistic", ["run_count", "latency_p50", "feedback.acceptance"])
def test_without_a_run_nothing_was_measured_which_is_not_zero(place, statistic):
    """A filter that matches nothing may simply be wrong."""
    assert metric(place(), stats_ask(statistic, filter='eq(name, "invoice-recon")')).value is None


def test_a_score_that_nobody_gave_is_no_value(place):
    assert metric(place(), stats_ask("feedback.helpfulness")).value is None


@pytest.mark.parametrize(
    ("statistic", "change"),
    [
        ("latency_p50", {"latency_p50": "7"}),
        ("latency_p50", {"latency_p50": float("nan")}),
        ("latency_p50", {"run_count": None}),
        ("latency_p50", {"run_count": -1}),
        ("feedback.acceptance", {"feedback_stats": {"acceptance": {"n": "704", "avg": 1}}}),
        ("feedback.acceptance", {"feedback_stats": {"acceptance": {"n": 704, "avg": True}}}),
    ],
)
def test_a_number_of_another_type_is_malformed(place, statistic, change):
    here = place(edits={STATS: lambda body: body | change})
    gap_of(run_stats(here.conn, [stats_ask(statistic)])[0], GapReason.MALFORMED)


def test_a_null_statistic_is_no_value(place):
    here = place(edits={STATS: lambda body: body | {"latency_p50": None}})
    assert metric(here, stats_ask("latency_p50")).value is None


def test_a_statistic_that_langsmith_does_not_have_is_refused_at_once():
    """There is no p95."""
    with pytest.raises(ValidationError):
        stats_ask("latency_p95")


@pytest.mark.parametrize("ask", [stats_ask(), guardrail_ask()])
def test_a_window_older_than_the_retention_is_blind_and_not_smaller(place, ask):
    """The base tier keeps 14 days and the pilot began 30 days ago: what is left is not all of it."""

    def short(world: Any) -> None:
        world["projects"][0]["trace_tier"] = "shortlived"

    collector = run_stats if isinstance(ask, RunStatsAsk) else guardrail_runs
    gap = gap_of(collector(place(data=short).conn, [ask])[0], GapReason.BLIND)
    assert "for 14 days" in gap.what


def test_a_recent_window_needs_no_word_about_retention(place):
    def silent(world: Any) -> None:
        world["projects"][0]["trace_tier"] = None

    here = place(data=silent)
    window = Window(start=here.world.clock - timedelta(days=3), end=here.world.clock)
    assert metric(here, stats_ask(window=window)).samples.value > 0
    gap_of(run_stats(here.conn, [stats_ask()])[0], GapReason.MALFORMED)


@pytest.mark.parametrize("world", ["as-written", "put-right"])
@pytest.mark.parametrize(
    ("tag", "outcome"), [("input_validation", "rejected"), ("tool_allowlist", "blocked"), ("output_schema", "rejected")]
)
def test_each_guardrail_fired_in_both_worlds(place, world, tag, outcome):
    """The outcome stands in a run's outputs, or in its metadata."""
    answer = guardrail_runs(place(world).conn, [guardrail_ask(tag)])[0]
    facts = evidence_of(answer).facts
    assert isinstance(facts, LogsFacts)
    (event,) = facts.events
    assert event.outcome is not None
    assert (event.outcome.value, event.at.value.date().isoformat()) == (outcome, "2026-06-10")
    assert_pointers_lead_to_values(answer)


def test_the_rule_about_guardrails_takes_these_facts_as_they_are(place):
    guardrail = Guardrail(id="input_validation", query="", outcomes=("blocked", "rejected"))
    found = guardrail_fired(logs(place(), guardrail_ask()), guardrail=guardrail, window=PILOT)
    assert found.outcome is Outcome.PASS
    quiet = guardrail_fired(logs(place(), guardrail_ask("none")), guardrail=guardrail, window=PILOT)
    assert quiet.outcome is Outcome.UNKNOWN


def test_a_run_that_does_not_say_its_outcome_is_kept_without_one(place):
    (event,) = logs(place(), guardrail_ask(outcome="verdict.word")).events
    assert event.outcome is None


def test_every_page_is_read(place):
    here = place()
    assert logs(here, guardrail_ask(filter='eq(name, "invoice_recon")')).count.value == 704
    assert here.asked().count(("POST", QUERY)) == 8


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body | {"cursors": {"next": "100"}},
        lambda body: body | {"runs": [], "cursors": {"next": "9"}},
    ],
)
def test_a_list_that_does_not_end_is_truncated(place, change):
    here = place(edits={QUERY: change})
    gap_of(guardrail_runs(here.conn, [guardrail_ask()])[0], GapReason.TRUNCATED)


def run_with(**fields: Any):
    def edit(body: Any) -> Any:
        for name, value in fields.items():
            body["runs"][0].pop(name, None)
            if value is not ...:
                body["runs"][0][name] = value
        return body

    return {QUERY: edit}


@pytest.mark.parametrize(
    "fields",
    [
        {"start_time": ...},
        {"start_time": 7},
        {"start_time": "yesterday"},
        {"start_time": "2026-06-20T10:00:00"},  # outside the window that was asked for
        {"id": None},
    ],
)
def test_a_run_without_id_or_time_in_the_window_is_malformed(place, fields):
    gap_of(guardrail_runs(place(edits=run_with(**fields)).conn, [guardrail_ask()])[0], GapReason.MALFORMED)


@pytest.mark.parametrize("body", [{}, {"runs": None}, {"runs": [7]}, {"runs": {}}, []])
def test_an_answer_of_another_shape_is_malformed(place, body):
    here = place(edits={QUERY: lambda _: body})
    gap_of(guardrail_runs(here.conn, [guardrail_ask()])[0], GapReason.MALFORMED)


def test_what_people_wrote_into_a_run_is_not_kept(place):
    here = place(edits=run_with(outputs={"outcome": "rejected by m@acme.example", "document": "confidential"}))
    kept = evidence_of(guardrail_runs(here.conn, [guardrail_ask()])[0]).to_bytes().decode()
    assert "confidential" not in kept
    assert "acme.example" not in kept


def test_a_filter_that_langsmith_does_not_understand_is_told(place):
    gap = gap_of(guardrail_runs(place().conn, [guardrail_ask(filter="tag:x")])[0], GapReason.MALFORMED)
    assert gap.status == 400


@pytest.mark.parametrize(("fault", "reason"), FAILURES)
@pytest.mark.parametrize("path", [STATS, QUERY])
def test_each_failure_has_its_name(place, path, fault, reason):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault.model_copy(update={"path": path}))
    answer = run_stats(here.conn, [stats_ask()]) if path == STATS else guardrail_runs(here.conn, [guardrail_ask()])
    gap = gap_of(answer[0], reason)
    assert path in gap.what
    assert PROJECT in gap.what


def test_a_passing_failure_is_asked_again(place):
    here = place()
    here.faults.set(Fault(kind="status", status=503, times=1, path=STATS))
    assert metric(here, stats_ask()).samples.value == 704
