"""Many subjects are answered together, and each gets what its own query would have got alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from collectors.datadog.facts import MetricAsk
from collectors.evidence import Evidence, Gap, GapReason
from collectors.sandbox.faults import Fault

SCALAR, SERIES = "/api/v2/query/scalar", "/api/v2/query/timeseries"
MANY = 25


def query(i: int) -> str:
    return f"avg:invoice_recon.latency{{env:production,subject:s{i}}}"


def runs(i: int) -> str:
    return f"sum:invoice_recon.runs.completed{{env:production,subject:s{i}}}.as_count()"


def subjects(count: int, but: int | None = None) -> Callable[[dict[str, Any]], None]:
    """So many subjects in one account that each does a run every so often; `but` never does one."""

    def change(data: dict[str, Any]) -> None:
        hours = {"days": [0, 1, 2, 3, 4], "start": 8, "end": 18}
        data["runs"] += [
            {"tags": {"env": "production", "subject": f"s{i}"}, "since": "2026-05-04", "hours": hours,
             "every": 3600 * (1 + i % 5)}
            for i in range(count) if i != but
        ]  # fmt: skip

    return change


@pytest.fixture
def many(changed_once):
    return changed_once(subjects(MANY, but=7))


def asks(lab: Any, count: int = MANY) -> list[MetricAsk]:
    return [MetricAsk(query=query(i), window=lab.pilot, samples=runs(i)) for i in range(count)]


def told(answer: Evidence) -> tuple[object, ...]:
    """All that the facts say."""
    facts = answer.facts.model_dump(mode="json")
    return json.dumps(facts, sort_keys=True), answer.body["query"]


def test_subjects_of_one_account_are_answered_by_grouped_queries(many):
    """Two for the values and one for the points, and one more each for the subject that was not in them."""
    answers = many.ask(*asks(many))

    assert all(isinstance(answer, Evidence) for answer in answers)
    assert [call.path for call in many.calls] == [SCALAR] * 3 + [SERIES] * 2
    assert "subject IN (s0,s1,s10" in many.calls[0].query


def test_each_gets_what_its_query_alone_would_have_got(many, pointers):
    together = many.ask(*asks(many))

    for i in (0, 4, 7, 24):
        assert told(together[i]) == told(many.evidence(asks(many)[i]))
        assert pointers(together[i])


def test_a_body_holds_its_own_subject_and_its_query_and_no_other_subjects_values(many):
    third = many.ask(*asks(many))[3]

    assert third.body["query"] == query(3)
    assert third.body["value_group"] == {"name": "subject", "type": "group", "values": [["s3"]]}
    assert third.body["samples_group"]["values"] == [["s3"]]
    assert [row["group_tags"] for row in third.body["series"]["series"]] == [["subject:s3"]]
    assert [len(row) for row in third.body["series"]["values"]] == [len(third.facts.points)]


def test_a_subject_that_is_not_in_the_grouped_answer_is_asked_alone_and_has_no_data(many):
    silent = many.ask(*asks(many))[7]

    assert silent.facts.value is None
    assert silent.facts.samples.value == 0
    assert query(7) in silent.calls[-1].query


def group_answer(**changes: object) -> str:
    tags = {"name": "subject", "type": "group", "values": [["s0"]]}
    numbers = {"name": "q0", "type": "number", "values": [99.0], "meta": {"unit": None}}
    columns = [tags | {k: v for k, v in changes.items() if k == "values" or k == "name"}, numbers]
    if "numbers" in changes:
        columns[1] = numbers | {"values": changes["numbers"]}
    return json.dumps({"data": {"attributes": {"columns": changes.get("columns", columns)}}})


@pytest.mark.parametrize(
    "body",
    [
        group_answer(values=[["s0", "s1"]]), group_answer(values=[["stranger"]]), group_answer(values=["s0"]),
        group_answer(values=[["s0"], ["s0"]], numbers=[1, 2]), group_answer(values=[["s0"], ["s1"]]),
        group_answer(name="env"), group_answer(columns=[]), group_answer(numbers=[None]), group_answer(values=[]),
        group_answer(numbers=["99"]),
    ],
)  # fmt: skip
def test_a_grouped_answer_that_is_not_just_these_groups_answers_nobody(many, body):
    """A series that carries two values of the tag would be missing in both; each is then asked as it stands."""
    right = [answer.facts.value for answer in many.ask(*asks(many))]
    many.break_with(Fault(kind="status", status=200, path=SCALAR, body=body, times=2))

    answers = many.ask(*asks(many))

    assert [answer.facts.value for answer in answers] == right


@pytest.mark.parametrize("tags", [["subject:s0", "subject:s1"], ["subject:stranger"], [], None, ["env:s0"], [7]])
def test_a_row_of_other_tags_answers_nobody(many, tags):
    right = [answer.facts.points for answer in many.ask(*asks(many))]
    row = {"group_tags": tags, "query_index": 0, "unit": None}
    body = json.dumps({"data": {"attributes": {"times": [1000], "values": [[5]], "series": [row]}}})
    many.break_with(Fault(kind="status", status=200, path=SERIES, body=body, times=1))

    assert [answer.facts.points for answer in many.ask(*asks(many))] == right


def test_groups_that_were_left_off_are_asked_alone(many):
    """Whether the vendor cut the list cannot be seen in it."""
    right = [answer.facts.value for answer in many.ask(*asks(many))]
    many.break_with(Fault(kind="status", status=200, path=SCALAR, body=group_answer(values=[], numbers=[]), times=1))

    assert [answer.facts.value for answer in many.ask(*asks(many))] == right


def test_a_refusal_of_the_group_is_everybodys_gap(many):
    many.break_with(Fault(kind="status", status=403, path=SCALAR))

    answers = many.ask(*asks(many))

    assert {answer.reason for answer in answers if isinstance(answer, Gap)} == {GapReason.DENIED}
    assert all(isinstance(answer, Gap) and answer.scope == "timeseries_query" for answer in answers)


def test_one_bad_query_among_twenty_costs_only_itself_and_a_few_calls(lab):
    questions = [MetricAsk(query=f"avg:invoice_recon.m{i}{{*}}", window=lab.pilot) for i in range(19)]

    *good, bad = lab.ask(*questions, MetricAsk(query="not a query", window=lab.pilot))

    assert all(isinstance(answer, Evidence) and answer.facts.value is None for answer in good)
    assert (bad.reason, "unable to parse not a query" in bad.what) == (GapReason.MALFORMED, True)
    assert len(lab.calls) < 15


def test_an_empty_answer_to_several_queries_is_no_answer_to_each(lab):
    """Nothing at all may be a cut list; each is asked again, and says for itself that there is no data."""
    lab.break_with(
        Fault(kind="status", status=200, path=SCALAR, body='{"data": {"attributes": {"columns": []}}}', times=1)
    )
    known, unknown = (f"avg:invoice_recon.{name}{{env:production}}" for name in ("acceptance", "acceptence"))

    first, second = lab.ask(*(MetricAsk(query=query, window=lab.pilot) for query in (known, unknown)))

    assert (first.facts.value.value, second.facts.value) == (92.0, None)


def test_a_value_without_points_among_several_is_asked_again(lab):
    nothing = json.dumps({"data": {"attributes": {"times": [], "values": [], "series": []}}})
    lab.break_with(Fault(kind="status", status=200, path=SERIES, body=nothing, times=1))

    answers = lab.ask(
        *(
            MetricAsk(query=f"avg:invoice_recon.{name}{{env:production}}", window=lab.pilot)
            for name in ("acceptance", "cost")
        )
    )

    assert all(answer.facts.points for answer in answers)


def test_calls_do_not_grow_with_the_subjects(changed):
    """Sixty subjects whose values, samples and points are asked: three calls."""
    lab = changed(subjects(60))

    lab.ask(*asks(lab, 60))

    assert len(lab.calls) == 3
