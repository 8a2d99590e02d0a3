"""A metric query gives its value, its samples and its points, or says why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from collectors.datadog.facts import MetricAsk
from collectors.datadog.metric import metric
from collectors.evidence import Gap, GapReason, Window
from collectors.sandbox.faults import Fault
from collectors.sandbox.server import Asked, Reply
from tests.acceptance.between import between

RUNS = "sum:invoice_recon.runs.completed{env:production}.as_count()"
ACCEPTANCE = "avg:invoice_recon.acceptance{env:production}"
SCALAR, SERIES = "/api/v2/query/scalar", "/api/v2/query/timeseries"


def drill(flip: str) -> Window:
    at = datetime.fromisoformat(flip)
    return Window(start=at - timedelta(minutes=30), end=at + timedelta(minutes=90))


@pytest.mark.parametrize(
    ("query", "aggregator", "value", "unit"),
    [
        (ACCEPTANCE, "avg", 92.0, "percent"),
        ("p95:invoice_recon.latency{env:production}", "percentile", 13.0, "seconds"),
        ("avg:invoice_recon.hours_saved_per_week{env:production}", "avg", 5.0, "hours"),
    ],
)
def test_the_pilots_actuals_are_those_of_the_seed(either, pointers, query, aggregator, value, unit):
    """Both worlds ran the same pilot."""
    evidence = either.evidence(MetricAsk(query=query, window=either.pilot, aggregator=aggregator, samples=RUNS))

    assert (evidence.facts.value.value, evidence.facts.value.unit) == (value, unit)
    assert evidence.facts.samples.value >= 200
    assert {"/value/values/0", "/samples/values/0", "/query"} <= set(pointers(evidence))


def test_questions_about_one_window_share_their_requests(lab):
    asks = [MetricAsk(query=query, window=lab.pilot, samples=RUNS) for query in (ACCEPTANCE, RUNS)]

    answers = lab.ask(*asks)

    assert [call.path for call in lab.calls] == [SCALAR, SERIES]
    assert [[call.path for call in answer.calls] for answer in answers] == [[SCALAR, SERIES]] * 2


def test_a_query_that_the_vendor_refuses_does_not_spoil_the_others(lab):
    good, bad = lab.ask(
        MetricAsk(query=ACCEPTANCE, window=lab.pilot), MetricAsk(query="acceptance, please", window=lab.pilot)
    )

    assert good.facts.value.value == 92.0
    assert isinstance(bad, Gap)
    assert bad.reason == GapReason.MALFORMED
    assert "unable to parse acceptance, please" in bad.what


@pytest.mark.parametrize(
    "query",
    ["avg:invoice_recon.acceptence{env:production}", "avg:invoice_recon.acceptance{env:prod}"],
    ids=["unknown metric", "unknown scope"],
)
def test_no_data_is_no_value_and_no_samples_never_zero(lab, pointers, query):
    evidence = lab.evidence(MetricAsk(query=query, window=lab.pilot, samples=query))

    assert evidence.facts.value is None
    assert evidence.facts.samples.value == 0
    assert evidence.facts.points == ()
    assert pointers(evidence)


def test_without_a_counting_query_the_points_are_counted(lab):
    facts = lab.evidence(
        MetricAsk(query="avg:invoice_recon.hours_saved_per_week{env:production}", window=lab.pilot)
    ).facts

    assert (facts.samples.value, facts.samples.unit) == (4, "samples")


def test_runs_in_flight_at_the_second_flip_ended_within_forty_seconds(put_right):
    """A short window comes at ten seconds: a point stands for the ten seconds that begin with it."""
    facts = put_right.evidence(MetricAsk(query=RUNS, window=drill("2026-06-16T14:00-04:00"), aggregator="sum")).facts
    flip = datetime.fromisoformat("2026-06-16T14:00-04:00")

    after = [(point.at - flip).total_seconds() for point in facts.points if point.at >= flip]

    assert after[:3] == [10, 20, 30]
    assert after[3] > 3600
    assert facts.interval.value == 10


def test_nothing_ran_around_the_first_flip(lab):
    facts = lab.evidence(MetricAsk(query=RUNS, window=drill("2026-06-08T14:00-04:00"), aggregator="sum")).facts

    assert min(point.at for point in facts.points) > datetime.fromisoformat("2026-06-08T15:00-04:00")


def test_work_went_on_across_both_rotations_and_up_to_the_clock(either):
    window = Window(start=either.pilot.start, end=either.world.clock)
    days = {point.at.date().isoformat() for point in either.evidence(MetricAsk(query=RUNS, window=window)).facts.points}

    assert {"2026-05-27", "2026-05-28", "2026-06-03", "2026-06-04", either.world.clock.date().isoformat()} <= days


def test_a_long_window_comes_in_coarse_steps_and_stays_small(lab):
    evidence = lab.evidence(MetricAsk(query=ACCEPTANCE, window=lab.pilot))

    assert evidence.facts.interval.value == 4 * 3600
    assert len(evidence.to_bytes()) < 20_000


def test_a_single_point_says_nothing_of_its_step(lab):
    at = datetime.fromisoformat("2026-05-29T16:30-04:00")
    window = Window(start=at, end=at + timedelta(hours=1))

    facts = lab.evidence(MetricAsk(query="avg:invoice_recon.hours_saved_per_week{env:production}", window=window)).facts

    assert (len(facts.points), facts.interval.value) == (1, 3600)


def test_more_than_one_series_is_ambiguous(lab):
    gap = lab.gap(MetricAsk(query="avg:invoice_recon.acceptance{*} by {env}", window=lab.pilot))

    assert gap.reason == GapReason.MALFORMED
    assert "single series" in gap.next_step


def scalar(**column: object) -> str:
    return json.dumps({"data": {"attributes": {"columns": [{"name": "q0", "type": "number", **column}]}}})


@pytest.mark.parametrize(
    "body",
    [
        scalar(values=["92"]), scalar(values=[True]), scalar(values=[91, 93]), scalar(values=None), scalar(),
        scalar(values=[92], name="other"), '{"data": {"attributes": {"columns": null}}}', '{"data": null}', "{}", "[]",
        scalar(values=[92]).replace("92", "NaN"), scalar(values=[92]).replace("92", "1e999"),
        '{"data": {"attributes": {"columns": []}}, "errors": "query timed out"}',
    ],
)  # fmt: skip
def test_an_answer_that_is_not_one_number_is_malformed(lab, body):
    lab.break_with(Fault(kind="status", status=200, path=SCALAR, body=body))

    assert lab.gap(MetricAsk(query=ACCEPTANCE, window=lab.pilot)).reason == GapReason.MALFORMED


@pytest.mark.parametrize(
    "body", [scalar(values=[None]), scalar(values=[]), '{"data": {"attributes": {"columns": []}}}']
)
def test_null_and_nothing_are_no_data(lab, body):
    lab.break_with(Fault(kind="status", status=200, path=SCALAR, body=body))

    assert lab.evidence(MetricAsk(query=ACCEPTANCE, window=lab.pilot)).facts.value is None


def test_nulls_are_left_out_of_the_points_and_units_may_be_missing(lab, pointers):
    attributes = {"times": [1000, 2000, 3000], "values": [[None, 4, None]], "series": None}
    lab.break_with(
        Fault(kind="status", status=200, path=SCALAR, body=scalar(values=[4], meta={"unit": None})),
        Fault(kind="status", status=200, path=SERIES, body=json.dumps({"data": {"attributes": attributes}})),
    )

    evidence = lab.evidence(MetricAsk(query=ACCEPTANCE, window=lab.pilot))

    assert [point.value for point in evidence.facts.points] == [4]
    assert evidence.facts.value.unit == ""
    assert pointers(evidence)


@pytest.mark.parametrize(
    "attributes",
    [
        {"times": [1000], "values": [["4"]]}, {"times": [1000, 2000], "values": [[4]]},
        {"times": ["soon"], "values": [[4]]}, {"times": [1000], "values": []},
        {"times": None, "values": []}, {"values": [[4]]}, {"times": [1000], "values": [[1], [2]], "series": []}, None,
    ],
)  # fmt: skip
def test_a_series_that_does_not_fit_together_is_malformed(lab, attributes):
    body = json.dumps({"data": {"attributes": attributes}})
    lab.break_with(Fault(kind="status", status=200, path=SERIES, body=body))

    assert lab.gap(MetricAsk(query=ACCEPTANCE, window=lab.pilot)).reason == GapReason.MALFORMED


def test_a_blank_in_a_short_window_may_be_the_run_that_went_on(lab):
    """Over a month a blank is no data; around a flip it would turn "still running" into "nothing was seen"."""
    short = Window(start=lab.pilot.start, end=lab.pilot.start + timedelta(minutes=90))
    first = int(short.start.timestamp() * 1000)
    attributes = {"times": [first, first + 60_000], "values": [[1, None]], "series": None}
    lab.break_with(
        Fault(kind="status", status=200, path=SCALAR, body=scalar(values=[1])),
        Fault(kind="status", status=200, path=SERIES, body=json.dumps({"data": {"attributes": attributes}})),
    )

    gap = lab.gap(MetricAsk(query=ACCEPTANCE, window=short))

    assert gap.reason == GapReason.MALFORMED
    assert "names 1 times without a value" in gap.what


def test_a_window_older_than_the_vendor_keeps_is_told_in_its_words(lab):
    old = Window(start=lab.pilot.start - timedelta(days=900), end=lab.pilot.end - timedelta(days=900))

    gap = lab.gap(MetricAsk(query=ACCEPTANCE, window=old))

    assert gap.status == 400
    assert "outside the retention date" in gap.what


@pytest.mark.parametrize(("aggregator", "other"), [("max", "min"), ("min", "max")])
def test_an_extreme_of_averages_is_no_extreme(lab, aggregator, other):
    """A month comes in steps of hours, each of them an average unless the query says otherwise."""
    for query in (ACCEPTANCE, f"{ACCEPTANCE}.rollup({other})", f"{ACCEPTANCE}.rollup(avg, 60)"):
        gap = lab.gap(MetricAsk(query=query, window=lab.pilot, aggregator=aggregator))
        assert gap.reason == GapReason.MALFORMED
        assert f".rollup({aggregator})" in gap.next_step
    assert lab.proxy.seen == []


@pytest.mark.parametrize("aggregator", ["max", "min"])
def test_an_extreme_of_extremes_is_one(lab, aggregator):
    query = f"{ACCEPTANCE}.rollup({aggregator}, 3600)"
    series = json.dumps({"data": {"attributes": {"times": [1000], "values": [[97]], "series": []}}})
    lab.break_with(
        Fault(kind="status", status=200, path=SCALAR, body=scalar(values=[97])),
        Fault(kind="status", status=200, path=SERIES, body=series),
    )

    assert lab.evidence(MetricAsk(query=query, window=lab.pilot, aggregator=aggregator)).facts.value.value == 97


def emptied(asked: Asked, whole: Callable[[], Reply]) -> Reply:
    """A series one of whose values was lost on the way."""
    reply = whole()
    if asked.path != SERIES:
        return reply
    body = json.loads(reply.body)
    row = body["data"]["attributes"]["values"][0]
    row[row.index(max(row))] = None
    return replace(reply, body=json.dumps(body).encode())


def test_a_count_whose_points_lost_a_value_is_malformed(put_right):
    """A run that ended after the switch would be gone. Over the pilot a time without a value is no value, as ever."""
    runs = MetricAsk(query=RUNS, window=drill("2026-06-16T14:00:00-04:00"), aggregator="sum")
    level = runs.model_copy(update={"query": ACCEPTANCE, "aggregator": "avg", "window": put_right.pilot})

    with between(put_right.url, emptied) as url:
        there = replace(put_right.conn, datadog=replace(put_right.conn.datadog, base_url=url))
        answer, other = metric(there, [runs]) + metric(there, [level])

    assert isinstance(answer, Gap)
    assert (answer.reason, "a sum that holds more" in answer.what) == (GapReason.MALFORMED, True)
    assert not isinstance(other, Gap)
